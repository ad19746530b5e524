"""What is told before an act is what the act then makes: of tenants, and of the people who gain and lose by it."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from accounts.models import User
from computers.models import Computer
from rbac.access import access_for
from rbac.audit import SYSTEM
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.prospects import Prospect
from rbac.shifts import shift_of
from tenancy import services
from tenancy.models import Tenant
from tenancy.prospects import flagged, opened, retagged, uprooted
from tenancy.scopes import load_tenants
from tests.factories import (
    ComputerTagFactory,
    GroupFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    RoleFactory,
    TagFactory,
    TenantFactory,
    TenantTagFactory,
    UserFactory,
)
from tests.grants import deny, grant
from tests.people import give
from tests.story import tell

WHY = {"reason": "For once"}


def told_in_full() -> SimpleNamespace:
    """The story, with everything that a move may take or give: tags, groups, scopes of every kind, a deny.

    And what everybody may do in it: asking takes longer than all the rest.
    """
    story = tell()
    crew = GroupFactory(name="Crew", tenant=story.contoso)
    gold, inner = TagFactory(name="Gold"), TagFactory(name="Inner", tenant=story.contoso)
    yard = TenantFactory(name="Yard", parent=story.logistics)
    tess, deni, hana, kim = (UserFactory(name=name, tenant=story.contoso) for name in ("Tess", "Deni", "Hana", "Kim"))
    for tenant, tag in ((story.fabrikam, inner), (yard, inner), (story.northwind, gold)):
        TenantTagFactory(tenant=tenant, tag=tag)
    ComputerTagFactory(computer=story.dc01, tag=inner)
    GroupMembershipFactory(group=crew, user=story.grace)
    role = RoleFactory(permissions=[Permission.TENANTS_VIEW, Permission.COMPUTERS_VIEW])
    RoleAssignmentFactory(group=crew, role=role, scope="tenant", tenant=story.northwind)
    grant(tess, Permission.COMPUTERS_MANAGE, scope="tag", tag=gold)
    grant(deni, Permission.COMPUTERS_VIEW, scope="msp", tenant=story.contoso)
    deny(deni, Permission.COMPUTERS_VIEW, scope="tag", tag=gold)
    grant(hana, Permission.COMPUTERS_VIEW, scope="tag", tag=inner, computer_scope="tag", computer_tag=inner)
    give(kim, "msp_user", scope="own_tenant", include_children=True)
    give(story.rosa, "msp_administrator", scope="own_tenant")
    return SimpleNamespace(**vars(story), gold=gold, inner=inner, yard=yard, crew=crew, power=power())


START = told_in_full


@pytest.fixture
def world(start) -> SimpleNamespace:
    return start


Power = dict[str, dict[str, set[str]]]
"""Places, by who may do something there and by permission."""
Told = tuple[Callable[..., Prospect], Callable[..., object]]
ACTS: dict[str, Told] = {
    "tagged": (
        lambda world: retagged(world.fabrikam, [world.gold]),
        lambda world: services.tag_tenant(actor=SYSTEM, tenant=world.fabrikam, tags=[world.gold]),
    ),
    "moved": (
        lambda world: uprooted(world.fabrikam, world.litware).prospect,
        lambda world: services.move_tenant(actor=SYSTEM, tenant=world.fabrikam, parent=world.litware),
    ),
    "moved within": (
        lambda world: uprooted(world.logistics, world.northwind).prospect,
        lambda world: services.move_tenant(actor=SYSTEM, tenant=world.logistics, parent=world.northwind),
    ),
    "to the top": (
        lambda world: uprooted(world.fabrikam, None).prospect,
        lambda world: services.move_tenant(actor=SYSTEM, tenant=world.fabrikam, parent=None),
    ),
    "an MSP": (
        lambda world: flagged(world.fabrikam, is_msp=True),
        lambda world: services.set_msp_flag(actor=SYSTEM, tenant=world.fabrikam, is_msp=True),
    ),
    "no MSP": (
        lambda world: flagged(world.litware, is_msp=False),
        lambda world: services.set_msp_flag(actor=SYSTEM, tenant=world.litware, is_msp=False),
    ),
    "an MSP that moves": (
        lambda world: uprooted(world.litware, world.contoso).prospect,
        lambda world: services.move_tenant(actor=SYSTEM, tenant=world.litware, parent=world.contoso),
    ),
    "closed": (
        lambda world: opened(world.fabrikam, is_active=False),
        lambda world: services.deactivate_tenant(actor=SYSTEM, tenant=world.fabrikam, **WHY),
    ),
}


@pytest.mark.parametrize("act", [name for name in ACTS if name != "closed"])
def test_tenants_become_what_was_told(world, act):
    prospect, do = ACTS[act]
    told = prospect(world)
    assert load_tenants(told.before) == told.before
    do(world)
    assert load_tenants(told.before) == told.after


def power() -> Power:
    """What everybody may do where, as doors decide it."""
    tenants, users = list(Tenant.objects.all()), list(User.objects.select_related("tenant"))
    computers = list(Computer.objects.select_related("tenant"))
    held = {}
    for user in users:
        access = access_for(user)
        access.know([*tenants, *users, *computers])
        asked = {each for grant in access.grants for each in grant.permissions}
        held[user.name] = {
            each: {
                f"{row._meta.model_name} {row}"
                for row in (*tenants, *(users if each.startswith("users:") else computers))
                if access.can(each, row)
            }
            for each in asked
        }
    return held


@pytest.mark.parametrize("act", ACTS)
def test_people_gain_and_lose_what_was_told_and_the_entry_tells_where(world, act):
    prospect, do = ACTS[act]
    told = shift_of(access_for(world.marcus), prospect(world))
    do(world)
    after = power()
    lost, gained = taken(world.power, after), taken(after, world.power)
    assert {each.person.name: set(each.lost) for each in told.people if each.lost} == lost
    assert {each.person.name: set(each.gained) for each in told.people if each.gained} == gained
    assert not told.beyond
    if act != "closed":
        assert_the_entry_tells_on_how_many(world.power, after)


def taken(one: Power, other: Power) -> dict[str, set[str]]:
    """What each of those who have less in the other has less of there."""
    found = {
        name: {each for each, places in held.items() if places - other[name].get(each, set())}
        for name, held in one.items()
    }
    return {name: permissions for name, permissions in found.items() if permissions}


def assert_the_entry_tells_on_how_many(before: Power, after: Power) -> None:
    """Tenants and computers on which somebody may do more or less than before, as doors decide it."""
    changed = {
        place
        for name in before
        for permission in {*before[name], *after[name]}
        for place in before[name].get(permission, set()) ^ after[name].get(permission, set())
    }
    told = AuditEntry.objects.exclude(after__ripple=None).latest("pk").after["ripple"]
    assert told["computers"] == sum(place.startswith("computer ") for place in changed)
    assert told["tenants"] == sum(place.startswith("tenant ") for place in changed)
    assert told["exact"]


def test_what_falls_off_is_named(world):
    uprooting = uprooted(world.fabrikam, world.litware)
    assert (uprooting.tags, list(uprooting.computers)) == ([world.inner], [world.dc01])
    assert uprooting.prospect.untagged == {world.inner.pk}
    assert uprooting.prospect.leaving == {(world.grace.pk, world.crew.pk)}
    assert uprooted(world.logistics, world.northwind).tags == []


def test_who_is_outside_the_readers_view_is_neither_named_nor_counted(world):
    grant(world.grace, Permission.USERS_VIEW, scope="own_tenant")
    told = shift_of(access_for(world.grace), uprooted(world.fabrikam, world.litware).prospect)
    assert {each.person.name for each in told.people} <= {"Grace Kim", "Rosa Delgado"}
    assert told.beyond
