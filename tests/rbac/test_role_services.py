"""Custom roles: what is made, edited, restored and deleted, what is refused, and what the log says of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rbac.access import access_for
from rbac.audit import Actor
from rbac.delegation import ConflictError, Refused
from rbac.models import AuditEntry, Role, RoleVersion
from rbac.permissions import Permission, closure
from rbac.role_ripples import EXACT, objections, ripple_of
from rbac.role_services import create_role, delete_role, edit_role, restore_role_version
from rbac.world import dump, load
from tests.factories import ComputerFactory, GroupMembershipFactory, RoleAssignmentFactory, RoleFactory, UserFactory
from tests.grants import deny, grant
from tests.people import give, person

pytestmark = pytest.mark.django_db
NOTES, SCRIPTS, EXPORT = Permission.COMPUTERS_MANAGE_NOTES, Permission.SCRIPTS_MANAGE, Permission.COMPUTERS_EXPORT
SEEING = Permission.COMPUTERS_VIEW


def owned(tenant=None, *permissions, **said) -> Role:
    return RoleFactory(name="Team", tenant=tenant, permissions=sorted(closure(permissions or [SEEING])), **said)


def edited(actor, role, *permissions, **said) -> Role:
    same = {"name": role.name, "description": role.description, "version": role.version, "reason": "Asked for"}
    return edit_role(actor=Actor(actor), role=role, **{**same, "permissions": sorted(closure(permissions)), **said})


def test_a_role_is_made_of_a_tenant_or_of_all(people):
    held = closure([NOTES])
    role = create_role(actor=Actor(people.marcus), tenant=people.fabrikam, name=" Desk ", permissions=held)
    assert (role.name, role.tenant, role.edited_by) == ("Desk", people.fabrikam, people.marcus)
    assert (role.permissions, role.version) == (sorted(held), 1)
    public = create_role(
        actor=Actor(people.marcus), tenant=None, name="No scripts", permissions=[SCRIPTS], deny_only=True
    )
    assert (public.tenant, public.permissions) == (None, [SCRIPTS])
    assert AuditEntry.objects.latest("pk").after["for_denying_only"] is True


def test_a_copy_says_of_what(people):
    source = Role.objects.get(key="msp_user")
    create_role(
        actor=Actor(people.marcus), tenant=None, name="Ours", permissions=source.permissions, copied_from=source
    )
    assert AuditEntry.objects.latest("pk").after["copied_from"] == "MSP User"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": "msp ADMINISTRATOR"}, "name"),
        ({"name": "Taken"}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": " "}, "name"),
        ({"permissions": [NOTES]}, "permissions"),
        ({"permissions": ["frobnicate"]}, "permissions"),
    ],
)
def test_what_no_role_may_be_is_said_beside_the_field(people, said, field):
    RoleFactory(name="Taken", tenant=people.fabrikam)
    given = {"name": "New", "permissions": [Permission.TENANTS_VIEW], **said}
    with pytest.raises(ValidationError) as error:
        create_role(actor=Actor(people.marcus), tenant=people.fabrikam, **given)
    assert list(error.value.message_dict) == [field]
    assert not AuditEntry.objects.exists()


def test_a_public_role_takes_its_own_permission(people):
    manager = person("Roland Manager", people.contoso)
    grant(manager, Permission.ROLES_MANAGE, scope="owner")
    with pytest.raises(Refused, match="Manage Public Roles"):
        create_role(actor=Actor(manager), tenant=None, name="New", permissions=[Permission.TENANTS_VIEW])
    with pytest.raises(Refused, match="Manage Public Roles"):
        edited(manager, owned(), NOTES)


# Editing


def test_an_edit_reaches_whoever_has_the_role_at_their_next_question(people):
    role = owned(people.fabrikam)
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    assert not access_for(people.dana).can(NOTES, people.fabrikam)
    edited(people.marcus, role, NOTES)
    assert access_for(people.dana).can(NOTES, people.fabrikam)
    assert not access_for(people.dana).can(NOTES, people.litware)
    role.refresh_from_db()
    edited(people.marcus, role, SEEING)
    assert not access_for(people.dana).can(NOTES, people.fabrikam)
    assert [version.number for version in RoleVersion.objects.filter(role=role)] == [2, 1]


def test_nobody_edits_into_a_role_what_they_do_not_hold_where_it_was_given(people):
    manager = person("Roland Manager", people.contoso)
    grant(manager, Permission.ROLES_MANAGE, NOTES, scope="msp", tenant=people.contoso)
    role = owned(people.fabrikam)
    edited(manager, role, NOTES)  # nobody has it yet
    role.refresh_from_db()
    edited(manager, role, SCRIPTS)
    role.refresh_from_db()
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    with pytest.raises(Refused, match="The scope Specific tenant takes"):
        edited(manager, role, SCRIPTS, NOTES)
    assert AuditEntry.objects.latest("pk").action == "role.refused"


def test_nobody_lifts_a_deny_from_themselves_by_what_its_role_lists(people):
    manager = person("Roland Manager", people.contoso)
    grant(manager, Permission.ROLES_MANAGE_PUBLIC, SCRIPTS, *_all_assigning(), scope="owner")
    role = deny(manager, SCRIPTS, scope="tenant", tenant=people.fabrikam).role
    with pytest.raises(Refused, match="your own access"):
        edited(manager, role, permissions=[NOTES])


def _all_assigning() -> list[Permission]:
    return [each for each in Permission if each.value.startswith("users:assign")]


def test_the_last_usable_owner_is_not_denied_by_an_edit(people):
    role = RoleFactory(permissions=[], deny_only=True)
    RoleAssignmentFactory(user=people.marcus, role=role, effect="deny", scope="tenant", tenant=people.litware)
    another = person("Another Owner", people.contoso)
    give(another, "msp_administrator", scope="owner", expires_at=timezone.now() + timedelta(days=9))
    with pytest.raises(Refused, match="Nobody would be left"):
        edited(another, role, permissions=["tags:manage"])


def test_somebody_who_was_quicker_is_told_and_not_overwritten(people):
    role = owned(people.fabrikam)
    edited(people.marcus, role, NOTES)
    with pytest.raises(ConflictError) as conflict:
        edited(people.marcus, role, EXPORT, version=1)
    assert conflict.value.now.version == 2
    assert NOTES in Role.objects.get(pk=role.pk).permissions


def test_numbers_that_moved_since_they_were_shown_stop_it(people):
    role = owned(people.fabrikam)
    with pytest.raises(ConflictError):
        edited(people.marcus, role, NOTES, expected="7-0-7-1-0-0")
    assert not AuditEntry.objects.exists()


def test_an_edit_that_changes_nothing_leaves_nothing(people):
    edited(people.marcus, owned(people.fabrikam), SEEING)
    assert (AuditEntry.objects.count(), RoleVersion.objects.count()) == (0, 0)


def test_built_in_roles_are_never_edited(people):
    role = Role.objects.get(key="tenant_user")
    with pytest.raises(ValidationError, match="with the product alone"):
        edited(people.marcus, role, NOTES)


# Versions


def test_an_earlier_version_comes_back_as_a_new_one(people):
    role = owned(people.fabrikam, NOTES)
    edited(people.marcus, role, EXPORT, name="Exporters")
    role.refresh_from_db()
    back = restore_role_version(actor=Actor(people.marcus), role=role, number=1, version=2, reason="Too much")
    assert (back.name, back.permissions, back.version) == ("Team", sorted(closure([NOTES])), 3)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.after["number"], entry.reason) == ("role.restored", 1, "Too much")
    with pytest.raises(ValidationError, match="no such version"):
        restore_role_version(actor=Actor(people.marcus), role=role, number=9, version=3)


def test_a_load_makes_versions_and_a_dump_leaves_out_what_was_removed(people):
    document = {"roles": [{"name": "Team", "permissions": ["tenants:view"]}]}
    load(document)
    role = Role.objects.get(name="Team")
    edited(people.marcus, role, SEEING)
    load(document)
    role.refresh_from_db()
    assert (role.version, role.edited_by, role.edit_reason) == (3, None, "Loaded from a file")
    assert RoleVersion.objects.get(role=role, number=2).edited_by == people.marcus
    assert [each["name"] for each in dump()["roles"]] == ["Team"]
    delete_role(actor=Actor(people.marcus), role=role, version=3, reason="Old")
    assert dump()["roles"] == []


# Deleting


def test_a_role_that_somebody_has_stays(people):
    role = owned(people.fabrikam)
    row = RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    with pytest.raises(ValidationError, match="still use this role"):
        delete_role(actor=Actor(people.marcus), role=role, version=1, reason="Old")
    type(row).objects.filter(pk=row.pk).update(ended_at="2026-01-01T00:00Z")
    delete_role(actor=Actor(people.marcus), role=role, version=1, reason="Old")
    assert not access_for(people.marcus).seen(Role).filter(pk=role.pk).exists()
    assert not access_for(people.marcus).can(Permission.ROLES_VIEW, Role.objects.get(pk=role.pk))
    assert AuditEntry.objects.latest("pk").action == "role.deleted"


# The ripple


def ripple(reader, role, *permissions):
    before, role.permissions = role.permissions, sorted(closure(permissions))
    return ripple_of(access_for(reader), role, before)


def test_it_tells_who_gains_what_and_on_how_much(people):
    role = owned(people.fabrikam)
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    RoleAssignmentFactory(group=people.desk, role=role, scope="msp", tenant=people.contoso)
    found = ripple(people.marcus, role, SEEING, SCRIPTS)
    told = {each.person.name: [str(share.after) for share in each.shares] for each in found.people}
    assert told == {"Dana Whitfield": ["3 tenants", "3 tenants"]}
    assert (found.losers, found.gainers, found.tenants) == (0, 1, 3)
    assert found.power == [SCRIPTS]


def test_it_tells_on_how_many_computers(people):
    role = owned(people.fabrikam)
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    ComputerFactory.create_batch(2, tenant=people.fabrikam)
    found = ripple(people.marcus, role, SEEING, Permission.COMPUTERS_MANAGE_NOTES)
    assert (found.tenants, found.computers) == (1, 2)
    assert found.sentence.endswith("gained something on 1 tenant and 2 computers")
    assert found.told()["ripple"]["computers"] == 2


def test_who_holds_it_otherwise_neither_gains_nor_loses(people):
    role = owned(people.fabrikam, SEEING, SCRIPTS)
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    grant(people.dana, SCRIPTS, scope="msp", tenant=people.contoso)
    assert not ripple(people.marcus, role, SEEING, Permission.SCRIPTS_VIEW).people


def test_what_was_shown_stands_in_the_log_and_is_what_happened(people):
    role = owned(people.fabrikam)
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    shown = ripple(people.marcus, Role.objects.get(pk=role.pk), SEEING, SCRIPTS)
    edited(people.marcus, role, SEEING, SCRIPTS, expected=shown.expected)
    after = AuditEntry.objects.latest("pk").after
    assert after["ripple"]["gained"] == {"scripts:manage": 1, "scripts:view": 1}
    assert after["reached"] == [{"id": people.dana.pk, "name": "Dana Whitfield"}]
    assert access_for(people.dana).can(SCRIPTS, people.fabrikam)


def test_the_page_objects_where_the_gate_does(people):
    manager = person("Roland Manager", people.contoso)
    grant(manager, Permission.ROLES_MANAGE, NOTES, scope="msp", tenant=people.contoso)
    role = owned(people.fabrikam)
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    draft = Role.objects.get(pk=role.pk)
    draft.permissions = sorted(closure([SCRIPTS]))
    with pytest.raises(Refused) as refusal:
        edited(manager, role, SCRIPTS)
    assert objections(access_for(manager), draft) == refusal.value.reasons


def crowd(people, role, count):
    for number in range(count):
        user = UserFactory(name=f"Person {number:04}", tenant=people.fabrikam)
        scope = {"scope": "own_tenant"} if number % 2 else {"scope": "tenant", "tenant": people.litware}
        RoleAssignmentFactory(user=user, role=role, **scope)
        GroupMembershipFactory(group=people.desk, user=user)


def asked(people, role, *permissions) -> tuple[int, int]:
    """Return the queries of the ripple with the objections, and of the edit itself."""
    with CaptureQueriesContext(connection) as shown:
        draft = Role.objects.get(pk=role.pk)
        ripple(people.marcus, draft, *permissions)
        objections(access_for(people.marcus), draft)
    with CaptureQueriesContext(connection) as done:
        edited(people.marcus, role, *permissions)
    role.refresh_from_db()
    return len(shown), len(done)


def test_its_queries_do_not_grow_with_those_who_have_the_role(people):
    role = owned()
    crowd(people, role, 3)
    few = [asked(people, role, SEEING, SCRIPTS), asked(people, role, SEEING)]
    crowd(people, role, 12)
    assert [asked(people, role, SEEING, SCRIPTS), asked(people, role, SEEING)] == few


def test_beyond_so_many_it_is_at_most_and_great_power_exact(people, monkeypatch):
    assert EXACT == 500
    monkeypatch.setattr("rbac.role_ripples.EXACT", 4)
    role = owned()
    crowd(people, role, 6)
    found = ripple(people.marcus, role, SEEING, SCRIPTS, EXPORT)
    assert (found.at_most, found.gainers, found.power) == (6, 6, [SCRIPTS])
    assert {share.permission for each in found.people for share in each.shares} == {SCRIPTS}
    assert found.sentence == "at most 6 people"
    assert found.told()["reached"] == []
