"""The bench of the rule still runs, and its ways to answer still answer alike (bench/rule.py)."""

import pytest

from bench.guarded import give_rows
from bench.questions import DisagreementError, examine
from bench.users import CHILDREN, DENY, MSP, OWNER, TAG, TEN, THREE, make_askers
from computers.models import Computer
from rbac.demo.estate import ROUND_THE_CLOCK
from tests.factories import (
    ComputerFactory,
    ComputerTagFactory,
    MspFactory,
    TagFactory,
    TenantFactory,
    TenantTagFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def askers(db):
    """Five customers of an MSP and one of another below it; the second and the last bear the tag."""
    msp = MspFactory()
    nested = MspFactory(parent=msp)
    customers = [*TenantFactory.create_batch(5, parent=msp), TenantFactory(parent=nested)]
    for tenant in customers:
        computers = ComputerFactory.create_batch(12, tenant=tenant)
    tag = TagFactory(name=ROUND_THE_CLOCK)
    for tenant in (customers[1], customers[-1]):
        TenantTagFactory(tenant=tenant, tag=tag)
    for computer in Computer.objects.filter(tenant=customers[0]).order_by("-pk")[:2]:
        ComputerTagFactory(computer=computer, tag=TagFactory())
    ComputerTagFactory(computer=computers[0], tag=TagFactory())
    return {asker.name: asker for asker in make_askers()}


def test_all_ways_answer_alike(askers):
    seen = {}
    for name, asker in askers.items():
        give_rows(asker)
        seen[name] = examine(asker).seen
    assert seen == {OWNER: 72, MSP: 60, TAG: 24, THREE: 36, TEN: 11, DENY: 48, CHILDREN: 72}


def test_another_answer_is_found(askers):
    give_rows(askers[TAG])
    ComputerFactory(tenant=Computer.objects.get(pk=_any_of(askers[TAG])).tenant)
    with pytest.raises(DisagreementError, match="tag technician: other rows by guardian"):
        examine(askers[TAG])


def _any_of(asker):
    return Computer.objects.filter(asker.ideals[0]).values_list("pk", flat=True)[0]
