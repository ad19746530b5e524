"""The audit log, as far as the reader may see it: the list, and one entry with what was before and after."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from computers.models import Computer, Script
from immyrbac import words
from immyrbac.exports import Column, csv_response
from immyrbac.http import personal, render_options, render_page
from immyrbac.requests import Request
from rbac.access import access_for
from rbac.audit import is_intact
from rbac.audit_words import KINDS, changes_of, reached_by
from rbac.decorators import requires
from rbac.lists import NEEDS, AuditFilters, AuditListing, Line, days_of, line_of
from rbac.models import AuditEntry
from rbac.naming import OPERATOR
from rbac.permissions import Permission
from rbac.sentences import plain

PAGES: dict[str, tuple[type[Model], str]] = {
    "computer": (Computer, "computers:computer-detail"),
    "script": (Script, "computers:script-detail"),
    "user": (User, "accounts:user-detail"),
}
"""What an entry may be about and has a page of its own."""


def _line(entry: AuditEntry) -> Line:
    line: Line = getattr(entry, "line")  # noqa: B009  the export has put it there
    return line


COLUMNS = (
    Column[AuditEntry]("Number", lambda entry: entry.pk),
    Column[AuditEntry]("When", lambda entry: entry.at.isoformat()),
    Column[AuditEntry]("Who", lambda entry: _line(entry).who),
    Column[AuditEntry]("As", lambda entry: _line(entry).on_behalf),
    Column[AuditEntry]("Action", lambda entry: entry.action),
    Column[AuditEntry]("What happened", lambda entry: plain(_line(entry).words)),
    Column[AuditEntry]("Tenant", lambda entry: _line(entry).place),
    Column[AuditEntry]("Reason", lambda entry: entry.reason),
    Column[AuditEntry]("Request", lambda entry: entry.request_id),
    Column[AuditEntry]("Hash", lambda entry: entry.hash),
)


@requires(Permission.AUDIT_VIEW)
def audit_list(request: Request) -> HttpResponse:
    entries = request.access.seen(AuditEntry).select_related(*NEEDS)
    listing = AuditListing(request, entries, AuditFilters(request.GET, access=request.access))
    context = {"listing": listing, "days": days_of(listing.rows, request.access)}
    context["export_url"] = reverse("rbac:audit-export")
    return render_page(request, "rbac/audit_list.html", "rbac/_audit_table.html", context)


@requires(Permission.AUDIT_VIEW)
def audit_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see, and of whom by name, is asked anew while they are written."""
    filters = AuditFilters(request.GET, access=request.access)
    listing = AuditListing(request, request.access.seen(AuditEntry), filters, paged=False)
    access = request.access

    def scoped() -> QuerySet[AuditEntry] | None:
        nonlocal access
        access = access_for(request.user)
        return access.seen(AuditEntry).select_related(*NEEDS) if access.holds(AuditEntry.VIEW) else None

    def learn(entries: Sequence[AuditEntry]) -> None:
        for line in chain.from_iterable(day.lines for day in days_of(entries, access)):
            line.entry.line = line  # type: ignore[attr-defined]  # for the columns alone

    return csv_response("audit", listing, COLUMNS, scoped, learn)


@requires(Permission.AUDIT_VIEW, on=AuditEntry)
def audit_detail(request: Request, entry: AuditEntry) -> HttpResponse:
    line, seen = line_of(entry, request.access), request.access.seen(AuditEntry)
    context = {
        "line": line,
        "day": words.day(entry.at),
        "kind": KINDS.get(entry.target_type, "About"),
        "changes": changes_of(entry),
        "reached": reached_by(entry),
        "target_url": _target_url(request, entry),
        "address": "" if OPERATOR in (line.who, line.on_behalf) else entry.address,
        "newer": _url(seen.filter(pk__gt=entry.pk).order_by("pk").first()),
        "older": _url(seen.filter(pk__lt=entry.pk).order_by("-pk").first()),
        "is_intact": is_intact(entry),
    }
    return personal(render(request, "rbac/audit_detail.html", context))


@requires(Permission.USERS_VIEW)
def actor_pick(request: Request) -> HttpResponse:
    """Who may be chosen as the actor of entries: the users that the reader may see."""
    return render_options(request, request.access.seen(User), describe=lambda user: {"help": user.email})


def _url(entry: AuditEntry | None) -> str:
    return reverse("rbac:audit-detail", args=[entry.pk]) if entry else ""


def _target_url(request: Request, entry: AuditEntry) -> str:
    """The page of what the entry is about, where it still is and the reader may see it."""
    model, name = PAGES.get(entry.target_type, (None, ""))
    if model is None or not request.access.seen(model).filter(pk=entry.target_id).exists():
        return ""
    return reverse(name, args=[entry.target_id])
