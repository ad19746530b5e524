"""CSV: whole, harmless in a spreadsheet, and never longer than the reader's access."""

import csv

import pytest

from accounts.models import User
from immyrbac import exports
from immyrbac.exports import Column, cell, csv_response, sheet_of
from tests.factories import UserFactory
from tests.immyrbac.test_lists import listing
from tests.reports.shown import cells

pytestmark = pytest.mark.django_db
COLUMNS = [Column("Name", lambda user: user.name), Column("Ends", lambda user: user.access_expires_at)]


def read(scoped, query=""):
    response = csv_response("users", listing(query, paged=False), COLUMNS, scoped)
    return list(csv.reader(line.decode() for line in response))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start):
    assert cell(f"{start}1+1") == f"'{start}1+1"


def test_numbers_and_nothing_stay_what_they_are():
    assert [cell(value) for value in (-5, 1.5, None, "plain", True)] == [-5, 1.5, "", "plain", "True"]


def test_it_is_the_list_in_its_order_whatever_the_chunks(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 3)
    names = sorted(UserFactory(name=f"Name {n:02}").name for n in range(10))
    assert read(User.objects.all, "?sort=-name") == [["Name", "Ends"], *([name, ""] for name in reversed(names))]
    assert len(read(User.objects.all, "?q=Name 03")) == 2


def test_access_that_ends_stops_it_and_says_so(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 3)
    UserFactory.create_batch(7)
    answers = [User.objects.all(), User.objects.all(), None]
    lines = read(lambda: answers.pop(0))
    assert len(lines) == 1 + 6 + 1
    assert lines[-1] == [exports.STOPPED]


def test_slow_readers_are_asked_again_before_500_rows(monkeypatch):
    UserFactory.create_batch(4)
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(exports, "monotonic", lambda: next(clock))
    asked = []
    lines = read(lambda: asked.append(1) or User.objects.all())
    assert len(lines) == 5
    assert len(asked) == 3


def test_what_takes_long_to_tell_is_told_in_smaller_parts(monkeypatch):
    """Not all of it anew for each row, as where one turn takes longer than access is believed."""
    people = UserFactory.create_batch(64)
    now, told = [0.0], []

    def tell(chunk):
        now[0] += 0.5 * len(chunk)
        told.extend(chunk)
        return ([row] for row in chunk)

    monkeypatch.setattr(exports, "monotonic", lambda: now[0])
    response = csv_response("users", listing("", paged=False), COLUMNS, User.objects.all, told=tell)
    assert len(list(response)) == 1 + 64
    assert {row.pk for row in told} == {row.pk for row in people}
    assert len(told) < 64 * 3


def test_rows_that_left_the_scope_are_not_written(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 2)
    users = [UserFactory(name=f"Name {n}") for n in range(4)]
    scopes = [User.objects.all(), User.objects.exclude(pk=users[2].pk), User.objects.exclude(pk=users[2].pk)]
    assert [line[0] for line in read(lambda: scopes.pop(0))] == ["Name", "Name 0", "Name 1", "Name 3"]


LINES = [["Name", "Ends"], ["=1+1", 7], ["Zoë", None]]


def test_a_sheet_has_the_lines_and_no_formula():
    answer = sheet_of("people", LINES, lambda: True)
    content = b"".join(answer)
    assert cells(content) == [["Name", "Ends"], ["'=1+1", "7"], ["Zoë", ""]]
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="people.xlsx"'


def test_a_sheet_says_where_it_is_full(monkeypatch):
    monkeypatch.setattr(exports, "LAST_ROW", 2)
    assert cells(b"".join(sheet_of("people", [*LINES, ["More", 1]], lambda: True)))[2:] == [[exports.TOO_LONG]]


def test_a_sheet_breaks_off_for_who_lost_the_right(monkeypatch):
    clock = iter(range(0, 1000, 6))
    monkeypatch.setattr(exports, "monotonic", lambda: next(clock))
    answer = sheet_of("people", LINES, lambda: False)
    assert len(b"".join(answer)) < int(answer.headers["Content-Length"])
