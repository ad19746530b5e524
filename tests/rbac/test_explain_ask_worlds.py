"""Questions in words in worlds at random, with many things of one name."""

import pytest

from rbac.access import access_for, who_can
from rbac.explain_forms import Question
from rbac.explain_words import answer_words, words_for
from rbac.objects import ComputersOf
from rbac.permissions import Permission
from rbac.subjects import explain_url, who_url
from rbac.world import load
from tenancy.models import Tenant
from tests.effort import effort
from tests.factories import ComputerFactory, MspFactory, UserFactory
from tests.grants import grant
from tests.oracle.strategies import seeded

pytestmark = pytest.mark.django_db


@pytest.mark.alike
@pytest.mark.parametrize("seed", range(6))
def test_any_whole_question_is_read_back(seed):
    """In a world with many things of one name it is among those that are offered."""
    load(seeded(seed))
    reader = UserFactory(tenant=MspFactory())
    grant(reader, *Permission)
    access = access_for(reader)
    few, fewer = effort((2, 1), (3, 2), (3, 2))
    things = [*Tenant.objects.all()[:few], *(ComputersOf(each, "servers") for each in Tenant.objects.all()[:fewer])]
    for thing in things:
        for permission in list(Permission)[seed::6]:
            question = Question(reader, permission, thing)
            for who, asked in (
                (True, who_url(permission=permission, on=thing)),
                (False, explain_url(user=reader, permission=permission, on=thing)),
            ):
                answer = answer_words(access, reader, words_for(question, reader, who=who))
                assert asked in (answer.address, *(choice.address for choice in answer.choices))


@pytest.mark.alike
@pytest.mark.parametrize("seed", range(8))
def test_computers_of_a_type_are_as_any_of_them_without_a_tag(seed):
    load(seeded(seed))
    for tenant in Tenant.objects.all():
        real = ComputerFactory(tenant=tenant, type="server", name="ANY-ONE")
        every = ComputersOf(tenant, "servers")
        for permission in (
            Permission.COMPUTERS_MANAGE,
            Permission.COMPUTERS_VIEW,
            Permission.COMPUTERS_DELETE,
            Permission.USERS_VIEW,
        ):
            may = set(who_can(permission, real))
            assert set(who_can(permission, every)) == may
            for user in may:
                assert access_for(user).can(permission, every)
                assert access_for(user).explain(permission, every).allowed
