from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db


def read(written: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [written])
        return cursor.fetchone()[0]


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7, minutes=30))])))
def test_a_time_comes_back_in_utc_as_it_was_written(moment: datetime) -> None:
    if datetime.min.replace(tzinfo=UTC) <= moment <= datetime.max.replace(tzinfo=UTC):
        found = read(moment)
        assert found == moment
        assert found.tzinfo is UTC


@pytest.mark.parametrize("fraction", ["", ".1", ".12", ".123", ".1234", ".12345", ".123456"])
def test_a_time_is_read_with_any_number_of_digits(fraction: str) -> None:
    assert read(f"2026-11-30 05:50:24{fraction}+00") == datetime.fromisoformat(
        f"2026-11-30 05:50:24.{fraction[1:]:0<6}+00:00"
    )


def test_a_connection_in_another_time_zone_gives_utc_as_well() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kolkata'")
    assert read("2026-11-30 05:50:24+00").isoformat() == "2026-11-30T05:50:24+00:00"


@pytest.mark.parametrize("written", ["infinity", "0044-03-15 12:00:00 BC"])
def test_what_python_has_no_time_for_is_refused(written: str) -> None:
    with pytest.raises(DataError):
        read(written)
