"""What a move may give: at least all that some door asks of the thing that moves."""

import pytest

from immyrbac.declarations import routes
from rbac.moves import _about
from rbac.permissions import Permission


@pytest.mark.parametrize("kind", ["user", "computer", "tenant"])
def test_a_move_counts_all_that_doors_ask_of_the_thing(kind):
    declared = [route.declaration for route in routes() if route.declaration]
    asked = {each.permission for each in declared if each.container == kind.title()}
    assert asked <= set(_about(kind, frozenset(Permission)))
