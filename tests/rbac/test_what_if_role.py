"""What it would do if a role held something else, asked by whoever may not edit it."""

import pytest
from django.urls import reverse

from rbac.models import Role
from rbac.permissions import Permission, closure
from tests.factories import ComputerFactory, RoleAssignmentFactory, RoleFactory
from tests.grants import end, grant
from tests.rbac.editor import HTMX
from tests.restore import every_row

SIMULATE = Permission.GOVERNANCE_SIMULATE_CHANGES
READING = closure([Permission.COMPUTERS_VIEW])


def page(role) -> str:
    return reverse("rbac:role-what-if", args=[role.pk])


def ask(client, role, *permissions: str, **said):
    answer = client.get(page(role), {"q": "", "permissions": sorted(permissions), **said}, headers=HTMX)
    assert answer.status_code == 200
    return answer


@pytest.fixture
def held(people) -> Role:
    """A role of Contoso, which Dana has there and Sam at Litware."""
    role = RoleFactory(name="Field Technician", tenant=people.contoso, permissions=sorted(READING))
    for user in (people.dana, people.sam):
        RoleAssignmentFactory(user=user, role=role, scope="tenant", tenant=user.tenant)
        ComputerFactory(tenant=user.tenant)
    return role


CHANGES = [
    {*READING, Permission.SCRIPTS_MANAGE},
    {Permission.TENANTS_VIEW},
    {Permission.TENANTS_VIEW, Permission.SCRIPTS_MANAGE},
]


@pytest.mark.parametrize("permissions", CHANGES, ids=["more", "less", "both"])
def test_it_shows_what_the_editor_shows_before_saving(client, people, auditor, held, permissions):
    client.force_login(people.marcus)
    said = {"name": held.name, "version": held.version, "permissions": sorted(permissions)}
    review = client.post(reverse("rbac:role-edit", args=[held.pk]), said).context["change"]
    for reader in (people.marcus, auditor):
        client.force_login(reader)
        change = ask(client, held, *permissions).context["change"]
        assert change.effects() == review.effects()
        assert change.figures == review.figures
        assert change.ripple.expected == review.ripple.expected


def test_it_names_whom_it_touches_great_power_first(client, people, auditor, held):
    client.force_login(auditor)
    lines = ask(client, held, Permission.TENANTS_VIEW, Permission.SCRIPTS_MANAGE).context["people"]
    assert [line.text for line in lines] == [
        "Dana Whitfield gains great power: 1",
        "Dana Whitfield loses 1 permission",
        "Sam Okafor gains great power: 1",
        "Sam Okafor loses 1 permission",
        "Dana Whitfield gains 1 permission",
        "Sam Okafor gains 1 permission",
    ]


def test_nothing_is_written(client, people, auditor, held):
    client.force_login(auditor)
    client.get(page(held))  # who was last seen is kept then
    before = every_row()
    for permissions in CHANGES:
        ask(client, held, *permissions)
        client.get(page(held), {"q": "", "permissions": sorted(permissions)})
    assert client.post(page(held), {"permissions": Permission.TENANTS_VIEW}).status_code == 405
    assert every_row() == before


def test_what_is_needed_comes_along_and_nothing_at_all_is_no_role(client, people, auditor, held):
    client.force_login(auditor)
    answer = ask(client, held, Permission.SCRIPTS_MANAGE)
    assert Permission.SCRIPTS_VIEW in answer.context["change"].draft.permissions
    for permissions, words in (
        ((), "Tick one permission at least"),
        (READING, "It would hold what it holds now"),
        (("no:such",), "no:such"),
    ):
        answer = ask(client, held, *permissions)
        assert words in answer.content.decode()
        assert "change" not in answer.context
    assert "It would hold what it holds now" in client.get(page(held)).content.decode()


def test_whoever_may_edit_it_opens_the_editor_with_it(client, people, auditor, held):
    client.force_login(people.marcus)
    answer = ask(client, held, *READING, Permission.SCRIPTS_MANAGE)
    said: dict[str, list[str]] = {}
    for name, value in answer.context["repeated"]:
        said.setdefault(name, []).append(value)
    editor = client.post(answer.context["opens"], said)
    assert Permission.SCRIPTS_MANAGE in editor.context["form"].ticked
    held.refresh_from_db()
    assert Permission.SCRIPTS_MANAGE not in held.permissions
    client.force_login(auditor)
    answer = ask(client, held, Permission.TENANTS_VIEW)
    assert answer.context["opens"] == ""
    assert "You may not change this yourself" in answer.content.decode()


def test_built_in_roles_never_change(client, auditor):
    client.force_login(auditor)
    assert client.get(page(Role.objects.get(key="tenant_user"))).status_code == 404


def test_it_comes_and_goes_with_the_permission_and_reaches_no_further(client, people, held):
    given = grant(people.olivia, SIMULATE, scope="tenant", tenant=people.litware)
    client.force_login(people.olivia)
    assert client.get(page(held)).status_code == 403  # a role of the provider, seen and not theirs
    own = RoleFactory(tenant=people.litware, permissions=sorted(READING))
    answer = ask(client, own, Permission.TENANTS_VIEW)
    assert "It reaches beyond where you may simulate changes" in answer.content.decode()
    assert "change" not in answer.context
    end(given)
    given = grant(people.olivia, SIMULATE, scope="tenant", tenant=people.litware, include_children=True)
    assert "change" in ask(client, own, Permission.TENANTS_VIEW).context
    hidden = RoleFactory(tenant=people.fabrikam)
    assert client.get(page(hidden)).status_code == 404
    end(given)
    assert client.get(page(own)).status_code == 403


def test_the_first_page_finds_roles(client, people, auditor, held):
    client.force_login(auditor)
    start = reverse("rbac:what-if")
    assert "Field Technician" in client.get(reverse("rbac:what-if-pick"), {"q": "field"}).content.decode()
    assert client.get(start, {"about": f"role:{held.pk}"})["Location"] == page(held)
    assert page(held) in client.get(start, {"role": held.pk}).content.decode()
