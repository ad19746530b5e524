"""The dashboard and the reports, as the walk visits them."""

from collections.abc import Callable
from typing import Any

from rbac.permissions import Permission
from tests.walk.visit import Visit
from tests.walk.world import Estate, World

VIEW, SYSTEM, EXPORT = Permission.REPORTS_VIEW, Permission.REPORTS_VIEW_SYSTEM, Permission.REPORTS_EXPORT
# What the reports count: without it a report is there, and says why it counts nothing.
COUNTED = frozenset({Permission.COMPUTERS_VIEW, Permission.LICENSES_VIEW, Permission.USERS_VIEW, Permission.ROLES_VIEW})


def of(kind: str) -> Callable[[World, Estate], dict[str, Any]]:
    return lambda world, estate: {"kind": kind}


REPORTS = [
    Visit("rbac:dashboard-detail", "GET", Permission.DASHBOARD_VIEW),
    Visit("rbac:dashboard-system", "GET", Permission.DASHBOARD_VIEW_SYSTEM, "instance"),
    Visit("rbac:report-list", "GET", VIEW),
    Visit("rbac:report-detail", "GET", VIEW, route=of("computers")),
    Visit("rbac:report-system", "GET", SYSTEM, "instance", route=of("access"), also=COUNTED),
    Visit("rbac:report-export", "GET", EXPORT, route=of("licenses")),
    Visit("rbac:report-export-sheet", "GET", EXPORT, route=of("computers")),
    Visit("rbac:report-system-export", "GET", EXPORT, "instance", route=of("access"), also=COUNTED | {SYSTEM}),
    Visit(
        "rbac:report-system-export-sheet", "GET", EXPORT, "instance", route=of("computers"), also=frozenset({SYSTEM})
    ),
]
