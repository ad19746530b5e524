"""What every page about one computer shows: its head, its tabs, and what the reader may do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from computers.lists import presence, standing
from computers.models import Computer, LibraryItem, License, Onboarding, Script, Software, SoftwareFile
from computers.script_pages import version_lines
from computers.seats import Taken
from computers.services import tags_of
from computers.shelves import LICENSES, SCRIPTS, SOFTWARE, Shelf
from immyrbac.markup import when
from immyrbac.requests import Request
from immyrbac.words import Status, counted
from rbac.access import Access, Subject
from rbac.explanation import Break
from rbac.lists import days_of, entries_about
from rbac.permissions import Permission
from rbac.switches import GOVERNING
from tenancy.links import tenant_url

LATEST = 10
"""Entries of the history that stand on a page of their own thing."""


class SeatLine(NamedTuple):
    """A computer that takes a seat, and why."""

    computer: Computer
    status: Status


INSTALLED, DEPLOYED = Status("live", "Installed"), Status("new", "Deployed")


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
    (Permission.AGENTS_INSTALL, "Install an agent…", "plus", "agents:enrolment-create-for", False),
    (Permission.COMPUTERS_DELETE, "Delete computer…", "trash", "computers:computer-delete", True),
)
"""Permission, words, icon and route of what may be done to a computer that is not deleted."""


ONBOARD = Permission.COMPUTERS_ONBOARD
WAITING: tuple[tuple[Permission, str, str, str, bool], ...] = (
    (ONBOARD, "Onboard…", "play", "maintenance:onboarding-start", False),
    (ONBOARD, "Skip onboarding…", "close", "maintenance:onboarding-skip", False),
)
"""The same of one that waits to be onboarded, before all else."""

AGAIN = (ONBOARD, "Onboard again…", "restore", "maintenance:onboarding-repeat", False)
"""And of every other, at the end."""

TERMINAL = (Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN)
"""What running anything on a computer takes."""

TABS: tuple[tuple[str, str, tuple[Permission, ...]], ...] = (
    ("computers:computer-detail", "Overview", ()),
    ("computers:computer-people", "People", (Person.VIEW,)),
    ("agents:terminal", "Terminal", TERMINAL),
    ("deployments:computer-deployments", "Deployments", (Permission.DEPLOYMENTS_VIEW,)),
    ("maintenance:computer-maintenance", "Maintenance", (Permission.SESSIONS_VIEW,)),
    ("maintenance:inventory-detail", "Inventory", (Permission.COMPUTERS_VIEW_INVENTORY,)),
    ("maintenance:computer-timeline", "Timeline", (Permission.COMPUTERS_VIEW_TIMELINE,)),
    ("computers:computer-who", "Who can do what", (Permission.GOVERNANCE_EXPLAIN_ACCESS,)),
    ("computers:computer-history", "History", (Permission.AUDIT_VIEW,)),
)
"""Route, words and what it takes on the computer."""


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
    for route, words, permissions in TABS:
        is_gone = permissions is TERMINAL and computer.deleted_at is not None
        if not is_gone and all(access.can(permission, computer) for permission in permissions):
            yield route, words


def _acts(access: Access, computer: Computer) -> Iterator[Act]:
    """A deleted computer can be restored, and nothing else."""
    if computer.deleted_at is not None:
        yield Act("Restore computer…", "restore", reverse("computers:computer-restore", args=[computer.pk]))
        return
    *acts, delete = ACTS
    waits = computer.onboarding == Onboarding.WAITING
    for permission, words, icon, route, takes in (*WAITING, *ACTS) if waits else (*acts, AGAIN, delete):
        if access.can(permission, computer):
            yield Act(words, icon, reverse(route, args=[computer.pk]), takes)


def facts_of(computer: Computer) -> list[tuple[str, object]]:
    """What is known of the device, beside its head."""
    return [
        ("Type", computer.get_type_display()),
        ("Operating system", computer.os or "Not reported"),
        ("Serial number", computer.serial_number or "Not reported"),
        *([("Onboarding", computer.get_onboarding_display())] if computer.onboarding else []),
        ("Added", when(computer.created_at)),
        ("Changed", when(computer.updated_at, "ago")),
        *([("Deleted", when(computer.deleted_at, "instant"))] if computer.deleted_at else []),
    ]


def library_tabs(access: Access, found: LibraryItem, shelf: Shelf, tab: str) -> list[Tab]:
    """The tabs of a library item, by the end of the names of their routes; none where there is but one."""
    if not access.can(Permission.SOFTWARE_SHARE, found):
        return []
    tabs = {"detail": "Overview", "share-list": "Shares"}
    return [Tab(words, shelf.url(name, found.pk), None, name == tab) for name, words in tabs.items()]


def _library_page(access: Access, found: LibraryItem, shelf: Shelf) -> dict[str, Any]:
    """What the page about a library item shows whatever its kind."""
    entries = entries_about(access, shelf.noun, found.pk, shelf.plural.lower())[:LATEST]
    query = urlencode({"kind": shelf.noun, "q": found.name})
    return {
        shelf.noun: found,
        "history_url": f"{reverse('rbac:audit-list')}?{query}",
        "days": days_of(entries, access) if access.holds(Permission.AUDIT_VIEW) else None,
        "owner": str(found.tenant or "The instance"),
        "may_manage": access.can(shelf.manage, found),
        "tabs": library_tabs(access, found, shelf, "detail"),
    }


def script_page(request: Request, script: Script) -> dict[str, Any]:
    """The context of the page about this script."""
    shared = _library_page(request.access, script, SCRIPTS)
    return {
        **shared,
        "versions": version_lines(request.access, script, LATEST),
        "line_count": counted(len(script.body.splitlines()), "line"),
        "suspension": "" if shared["may_manage"] else suspension(request.access, SCRIPTS.manage, script),
    }


def license_page(request: Request, found: License, key: str = "") -> dict[str, Any]:
    """The context of the page about this license; `key` where it was just revealed."""
    access, software = request.access, found.software
    return {
        **_library_page(access, found, LICENSES),
        "key": key,
        "status": standing(found, timezone.localdate()),
        "software": software if software and access.can(Permission.SOFTWARE_VIEW, software) else None,
        "may_reveal": access.can(Permission.LICENSES_DOWNLOAD, found),
        **_seats(access, found),
    }


def _seats(access: Access, found: License) -> dict[str, Any]:
    """How many of its seats are taken, and the first of the computers that take them."""
    taken = Taken(access, [found])
    if not taken.is_told(found):
        return {"use": None}
    return {
        "use": taken.uses()[found.pk],
        "computers": seat_lines(taken.rows(found).select_related("tenant").order_by("name", "pk")[:LATEST]),
        "computers_url": LICENSES.url("computers", found.pk),
    }


def seat_lines(computers: Iterable[Any]) -> list[SeatLine]:
    """Of rows of `Taken`."""
    return [SeatLine(each, INSTALLED if each.is_installed else DEPLOYED) for each in computers]


def software_page(request: Request, found: Software) -> dict[str, Any]:
    """The context of the page about this software: its files, and licenses for it that the reader may see."""
    access, today = request.access, timezone.localdate()
    licenses = access.seen(License).filter(software=found)[:LATEST] if access.holds(License.VIEW) else ()
    return {
        **_library_page(access, found, SOFTWARE),
        "files": list(found.files.all()),
        "licenses": [(each, standing(each, today)) for each in licenses],
    }


def file_of(found: Software, token: UUID) -> SoftwareFile:
    """A file of software that the reader may see. Raises Http404."""
    return get_object_or_404(found.files, token=token)


def suspension(access: Access, permission: Permission, obj: Subject | None = None) -> str:
    """Which preference takes from the reader here, or anywhere, what a role of theirs holds; empty where none does."""
    if obj is None:
        by = "A role of yours holds"
        holding = [grant for grant in access.grants if permission in grant.permissions and not grant.item]
        is_denied = any(grant.is_everywhere and not grant.allows for grant in holding)
        is_stopped = any(grant.allows for grant in holding) and not is_denied and not access.holds(permission)
    else:
        decision = access.explain(permission, obj)
        by = "What is shared with you gives" if decision.shares else "A role of yours holds"
        breaks = [*(path.breaks for path in decision.near_misses), *(path.breaks for path in decision.shares)]
        is_stopped = Break.SWITCH in breaks
    keys = GOVERNING.get(permission, ()) if is_stopped else ()
    said = " and ".join(f"“{key.label}”" for key in keys)
    return f"{by} {permission.label}, but the preference {said} suspends it." if said else ""
