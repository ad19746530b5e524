"""The side bar as data: an entry shows only where `holds` says so (design 4, guide "Layout")."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from immyrbac.addresses import address_of
from immyrbac.markup import icon
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
            Entry("What if", "what-if", "rbac:what-if", Permission.GOVERNANCE_SIMULATE_CHANGES),
            Entry("Audit log", "audit", "rbac:audit-list", Permission.AUDIT_VIEW),
        ),
    ),
    Group(
        "Settings",
        (Entry("Preferences", "preferences", "rbac:preference-list", Permission.PREFERENCES_VIEW_SYSTEM),),
    ),
)


class Item(NamedTuple):
    label: str
    icon: str
    url: str
    current: bool


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
    url = address_of(entry.url_name)
    return Item(entry.label, entry.icon, url, path == url if url == "/" else path.startswith(url))


def side_bar(request: HttpRequest) -> SafeString:
    """The side bar of this reader on this page: each entry was drawn once, which ones there are is asked."""
    groups = ((_heading(label), _list(items)) for label, items in groups_of(request))
    return format_html_join("\n", '<div class="nav-group">{}<ul>{}</ul></div>', groups)


def _list(items: list[Item]) -> SafeString:
    return format_html_join("\n", "{}", ((_drawn(item),) for item in items))


@cache
def _heading(label: str) -> SafeString:
    return format_html("<h2>{}</h2>", label) if label else SafeString("")


@cache
def _drawn(item: Item) -> SafeString:
    current = SafeString(' aria-current="page"' if item.current else "")
    line = '<li><a class="nav-item" href="{}"{}>{}{}</a></li>'
    return format_html(line, item.url, current, icon(item.icon), item.label)
