"""The audit log, as far as the reader may see it: the list, and one entry with what was before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import Person, User
from computers.models import Computer, License, Script, Software
from immyrbac import words
from immyrbac.exports import Column, csv_response, json_lines_response
from immyrbac.http import personal, render_options, render_page
from immyrbac.requests import Request
from rbac.acting import access_of
from rbac.audit_chain import is_intact
from rbac.audit_records import address_of, compact, learn_lines, line_beside, record_of
from rbac.audit_words import KINDS, changes_of, reached_by, reaches_people
from rbac.decorators import requires
from rbac.lists import NEEDS, AuditFilters, AuditListing, days_of, line_of
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.sentences import plain

PAGES: dict[str, tuple[type[Model], str]] = {
    "computer": (Computer, "computers:computer-detail"),
    "license": (License, "computers:license-detail"),
    "person": (Person, "accounts:person-detail"),
    "script": (Script, "computers:script-detail"),
    "software": (Software, "computers:software-detail"),
    "user": (User, "accounts:user-detail"),
}
"""What an entry may be about and has a page of its own."""

NAMED = 100
"""So many of those whom an entry reached stand on its page; its exports name all."""


COLUMNS = (
    Column[AuditEntry]("Number", lambda entry: entry.pk),
    Column[AuditEntry]("When", lambda entry: entry.at.isoformat()),
    Column[AuditEntry]("Who", lambda entry: line_beside(entry).who),
    Column[AuditEntry]("As", lambda entry: line_beside(entry).on_behalf),
    Column[AuditEntry]("Action", lambda entry: entry.action),
    Column[AuditEntry]("What happened", lambda entry: plain(line_beside(entry).words)),
    Column[AuditEntry]("About", lambda entry: entry.target_label),
    Column[AuditEntry]("Tenant", lambda entry: line_beside(entry).place),
    Column[AuditEntry]("Reason", lambda entry: entry.reason),
    Column[AuditEntry]("Before", lambda entry: compact(entry.before)),
    Column[AuditEntry]("After", lambda entry: compact(entry.after)),
    Column[AuditEntry]("Address", lambda entry: address_of(line_beside(entry))),
    Column[AuditEntry]("Request", lambda entry: entry.request_id),
    Column[AuditEntry]("Hash", lambda entry: entry.hash),
)
EXPORTS = {"Export CSV": "rbac:audit-export", "Export JSON lines": "rbac:audit-export-json"}


@requires(Permission.AUDIT_VIEW)
def audit_list(request: Request) -> HttpResponse:
    entries = request.access.seen(AuditEntry).select_related(*NEEDS)
    listing = AuditListing(request, entries, AuditFilters(request.GET, access=request.access))
    may_export = request.access.holds(Permission.AUDIT_EXPORT)
    context = {
        "listing": listing,
        "days": days_of(listing.rows, request.access),
        "exports": [(words, reverse(name)) for words, name in EXPORTS.items()] if may_export else [],
    }
    return render_page(request, "rbac/audit_list.html", "rbac/_audit_table.html", context)


@requires(Permission.AUDIT_EXPORT)
def audit_export(request: Request) -> HttpResponseBase:
    """The rows of the list that the right to export covers as well."""
    return csv_response("audit", _all_of_it(request), COLUMNS, *_asked_anew(request))


@requires(Permission.AUDIT_EXPORT)
def audit_export_json(request: Request) -> HttpResponseBase:
    """The same rows for programs, with what the chain is made of."""
    return json_lines_response("audit", _all_of_it(request), record_of, *_asked_anew(request))


def _all_of_it(request: Request) -> AuditListing:
    filters = AuditFilters(request.GET, access=request.access)
    return AuditListing(request, request.access.seen(AuditEntry), filters, paged=False)


def _asked_anew(request: Request) -> tuple[Callable[[], QuerySet[AuditEntry] | None], Callable[[Any], None]]:
    """What the reader may export, and of whom by name: each time as their access is then."""
    access = request.access

    def scoped() -> QuerySet[AuditEntry] | None:
        nonlocal access
        access = access_of(request.actor)
        rows = access.reachable(AuditEntry, Permission.AUDIT_EXPORT)
        return rows.select_related(*NEEDS) if access.holds(Permission.AUDIT_EXPORT) else None

    return scoped, lambda entries: learn_lines(entries, access)


@requires(Permission.AUDIT_VIEW, on=AuditEntry)
def audit_detail(request: Request, entry: AuditEntry) -> HttpResponse:
    line, seen = line_of(entry, request.access), request.access.seen(AuditEntry)
    reached = reached_by(entry)
    context = {
        "line": line,
        "day": words.day(entry.at),
        "kind": KINDS.get(entry.target_type, "About"),
        "changes": changes_of(entry),
        "reached": reached[:NAMED],
        "reaches_people": reaches_people(entry),
        "reached_count": len(reached),
        "reached_more": max(0, len(reached) - NAMED),
        "target_url": _target_url(request, entry),
        "about_url": _narrowed(target=f"{entry.target_type}:{entry.target_id}") if _is_one(entry) else "",
        **_of_actor(request, entry),
        "address": address_of(line),
        "newer": _url(seen.filter(pk__gt=entry.pk).order_by("pk").first()),
        "older": _url(seen.filter(pk__lt=entry.pk).order_by("-pk").first()),
        "is_intact": is_intact(entry),
    }
    return personal(render(request, "rbac/audit_detail.html", context))


@requires(Permission.USERS_VIEW)
def actor_pick(request: Request) -> HttpResponse:
    """Who may be chosen as the actor of entries: the users that the reader may see."""
    return render_options(request, request.access.seen(User), describe=lambda user: {"help": user.email})


def _is_one(entry: AuditEntry) -> bool:
    """Whether the entry is about one thing, by which the log can be narrowed."""
    return entry.target_type in KINDS and entry.target_id is not None


def _of_actor(request: Request, entry: AuditEntry) -> dict[str, str]:
    """The page of whoever acted, or acted as another, and all that they did; where the reader may see them."""
    pk = entry.impersonator_id or entry.actor_id
    seen = pk is not None and request.access.seen(User).filter(pk=pk).exists()
    return {"actor_url": reverse("accounts:user-detail", args=[pk]), "by_url": _narrowed(actor=pk)} if seen else {}


def _narrowed(**filters: object) -> str:
    return f"{reverse('rbac:audit-list')}?{urlencode(filters, safe=':')}"


def _url(entry: AuditEntry | None) -> str:
    return reverse("rbac:audit-detail", args=[entry.pk]) if entry else ""


def _target_url(request: Request, entry: AuditEntry) -> str:
    """The page of what the entry is about, where it still is and the reader may see it."""
    model, name = PAGES.get(entry.target_type, (None, ""))
    if model is None or not request.access.seen(model).filter(pk=entry.target_id).exists():
        return ""
    return reverse(name, args=[entry.target_id])
