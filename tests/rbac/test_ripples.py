"""What flipping a switch would do to each person: against the rule itself, and what it costs."""

from random import Random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from computers.models import Computer
from rbac.access import INSTANCE, access_for
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.flips import governed_by
from rbac.models import Role, Switch
from rbac.permissions import Permission, Scoping
from rbac.ripples import Ripple, Ripples
from rbac.services import set_switch
from rbac.switches import GOVERNING, SWITCHES, Suspension, SwitchKey, SwitchSpec
from rbac.world import load
from tenancy.models import Tenant
from tests.factories import ComputerFactory, GroupMembershipFactory, MspFactory, SwitchFactory, UserFactory
from tests.grants import deny, grant
from tests.oracle.strategies import COARSE, INSTANT, build
from tests.people import give, give_group, person

pytestmark = pytest.mark.django_db
KEY, SCRIPTS = SwitchKey.TERMINAL_AND_SCRIPTS, Permission.SCRIPTS_MANAGE


@pytest.fixture
def governing_more(monkeypatch):
    """Put a permission on computers under the switch, and two under one that suspends something at either end."""
    governed = {
        KEY: {False: {SCRIPTS, Permission.COMPUTERS_MANAGE_NOTES}},
        SwitchKey.CHANGE_REQUESTS: {True: {Permission.COMPUTERS_VIEW}, False: {Permission.TENANTS_MANAGE}},
    }
    for key, rules in governed.items():
        spec = SWITCHES[key]
        suspends = tuple(
            Suspension(rule.when, frozenset(rules.get(rule.when, ())), rule.kept_by) for rule in spec.suspends
        )
        monkeypatch.setitem(
            SWITCHES,
            key,
            SwitchSpec(spec.default, spec.topic, spec.help_text, suspends, tenant_may_tighten=spec.tenant_may_tighten),
        )
        for permission in set().union(*rules.values()):
            monkeypatch.setitem(GOVERNING, permission, (key,))


# Against the rule


def reaches(key: SwitchKey) -> dict[tuple[str, Permission], set]:
    """Return every object on which the rule lets each user do what the switch governs."""
    accesses = {user.email: access_for(user, INSTANT) for user in User.objects.all()}
    computers, others = list(Computer.objects.filter(deleted_at=None)), [INSTANCE, *Tenant.objects.all()]
    subjects = {each: computers if each.spec.scoping == Scoping.COMPUTER else others for each in governed_by(key)}
    return {
        (email, each): {subject for subject in subjects[each] if access.can(each, subject)}
        for email, access in accesses.items()
        for each in subjects
    }


def reaches_after(key: SwitchKey, enabled: bool) -> dict[tuple[str, Permission], set]:
    """Return the same with the switch flipped, and leave everything as it was."""
    with transaction.atomic():
        Switch.objects.update_or_create(key=key, tenant=None, defaults={"enabled": enabled})
        found = reaches(key)
        transaction.set_rollback(True)
    return found


def sizes(extent) -> tuple[int, bool]:
    return extent.size, extent.instance


def counted(places: set) -> tuple[int, bool]:
    return len(places - {INSTANCE}), INSTANCE in places


def check(key: SwitchKey, reader) -> None:
    """Compare each person of the ripple, and who is in it at all, with what the rule says before and after."""
    ripples = Ripples(reader, INSTANT)
    enabled = not ripples.board.stands(key)
    before, after = reaches(key), reaches_after(key, enabled)
    ripple = ripples.of(key, enabled=enabled)
    told = {(each.person.email, share.permission): share for each in ripple.people for share in each.shares}
    for asked, share in told.items():
        assert (sizes(share.before), sizes(share.after)) == (counted(before[asked]), counted(after[asked])), asked
        assert (share.loses, share.gains) == (bool(before[asked] - after[asked]), bool(after[asked] - before[asked]))
    assert all(asked in told for asked in before if before[asked] or after[asked])
    changed = set().union(*(before[asked] ^ after[asked] for asked in before)) - {INSTANCE}
    assert ripple.tenants == len({getattr(each, "tenant_id", each.pk) for each in changed})
    assert ripple.computers == sum(isinstance(each, Computer) for each in changed)
    assert not ripple.beyond


def owner() -> User:
    """Return somebody who sees everything."""
    user = UserFactory(tenant=MspFactory())
    give(user, "msp_administrator", scope="owner")
    return user


@pytest.mark.alike
@pytest.mark.parametrize("seed", range(20))
def test_in_worlds_at_random_it_says_what_the_rule_says(seed):
    load(build(Random(seed)))
    check(KEY, access_for(owner(), INSTANT))


@pytest.mark.alike
@pytest.mark.parametrize("key", [KEY, SwitchKey.CHANGE_REQUESTS])
@pytest.mark.parametrize("seed", range(20, 32))
def test_also_for_computers_and_for_switches_that_suspend_at_either_end(seed, key, governing_more):
    load(build(Random(seed)))
    check(key, access_for(owner(), INSTANT))


# More people than are weighed one by one


@pytest.mark.alike
@pytest.mark.parametrize("key", [KEY, SwitchKey.CHANGE_REQUESTS])
@pytest.mark.parametrize("seed", range(60, 76))
def test_of_a_crowd_whoever_loses_or_gains_something_is_among_those_it_says(seed, key, governing_more, monkeypatch):
    load(build(Random(seed), timezone.now(), COARSE))
    ripples = Ripples(access_for(owner()))
    enabled = not ripples.board.stands(key)
    exact = ripples.of(key, enabled=enabled)
    monkeypatch.setattr("rbac.ripples.EXACT", -1)
    crowd = Ripples(ripples.access).of(key, enabled=enabled)
    assert (exact.at_most, crowd.at_most) == (False, True)
    for side in ("loses", "gains", "had", "has"):
        assert those(exact, side) <= those(crowd, side), side
    assert exact.tenants <= crowd.tenants
    assert exact.computers <= crowd.computers
    assert {each.person: (each.roles, each.groups) for each in crowd.named(crowd.people)}.items() >= {
        each.person: (each.roles, each.groups) for each in exact.people
    }.items()


def those(ripple: Ripple, side: str) -> set[tuple[str, Permission]]:
    return {
        (each.person.email, share.permission) for each in ripple.people for share in each.shares if getattr(share, side)
    }


# People


def told(reader: User, *, enabled: bool = False) -> dict[str, str]:
    """Return what becomes of each person's scripts, by name."""
    ripple = Ripples(access_for(reader)).of(KEY, enabled=enabled)
    shares = {each.person.name: share for each in ripple.people for share in each.shares if share.permission == SCRIPTS}
    return {name: f"{share.before} > {share.after}" for name, share in shares.items()}


def test_a_role_that_keeps_it_keeps_it(people):
    give(people.dana, "msp_user", scope="tenant", tenant=people.fabrikam)
    assert told(people.marcus)["Dana Whitfield"] == "1 tenant > 0"
    give(people.dana, "script_manager", scope="tenant", tenant=people.litware)
    assert told(people.marcus)["Dana Whitfield"] == "2 tenants > 1 tenant"
    give(people.dana, "script_manager", scope="owner")
    assert told(people.marcus)["Dana Whitfield"] == "every tenant > every tenant"
    deny(people.dana, SCRIPTS, scope="tenant", tenant=people.litware)
    assert told(people.marcus)["Dana Whitfield"] == "4 tenants > 4 tenants"


def test_what_a_tenant_tightened_is_not_lost_again(people):
    give(people.dana, "msp_user", scope="tenant", tenant=people.fabrikam)
    SwitchFactory(key=KEY, tenant=people.fabrikam, enabled=False)
    assert "Dana Whitfield" not in told(people.marcus)
    assert Ripples(access_for(people.marcus)).board.tighteners()[KEY] == ["Fabrikam"]


def test_turning_on_gives_back_what_turning_off_took(people):
    give(people.dana, "msp_user", scope="tenant", tenant=people.fabrikam)
    SwitchFactory(key=KEY, enabled=False)
    assert told(people.marcus, enabled=True)["Dana Whitfield"] == "0 > 1 tenant"


def test_roles_and_groups_are_named_through_which_it_comes(people):
    give_group(people.desk, "msp_user", scope="tenant", tenant=people.fabrikam)
    give(people.dana, "tenant_user", scope="own_tenant")
    (dana,) = [
        each
        for each in Ripples(access_for(people.marcus)).of(KEY, enabled=False).people
        if each.person.id == people.dana.pk
    ]
    assert (dana.roles, dana.groups) == (["MSP User"], ["Service Desk"])


def test_what_the_reader_may_not_see_is_not_counted(people):
    give(people.theo, "msp_user", scope="own_tenant")
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    reader = person("Reader", people.contoso)
    grant(reader, Permission.PREFERENCES_MANAGE_SYSTEM, scope="owner")
    grant(reader, Permission.USERS_VIEW, scope="msp", tenant=people.contoso)
    deny(reader, Permission.TENANTS_VIEW, scope="tenant", tenant=people.litware)
    ripple = Ripples(access_for(reader)).of(KEY, enabled=False)
    assert told(reader)["Dana Whitfield"] == "2 tenants > 0"
    assert "Theo Brandt" not in told(reader)
    assert (ripple.tenants, ripple.beyond) == (2, True)


# The gate


def gates_no(user: User, *, enabled: bool) -> list[str]:
    """Return why the gate refuses this user's flip; one that it allows is done."""
    try:
        set_switch(actor=Actor(user), key=KEY, enabled=enabled, reason="Try")
    except Refused as refusal:
        return refusal.reasons
    return []


@pytest.mark.alike
@pytest.mark.parametrize("seed", range(40, 52))
def test_the_page_objects_where_the_gate_does(seed):
    load(build(Random(seed), timezone.now(), COARSE))
    for user in User.objects.filter(tenant__is_msp=True, tenant__is_active=True, is_active=True):
        grant(user, Permission.PREFERENCES_MANAGE_SYSTEM, scope="owner")
        if not access_for(user).can(Permission.PREFERENCES_MANAGE_SYSTEM, INSTANCE):
            continue
        ripples = Ripples(access_for(user))
        enabled = not ripples.board.stands(KEY)
        assert ripples.judged(KEY, enabled=enabled)[0] == gates_no(user, enabled=enabled)


# Cost


def queries(reader: User) -> int:
    with CaptureQueriesContext(connection) as captured:
        Ripples(access_for(reader)).flips(of_crowds=True)
    return len(captured)


def test_its_queries_do_not_grow_with_people_scopes_or_computers(people, governing_more):
    give(people.dana, "msp_user", scope="tenant", tenant=people.fabrikam)
    few = queries(people.marcus)
    for number in range(12):
        someone = person(f"Person{number:02} X", people.fabrikam)
        give(someone, "msp_user", scope="own_tenant", include_children=bool(number % 2))
        give(someone, "msp_user", scope="tenant", tenant=people.litware, computer_scope="computer",
             computer=ComputerFactory(tenant=people.litware))  # fmt: skip
        GroupMembershipFactory(group=people.desk, user=someone)
    give_group(people.desk, "script_manager", scope="msp", tenant=people.contoso)
    assert queries(people.marcus) == few


def test_every_role_that_keeps_something_is_there():
    keys = {key for spec in SWITCHES.values() for rule in spec.suspends for key in rule.kept_by}
    assert keys == set(Role.objects.filter(key__in=keys).values_list("key", flat=True))
