"""The atlas against the algebra, in worlds at random."""

from random import Random

import pytest

from rbac.world import load
from tenancy.atlas import Atlas
from tenancy.models import Tag, Tenant
from tenancy.scopes import MspScope, OwnerScope, SingleScope, SubtreeScope, TagScope, load_tenants
from tests.oracle.strategies import build

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(8))
def test_it_covers_what_the_scopes_cover(seed):
    load(build(Random(seed)))
    atlas, tenants = Atlas(), load_tenants()
    ids = Tenant.objects.values_list("pk", flat=True)
    kinds = [kind(pk) for pk in ids for kind in (SingleScope, SubtreeScope, MspScope)]
    for scope in [OwnerScope(), *kinds, *map(TagScope, Tag.objects.values_list("pk", flat=True))]:
        assert atlas.covered(scope) == {tenant.id for tenant in tenants.values() if scope.covers(tenant)}, scope


def test_a_tenant_that_is_not_there_covers_nothing():
    assert Atlas().covered(SubtreeScope(4711)) == frozenset()
