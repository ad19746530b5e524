"""A load over an instance that holds something already (design 10): each row whole, the rest untouched."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.models import GroupMembership, User
from computers.models import ComputerTag, Script
from rbac.models import RoleAssignment, Switch
from rbac.world import WorldError, dump, load
from tenancy.models import Tenant, TenantTag
from tests.factories import ScriptFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db

GIVEN = {"user": "ada@msp.test", "role": "Auditor", "scope": "owner"}
UNTIL, LATER, PAST = "2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
BASE = {
    "tags": [{"name": "gold"}, {"name": "silver"}, {"name": "own", "tenant": "north"}],
    "tenants": [
        {"slug": "msp", "is_msp": True},
        {"slug": "north", "parent": "msp", "tags": ["gold"]},
        {"slug": "below", "parent": "north", "tags": ["gold", "north/own"]},
    ],
    "users": [{"email": "ada@msp.test", "tenant": "msp"}, {"email": "ben@below.test", "tenant": "below"}],
    "groups": [{"name": "crew", "tenant": "north", "members": ["ben@below.test"]}],
    "computers": [{"name": "pc", "tenant": "below", "type": "server", "tags": ["gold", "north/own"]}],
    "assignments": [GIVEN],
    "scripts": [{"name": "clean", "body": "exit 0"}],
}


@pytest.fixture(autouse=True)
def base():
    load(BASE)


def unended():
    return RoleAssignment.objects.unended().get()


def test_what_is_not_named_stays():
    TenantFactory(slug="other")
    load({"tenants": [{"slug": "new", "parent": "msp"}]})
    assert {"other", "new", "msp", "north", "below"} == set(Tenant.objects.values_list("slug", flat=True))
    assert dump()["assignments"] != []


def test_a_row_is_the_whole_truth_about_its_thing():
    load({"tenants": [{"slug": "north", "name": "North & Sons", "is_active": False}]})
    north = Tenant.objects.get(slug="north")
    assert (north.name, north.is_active, north.parent, north.msp_id) == ("North & Sons", False, None, None)
    assert not TenantTag.objects.filter(tenant=north).exists()


def test_tags_are_put_and_taken():
    load({"computers": [{"name": "pc", "tenant": "below", "type": "portable", "tags": ["silver", "gold"]}]})
    assert set(ComputerTag.objects.values_list("tag__name", flat=True)) == {"gold", "silver"}
    assert dump()["computers"][0]["type"] == "portable"


def test_tenants_change_places_in_one_step():
    load({"tenants": [{"slug": "below", "parent": "msp"}, {"slug": "north", "parent": "below"}]})
    north = Tenant.objects.get(slug="north")
    assert [Tenant.objects.get(pk=pk).slug for pk in north.path] == ["msp", "below", "north"]


def test_a_move_takes_what_no_longer_fits():
    load({"tenants": [{"slug": "below", "parent": "msp", "tags": ["gold"]}]})
    assert list(ComputerTag.objects.values_list("tag__name", flat=True)) == ["gold"]
    assert list(TenantTag.objects.filter(tenant__slug="below").values_list("tag__name", flat=True)) == ["gold"]
    assert not GroupMembership.objects.unended().exists()


def test_a_person_who_moves_leaves_groups_outside():
    load({"users": [{"email": "ben@below.test", "tenant": "msp"}]})
    assert GroupMembership.objects.get().ended_at is not None


def test_members_leave_and_join_anew_when_their_end_differs():
    load(
        {"groups": [{"name": "crew", "tenant": "north", "members": [{"user": "ben@below.test", "expires_at": UNTIL}]}]}
    )
    old, new = GroupMembership.objects.order_by("pk")
    assert old.ended_at is not None
    assert (new.ended_at, new.expires_at.isoformat()) == (None, "2031-01-01T00:00:00+00:00")
    load({"groups": [{"name": "crew", "tenant": "north"}]})
    assert not GroupMembership.objects.unended().exists()


class TestAssignments:
    def test_an_equal_row_is_left_alone(self):
        before = unended()
        load({"assignments": [GIVEN]})
        assert unended() == before

    @pytest.mark.parametrize("change", [{"expires_at": UNTIL}, {"starts_at": PAST}, {"reason": "audit of 2026"}])
    def test_one_that_differs_is_ended_and_granted_anew(self, change):
        before = unended()
        load({"assignments": [GIVEN | change]})
        before.refresh_from_db()
        assert unended() != before
        assert (before.ended_by, before.end_reason) == (None, "replaced by load_world")

    def test_an_expired_one_ends_as_lapsed(self):
        load({"assignments": [GIVEN | {"expires_at": PAST}]})
        expired = unended()
        load({"assignments": [GIVEN | {"expires_at": LATER}]})
        expired.refresh_from_db()
        assert expired.end_reason == "lapsed"
        assert dump()["assignments"][0]["expires_at"] == "2032-01-01T00:00:00+00:00"

    def test_other_scopes_are_other_assignments(self):
        load({"assignments": [GIVEN | {"scope": "own_tenant"}]})
        assert RoleAssignment.objects.unended().count() == 2


class TestUsers:
    def test_a_password_is_kept_until_another_is_given(self):
        row = {"email": "ada@msp.test", "tenant": "msp"}
        load({"users": [row | {"password": "first"}]})
        first = User.objects.get(email="ada@msp.test").password
        assert load({"users": [row]}).counts["users"].unchanged == 1
        assert load({"users": [row | {"password": "first"}]}).counts["users"].unchanged == 1
        assert User.objects.get(email="ada@msp.test").password == first
        load({"users": [row | {"password": "second"}]})
        assert User.objects.get(email="ada@msp.test").check_password("second")

    def test_the_address_of_somebody_removed_is_free(self):
        UserFactory(email="removed-9@removed.invalid", removed_at="2026-01-01T00:00Z", is_active=False)
        assert len(dump()["users"]) == 2

    @pytest.mark.parametrize(
        "change",
        [{"users": [{"email": "ada@msp.test", "tenant": "msp", "is_active": False}]},
         {"tenants": [{"slug": "msp", "is_msp": True, "is_active": False}]}],
    )  # fmt: skip
    def test_who_is_sent_home_is_signed_out_for_good(self, change):
        ada = User.objects.get(email="ada@msp.test")
        Session.objects.create(session_key="s", session_data="", expire_date="2031-01-01T00:00Z")
        UserSession.objects.create(user=ada, session_key="s", ip="127.0.0.1", user_agent="")
        load(change)
        assert not Session.objects.exists()


class TestUsableOwner:
    OWNER = {"user": "ada@msp.test", "role": "MSP Administrator", "scope": "owner"}
    USER = {"email": "ada@msp.test", "tenant": "msp", "password": "pw"}

    def test_is_reported(self):
        assert not load({}).has_usable_owner
        assert load({"users": [self.USER], "assignments": [self.OWNER]}).has_usable_owner

    @pytest.mark.parametrize(
        "change",
        [{"users": [USER | {"is_active": False}]}, {"users": [USER | {"tenant": "north"}]},
         {"tenants": [{"slug": "msp"}]}, {"assignments": [OWNER | {"expires_at": UNTIL}]},
         {"assignments": [GIVEN | {"effect": "deny"}]}],
    )  # fmt: skip
    def test_the_last_one_remains(self, change):
        load({"users": [self.USER], "assignments": [self.OWNER]})
        before = dump()
        with pytest.raises(WorldError, match="would leave nobody who can act as owner"):
            load(change)
        assert dump() == before


def test_a_switch_that_changes_is_set_by_the_system():
    somebody = User.objects.get(email="ada@msp.test")
    Switch.objects.create(key="enable_impersonation", enabled=True, set_by=somebody)
    load({"switches": {"enable_impersonation": True}})
    assert Switch.objects.get().set_by == somebody
    load({"switches": {"enable_impersonation": False}})
    assert (Switch.objects.get().set_by, Switch.objects.get().enabled) == (None, False)


def test_a_script_that_changes_says_when():
    before = Script.objects.get()
    load({"scripts": [{"name": "clean", "body": "exit 1"}]})
    after = Script.objects.get()
    assert after.updated_at > before.updated_at
    ScriptFactory(name="other")
    load({"scripts": [{"name": "clean", "body": "exit 1"}]})
    assert Script.objects.get(name="clean").updated_at == after.updated_at


def test_what_is_gone_is_not_dumped():
    load({"assignments": [GIVEN | {"computer_scope": "computer", "computer": "below/pc"}]})
    Tenant.objects.get(slug="below").computers.update(deleted_at="2026-01-01T00:00Z")
    found = dump()
    assert found["computers"] == []
    assert [row["computer"] for row in found["assignments"]] == [None]
    load(found)


def test_what_names_an_msp_that_is_none_any_more_is_not_dumped():
    """Nobody could load it; here it stays, and counts again if the tenant becomes an MSP again."""
    load({"assignments": [GIVEN | {"scope": "msp", "tenant": "msp"}]})
    Tenant.objects.filter(slug="msp").update(is_msp=False)
    found = dump()
    assert [row["scope"] for row in found["assignments"]] == ["owner"]
    load(found)
    Tenant.objects.filter(slug="msp").update(is_msp=True)
    assert [row["scope"] for row in dump()["assignments"]] == ["msp", "owner"]
