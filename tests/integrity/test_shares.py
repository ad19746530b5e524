"""What the database itself holds of shares, also against raw SQL (design 8)."""

import pytest
from django.db import IntegrityError, transaction

from rbac.models import ScriptShare
from rbac.permissions import Permission
from tests import factories
from tests.integrity.sql import commit_checks, refused_by, run
from tests.sharing import share

GIVE = (
    "INSERT INTO rbac_scriptshare"
    " (user_id, permission_id, content_object_id, shared_by_id, reason, expires_at, end_reason)"
    " SELECT user_id, {permission}, content_object_id, {by}, '', {ends}, '' FROM rbac_scriptshare WHERE id = %s"
)


@pytest.fixture
def given(db) -> ScriptShare:
    user = factories.UserFactory()
    return share(factories.ScriptFactory(), user, Permission.SCRIPTS_VIEW, by=factories.UserFactory())


def give(given: ScriptShare, permission: str = "permission_id", by: str = "shared_by_id", ends: str = "NULL") -> None:
    run(GIVE.format(permission=permission, by=by, ends=ends), given.pk)


def end(given: ScriptShare) -> None:
    run("UPDATE rbac_scriptshare SET ended_at = now(), end_reason = 'over' WHERE id = %s", given.pk)


def test_one_live_share_of_an_item_a_user_and_an_action(given):
    with refused_by("scriptshare_unended_once"):
        give(given)
    end(given)
    give(given)
    assert ScriptShare.objects.unended().count() == 1


def test_an_end_lies_ahead_when_it_is_given(given):
    end(given)
    with refused_by("scriptshare_expires_later"):
        give(given, ends="statement_timestamp() - interval '1 second'")
    give(given, ends="statement_timestamp() + interval '1 second'")


def test_somebody_gave_it(given):
    end(given)
    with pytest.raises(IntegrityError, match="shared_by_id"), transaction.atomic():
        give(given, by="NULL")


@pytest.mark.parametrize("codename", ["software:view", "view_script"])
def test_it_is_a_permission_on_such_an_item(given, codename):
    end(given)
    with refused_by("scriptshare_is_of_its_kind"):
        give(given, permission=f"(SELECT id FROM auth_permission WHERE codename = '{codename}')")


@pytest.mark.parametrize(
    "column", ["user_id = shared_by_id", "reason = 'other'", "expires_at = now() + interval '1 day'"]
)
def test_it_is_never_edited(given, column):
    with refused_by("scriptshare_only_ends"):
        run(f"UPDATE rbac_scriptshare SET {column}")


def test_what_has_ended_stays_as_it_is(given):
    end(given)
    for column in ("ended_at = NULL, end_reason = ''", "end_reason = 'other'"):
        with refused_by("scriptshare_only_ends"):
            run(f"UPDATE rbac_scriptshare SET {column}")


def test_an_end_is_whole(given):
    with refused_by("scriptshare_only_ends"):
        run("UPDATE rbac_scriptshare SET end_reason = 'over'")


def test_it_is_never_deleted_but_with_its_item(given):
    end(given)
    with refused_by("scriptshare_goes_with_its_item"):
        run("DELETE FROM rbac_scriptshare")
    given.content_object.delete()
    commit_checks()
    assert not ScriptShare.objects.exists()


def test_it_names_nobody_who_was_removed(given):
    with refused_by("scriptshare_names_nobody_removed"):
        run("UPDATE accounts_user SET removed_at = now(), is_active = false WHERE id = %s", given.user_id)
