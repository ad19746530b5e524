"""Files that a killed server left behind are removed; what belongs to somebody, is young or is not ours stays."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from computers import strays
from computers.jobs import app
from computers.models import SoftwareFile
from computers.strays import forget_strays
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def storage(tmp_path) -> FileSystemStorage:
    return FileSystemStorage(tmp_path)


def put(storage, name: str | None = None) -> str:
    return storage.save(f"software/{name or uuid4()}", ContentFile(b"x"))


def known(storage) -> str:
    made = SoftwareFile.objects.create(
        software=factories.SoftwareFactory(), name=f"{uuid4()}.msi", size=1, sha256="0" * 64
    )
    return put(storage, str(made.token))


def later(**span):
    return timezone.now() + timedelta(**span)


def test_what_nobody_knows_goes_after_a_day_and_nothing_else(storage):
    theirs, stray, other = known(storage), put(storage), put(storage, "README")
    elsewhere = storage.save(f"branding/{uuid4()}", ContentFile(b"x"))
    assert forget_strays(later(hours=23), storage) == 0
    assert storage.exists(stray)
    assert forget_strays(later(hours=25), storage) == 1
    assert [storage.exists(each) for each in (theirs, stray, other, elsewhere)] == [True, False, True, True]


def test_one_that_was_restored_just_now_is_young_however_old_it_says_it_is(storage):

    known(storage)
    stray = put(storage)
    os.utime(storage.path(stray), (0, 0))
    assert forget_strays(storage=storage) == 0
    assert storage.exists(stray)


def test_a_database_that_knows_no_file_removes_none(storage):
    stray = put(storage)
    assert forget_strays(later(days=9), storage) == 0
    assert storage.exists(stray)


def test_without_the_folder_there_is_nothing_to_do(storage):
    SoftwareFile.objects.create(software=factories.SoftwareFactory(), name="a.msi", size=1, sha256="0" * 64)
    assert forget_strays(later(days=9), storage) == 0


def test_it_removes_so_many_at_once_and_goes_on_next_time(storage, monkeypatch):
    monkeypatch.setattr(strays, "MOST", 2)
    theirs = [known(storage) for _ in range(3)]
    for _ in range(3):
        put(storage)
    assert [forget_strays(later(days=2), storage) for _ in range(3)] == [2, 1, 0]
    assert all(storage.exists(each) for each in theirs)


def test_it_looks_where_uploads_are_kept_and_tells_the_log(caplog):
    theirs, stray = known(default_storage), put(default_storage)
    forget_strays(later(days=2))
    assert (default_storage.exists(theirs), default_storage.exists(stray)) == (True, False)
    assert [record.files >= 1 for record in caplog.records if record.name == "computers.strays"] == [
        True
    ]  # of others, too


def test_it_is_done_each_night():
    assert [key for key in app.periodic_registry.periodic_tasks if key[0] == strays.TIDY_JOB]
