"""The routes of changes that nobody makes, as `tests.walk.table` has the rest."""

from rbac.permissions import Permission
from tests.walk.visit import Visit

SIMULATE = Permission.GOVERNANCE_SIMULATE_CHANGES
WHAT_IF = [
    Visit("rbac:what-if", "GET", SIMULATE),
    Visit("rbac:what-if-pick", "GET", SIMULATE),
    Visit("rbac:user-what-if", "GET", SIMULATE, "User"),
    Visit("rbac:group-what-if", "GET", SIMULATE, "Group"),
    Visit("rbac:user-what-if-end", "GET", SIMULATE, "User"),
    Visit("rbac:group-what-if-end", "GET", SIMULATE, "Group"),
    Visit("rbac:role-what-if", "GET", SIMULATE, "Role"),
    Visit("rbac:user-what-if-move", "GET", SIMULATE, "User"),
    Visit("rbac:group-what-if-move", "GET", SIMULATE, "Group"),
    Visit("rbac:user-what-if-pick", "GET", SIMULATE, "User"),
    Visit("rbac:group-what-if-pick", "GET", SIMULATE, "Group"),
]
