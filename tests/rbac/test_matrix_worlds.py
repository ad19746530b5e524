"""The matrix is the rule for many people at once: in worlds at random it says what `can` says of each."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from computers.models import Computer
from rbac.access import Access, access_for
from rbac.matrix import ACTIONS, Matrix, State
from rbac.permissions import Permission
from rbac.world import load
from tenancy.models import Tenant
from tests.effort import effort
from tests.factories import UserFactory
from tests.grants import grant
from tests.oracle.strategies import seeded
from tests.restore import undone

pytestmark = pytest.mark.django_db
MAY = {State.ALLOW, State.SOON}
COMPUTERS = (Permission.COMPUTERS_VIEW, Permission.COMPUTERS_MANAGE)


@pytest.fixture(scope="module", params=range(effort(6, 12, 60)))
def world(request, django_db_setup, django_db_blocker) -> Iterator[tuple[Access, dict[int, Access]]]:
    """Loaded once for all that is asked of it: somebody who may ask about everybody, and everybody."""
    with django_db_blocker.unblock(), undone():
        load(seeded(request.param))
        reader = UserFactory(name="Owner")
        grant(reader, Permission.GOVERNANCE_EXPLAIN_ACCESS)
        yield access_for(reader), {user.pk: access_for(user) for user in User.objects.order_by("pk")}


def test_each_cell_says_what_the_rule_says(world):
    reader, accesses = world
    for computer in Computer.objects.live()[:4]:
        matrix = Matrix(computer, reader)
        shown = list(matrix.people.filter(matrix.named))
        reaching = matrix.of_people(shown)
        actions = ACTIONS[Computer]
        said = {(user.pk, p) for user in shown for p in actions if matrix.state(p, reaching.get(user.pk, [])) in MAY}
        assert said == {(pk, p) for pk, access in accesses.items() for p in actions if access.can(p, computer)}


def test_each_cell_of_a_tenant_says_what_the_rule_says_of_it_and_of_its_computers(world):
    reader, accesses = world
    for tenant in Tenant.objects.all()[:6]:
        matrix = Matrix(tenant, reader)
        shown = list(matrix.people.filter(matrix.named))
        reaching, told = matrix.of_people(shown), {}
        for user in shown:
            told |= {(user.pk, p): matrix.state(p, reaching.get(user.pk, [])) for p in ACTIONS[Tenant]}
        may = {(pk, p) for pk, access in accesses.items() for p in ACTIONS[Tenant] if access.can(p, tenant)}
        # A deny on some computers leaves the permission on the tenant as such; the page says that a part is taken.
        assert {cell for cell, state in told.items() if state in MAY} <= may
        assert may <= {cell for cell, state in told.items() if state in {*MAY, State.PART}}
        for computer in Computer.objects.live().filter(tenant=tenant):
            on_it = {(pk, p) for pk, each in accesses.items() for p in COMPUTERS if each.can(p, computer)}
            assert on_it <= {cell for cell, state in told.items() if state in {*MAY, State.PART}}


def test_whoever_is_not_named_stands_behind_the_operator(world):
    _, accesses = world
    for access in [*accesses.values()][:3]:
        for computer in access.seen(Computer)[:2]:
            matrix = Matrix(computer, access)
            named = set(matrix.people.filter(matrix.named).values_list("pk", flat=True))
            others = [each for pk, each in accesses.items() if pk not in named]
            able = {p for p in ACTIONS[Computer] if any(other.can(p, computer) for other in others)}
            states = matrix.operator_states() or {}
            assert {p for p, state in states.items() if state in MAY} == able
