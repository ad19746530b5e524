"""Two owners who end or remove each other at once: one remains, and the other is told no (design 6, rule 6)."""

from collections.abc import Callable

import pytest

from accounts.models import User
from accounts.services import remove_user
from rbac.audit import Actor
from rbac.models import Role, RoleAssignment
from rbac.owners import usable_owners
from rbac.services import end_assignments
from tests import factories
from tests.races.racer import RACES, Racer

pytestmark = pytest.mark.django_db(transaction=True)

Owner = tuple[User, RoleAssignment]


def owner(msp) -> Owner:
    role = Role.objects.get(key="msp_administrator")
    user = factories.UserFactory(tenant=msp)
    return user, factories.RoleAssignmentFactory(user=user, role=role, scope="owner")


def ends(one: Owner, other: Owner) -> Callable[[], object]:
    return lambda: end_assignments(actor=Actor(one[0]), assignments=[other[1].pk], reason="race")


def removes(one: Owner, other: Owner) -> Callable[[], object]:
    return lambda: remove_user(actor=Actor(one[0]), user=other[0], reason="race")


@pytest.mark.parametrize("act", [ends, removes])
def test_one_owner_remains(act):
    msp = factories.MspFactory()
    with Racer() as racer:
        for _ in range(RACES):
            one, other = owner(msp), owner(msp)
            assert sorted(racer.race(act(one, other), act(other, one))) == ["done", "refused"]
            assert usable_owners().count() == 1
            RoleAssignment.objects.unended().update(ended_at="2026-01-01T00:00Z", end_reason="next race")
