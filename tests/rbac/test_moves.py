"""What a move may give: at least all that some door asks of the thing, to everybody whom it touches."""

from collections import Counter
from itertools import groupby, pairwise

import pytest
from django.utils import timezone

from accounts.models import User
from computers.models import Computer
from computers.scopes import OneComputerScope
from immyrbac.declarations import routes
from rbac import moves
from rbac.access import access_for
from rbac.judgement import Judge
from rbac.models import Role
from rbac.moves import Moving, Places, Telling, _about, moved, places_of
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from rbac.power import Difference, Reach
from tenancy.models import Tenant
from tenancy.scopes import SingleScope
from tests.factories import ComputerFactory, MspFactory, RoleAssignmentFactory, TenantFactory, UserFactory
from tests.oracle.compare import loaded
from tests.oracle.strategies import INSTANT, seeded
from tests.restore import undone


@pytest.mark.parametrize("kind", ["user", "computer", "tenant"])
def test_a_move_counts_all_that_doors_ask_of_the_thing(kind):
    declared = [route.declaration for route in routes() if route.declaration]
    asked = {each.permission for each in declared if each.container == kind.title()}
    assert asked <= set(_about(kind, frozenset(Permission)))


def everything() -> Moving:
    models = (Tenant, Computer, User)
    return Moving(*(list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models))


def shuffled() -> tuple[Places, Places]:
    """Each thing takes the place of the next one of its kind."""
    before = places_of(everything())
    return before, {one: before[other] for one, other in pairwise(sorted(before)) if one[0] == other[0]}


def apart() -> Telling:
    """By which no thing stands for one that has other ends."""
    tenants, computers = (model.objects.values_list("pk", flat=True) for model in (Tenant, Computer))
    return Telling(frozenset(map(SingleScope, tenants)), frozenset(map(OneComputerScope, computers)))


def found(places: tuple[Places, Places]) -> list[Counter]:
    claims = moved(*places, timezone.now(), apart)
    return [Counter((each.reach, each.permissions, each.region, each.ends) for each in side) for side in claims]


@pytest.mark.alike
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_whom_a_move_cannot_touch_is_left_out_and_nobody_else(seed, monkeypatch):
    with loaded(seeded(seed), INSTANT):
        places = shuffled()
        quick = found(places)
        reaches = moves._near([(places[0][key], places[1][key]) for key in places[1]])
        everybody = [list(held) for _, held in groupby(sorted(reaches, key=_person), key=_person)]
        monkeypatch.setattr(moves._Index, "touched", lambda *_: everybody)
        assert found(places) == quick
        assert any(quick) or seed not in {0, 1, 2, 3}


def _person(reach: Reach) -> tuple[int, int]:
    return reach.person.user_id or 0, reach.person.group_id or 0


def judged(user: User, change: Difference) -> list[str]:
    judge = Judge(access_for(user))
    judge.learn([claim.reach for side in change for claim in side])
    judge.gains(change.gains)
    judge.losses(change.losses)
    return sorted(judge.objections)


def twins() -> None:
    """Below each tenant two whom only one judge tells apart, each with a computer; who may do everything but at one."""
    judge, role = UserFactory(tenant=MspFactory()), Role.objects.get(key="msp_administrator")
    RoleAssignmentFactory(user=judge, role=role, scope="owner")
    for tenant in list(Tenant.objects.order_by("pk")):
        one, other = TenantFactory(parent=tenant), TenantFactory(parent=tenant)
        ComputerFactory(tenant=one)
        ComputerFactory(tenant=other)
        RoleAssignmentFactory(user=judge, role=role, scope="tenant", tenant=one, effect="deny")


@pytest.mark.alike
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_one_of_what_nobody_tells_apart_stands_for_all(seed):
    """Whoever judges says of one of each lot what they say of every thing, and people come by the same."""
    with loaded(seeded(seed), INSTANT):
        twins()
        before, now, spared = places_of(everything()), timezone.now(), 0
        for msp in Tenant.objects.filter(is_msp=True):
            with undone():
                Tenant.objects.filter(pk=msp.pk).update(is_msp=False)
                places = before, places_of(everything())
            every = moved(*places, now, apart)
            for user in User.objects.able_to_act():
                few = moved(*places, now, Judge(access_for(user)).telling)
                assert judged(user, few) == judged(user, every)
                assert Outcome.of(few).mark == Outcome.of(every).mark
                spared += len(every.losses) - len(few.losses)
        assert seed or spared
