"""The side bar as data: an entry shows only where `holds` says so (design 4, guide "Layout")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from rbac.permissions import Permission


class Entry(NamedTuple):
    """`permission` None: for everybody who is signed in."""

    label: str
    icon: str
    url_name: str
    permission: Permission | None


class Group(NamedTuple):
    label: str
    entries: tuple[Entry, ...]


NAVIGATION = (
    Group("", (Entry("Start", "home", "start", None),)),
    Group(
        "People",
        (
            Entry("Users", "users", "accounts:user-list", Permission.USERS_VIEW),
            Entry("People", "user", "accounts:person-list", Permission.USERS_VIEW),
            Entry("Groups", "groups", "accounts:group-list", Permission.GROUPS_VIEW),
            Entry("Roles", "roles", "rbac:role-list", Permission.ROLES_VIEW),
            Entry("Requests", "mail", "accounts:access-request-list", Permission.USERS_MANAGE_ACCESS_REQUESTS),
        ),
    ),
    Group(
        "Estate",
        (
            Entry("Tenants", "tenants", "tenancy:tenant-list", Permission.TENANTS_VIEW),
            Entry("Computers", "computers", "computers:computer-list", Permission.COMPUTERS_VIEW),
            Entry("Agents", "agents", "agents:agent-list", Permission.AGENTS_VIEW),
            Entry("Maintenance", "maintenance", "maintenance:session-list", Permission.SESSIONS_VIEW),
            Entry("Tags", "tags", "tenancy:tag-list", Permission.TAGS_VIEW),
            Entry("Software", "software", "computers:software-list", Permission.SOFTWARE_VIEW),
            Entry("Deployments", "deployments", "deployments:deployment-list", Permission.DEPLOYMENTS_VIEW),
            Entry("Schedules", "schedules", "schedules:schedule-list", Permission.SCHEDULES_VIEW),
            Entry("Licenses", "licenses", "computers:license-list", Permission.LICENSES_VIEW),
            Entry("Scripts", "scripts", "computers:script-list", Permission.SCRIPTS_VIEW),
        ),
    ),
    Group(
        "Oversight",
        (
            Entry("Dashboard", "dashboard", "rbac:dashboard-detail", Permission.DASHBOARD_VIEW),
            Entry("Reports", "reports", "rbac:report-list", Permission.REPORTS_VIEW),
            Entry("Assignments", "key", "rbac:assignment-index", Permission.USERS_VIEW),
            Entry("Explain access", "explain", "rbac:explain", Permission.GOVERNANCE_EXPLAIN_ACCESS),
            Entry("Audit log", "audit", "rbac:audit-list", Permission.AUDIT_VIEW),
        ),
    ),
    Group(
        "Settings",
        (Entry("Preferences", "preferences", "rbac:preference-list", Permission.PREFERENCES_VIEW_SYSTEM),),
    ),
)


@dataclass(frozen=True)
class Item:
    label: str
    icon: str
    url: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, a list of (label of the group, items), worked out only where a template asks."""
    return {"nav": SimpleLazyObject(lambda: list(groups_of(request)))}


def groups_of(request: HttpRequest) -> Iterator[tuple[str, list[Item]]]:
    """Each group with the entries that the reader's access opens."""
    access = getattr(request, "access", None)
    for group in NAVIGATION:
        items = [
            _item(entry, request.path)
            for entry in group.entries
            if access is not None and (entry.permission is None or access.holds(entry.permission))
        ]
        if items:
            yield group.label, items


def _item(entry: Entry, path: str) -> Item:
    url = reverse(entry.url_name)
    return Item(entry.label, entry.icon, url, path == url if url == "/" else path.startswith(url))
