"""What every page about one computer shows: its head, its tabs, and what the reader may do with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from computers.lists import presence, standing
from computers.models import Computer, License, Script
from computers.services import tags_of
from immyrbac.markup import when
from immyrbac.requests import Request
from immyrbac.words import counted
from rbac.access import Access, Subject
from rbac.explanation import Break
from rbac.lists import days_of, entries_about
from rbac.permissions import Permission
from rbac.switches import GOVERNING
from tenancy.links import tenant_url

LATEST = 10
"""Entries of the history that stand on a page of their own thing."""


class Act(NamedTuple):
    """One act of the head's menu; `takes` is set apart in red."""

    words: str
    icon: str
    url: str
    takes: bool = False


ACTS: tuple[tuple[Permission, str, str, str, bool], ...] = (
    (Permission.COMPUTERS_MANAGE, "Edit computer…", "edit", "computers:computer-edit", False),
    (Permission.COMPUTERS_MANAGE, "Change type…", "servers", "computers:computer-type", False),
    (Permission.COMPUTERS_MANAGE_TAGS, "Change tags…", "tags", "computers:computer-tags", False),
    (Permission.COMPUTERS_CHANGE_TENANT, "Move to another tenant…", "move", "computers:computer-move", False),
    (Permission.COMPUTERS_DELETE, "Delete computer…", "trash", "computers:computer-delete", True),
)
"""Permission, words, icon and route of what may be done to a computer that is not deleted."""


class Tab(NamedTuple):
    words: str
    address: str
    number: int | None
    current: bool


def computer_page(request: Request, computer: Computer, tab: str) -> dict[str, Any]:
    """The context of a page about this computer; `tab` is the URL name of the one that is open."""
    access, url = request.access, reverse("computers:computer-notes", args=[computer.pk])
    may_note = computer.deleted_at is None and access.can(Permission.COMPUTERS_MANAGE_NOTES, computer)
    return {
        "computer": computer,
        "status": presence(computer, timezone.now()),
        "tags": tags_of(computer),
        "tenant_url": tenant_url(access, computer.tenant),
        "acts": list(_acts(access, computer)),
        "notes_url": url if may_note else "",
        "tabs": [
            Tab(words, reverse(name, args=[computer.pk]), None, name == tab) for name, words in _tabs(access, computer)
        ],
    }


def _tabs(access: Access, computer: Computer) -> Iterator[tuple[str, str]]:
    yield "computers:computer-detail", "Overview"
    if access.can(Permission.GOVERNANCE_EXPLAIN_ACCESS, computer):
        yield "computers:computer-who", "Who can do what"
    if access.can(Permission.AUDIT_VIEW, computer):
        yield "computers:computer-history", "History"


def _acts(access: Access, computer: Computer) -> Iterator[Act]:
    """A deleted computer can be restored, and nothing else."""
    if computer.deleted_at is not None:
        yield Act("Restore computer…", "restore", reverse("computers:computer-restore", args=[computer.pk]))
        return
    for permission, words, icon, route, takes in ACTS:
        if access.can(permission, computer):
            yield Act(words, icon, reverse(route, args=[computer.pk]), takes)


def facts_of(computer: Computer) -> list[tuple[str, object]]:
    """What is known of the device, beside its head."""
    return [
        ("Type", computer.get_type_display()),
        ("Operating system", computer.os or "Not reported"),
        ("Serial number", computer.serial_number or "Not reported"),
        ("Added", when(computer.created_at)),
        ("Changed", when(computer.updated_at, "ago")),
        *([("Deleted", when(computer.deleted_at, "instant"))] if computer.deleted_at else []),
    ]


def script_page(request: Request, script: Script) -> dict[str, Any]:
    """The context of the page about this script."""
    may = request.access.can(Permission.SCRIPTS_MANAGE, script)
    entries = entries_about(request.access, "script", script.pk, "scripts")[:LATEST]
    query = urlencode({"kind": "script", "q": script.name})
    return {
        "script": script,
        "line_count": counted(len(script.body.splitlines()), "line"),
        "history_url": f"{reverse('rbac:audit-list')}?{query}",
        "days": days_of(entries, request.access) if request.access.holds(Permission.AUDIT_VIEW) else None,
        "owner": str(script.tenant or "The instance"),
        "may_manage": may,
        "suspension": "" if may else suspension(request.access, Permission.SCRIPTS_MANAGE, script),
    }


def license_page(request: Request, found: License, key: str = "") -> dict[str, Any]:
    """The context of the page about this license; `key` where it was just revealed."""
    access = request.access
    entries = entries_about(access, "license", found.pk, "licenses")[:LATEST]
    return {
        "license": found,
        "key": key,
        "status": standing(found, timezone.localdate()),
        "history_url": f"{reverse('rbac:audit-list')}?{urlencode({'kind': 'license', 'q': found.name})}",
        "days": days_of(entries, access) if access.holds(Permission.AUDIT_VIEW) else None,
        "owner": str(found.tenant or "The instance"),
        "may_manage": access.can(Permission.LICENSES_MANAGE, found),
        "may_reveal": access.can(Permission.LICENSES_DOWNLOAD, found),
    }


def suspension(access: Access, permission: Permission, obj: Subject | None = None) -> str:
    """Which preference takes from the reader here, or anywhere, what a role of theirs holds; empty where none does."""
    if obj is None:
        holding = [grant for grant in access.grants if permission in grant.permissions]
        is_denied = any(grant.is_everywhere and not grant.allows for grant in holding)
        is_stopped = any(grant.allows for grant in holding) and not is_denied and not access.holds(permission)
    else:
        is_stopped = any(path.breaks == Break.SWITCH for path in access.explain(permission, obj).near_misses)
    keys = GOVERNING.get(permission, ()) if is_stopped else ()
    said = " and ".join(f"“{key.label}”" for key in keys)
    return f"A role of yours holds {permission.label}, but the preference {said} suspends it." if said else ""
