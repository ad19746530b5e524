"""All assignments: as they were given, and by whom they reach; several are ended at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.forms.users import ReasonForm
from accounts.models import User
from immyrbac.attempts import attempting, status_of
from immyrbac.exports import csv_response
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from immyrbac.selections import StaleSelectionError, selection
from immyrbac.words import counted
from rbac.access import Access
from rbac.acting import access_of
from rbac.assignment_lists import AssignmentFilters, AssignmentListing, ReachFilters, ReachListing
from rbac.assignment_pages import COLUMNS, THROUGH, Record, lines_of, people_of, record_of, views_of
from rbac.coverage import endable_among
from rbac.decorators import WRITE, requires
from rbac.marks import LOOKED_AT, marks_of
from rbac.models import RoleAssignment
from rbac.outcome_pages import panel_of_ending, shown_of
from rbac.pages import GIVERS
from rbac.permissions import Permission
from rbac.regions import Estate
from rbac.role_use import of_whom_is_seen
from rbac.sentences import told
from rbac.services import end_assignments

CONFLICT = 409
CHOICE = ("ids", "all", "expected", "filter")
MOST, NAMED = 200, 10
"""Assignments that end in one act, and how many of them the question names."""


@requires(Permission.USERS_VIEW)
def assignment_index(request: Request) -> HttpResponse:
    filters = AssignmentFilters(request.GET, access=request.access)
    listing = AssignmentListing(request, _seen(request.access), filters, gathers=_gathers(request.access))
    may_end = any(map(request.access.holds, (Permission.USERS_MANAGE, *GIVERS)))
    rows, estate = told(listing.rows), Estate()
    endable = endable_among(request.access, rows, estate) if may_end else set()
    context = {
        "listing": listing,
        "lines": lines_of(request.access, rows, marks_of(request.access, rows, estate), endable),
        "views": views_of(listing),
        "orphaned": filters.cleaned_data["mark"] == "orphaned",
        "batch": [("End…", reverse("rbac:assignment-end-several"), "takes")] if endable else [],
        "looked_at": 0 if filters.all_looked_at else LOOKED_AT,
    }
    return render_page(request, "rbac/assignment_index.html", "rbac/_assignment_table.html", context)


@requires(Permission.USERS_VIEW)
def assignment_people(request: Request) -> HttpResponse:
    """By person, with what reaches them through groups."""
    filters = ReachFilters(request.GET, access=request.access)
    listing = ReachListing(request, _people(request.access), filters)
    context = {
        "listing": listing,
        "people": people_of(request.access, listing.rows, filters),
        "views": views_of(listing),
    }
    return render_page(request, "rbac/assignment_people.html", "rbac/_assignment_people.html", context)


@requires(Permission.USERS_VIEW)
def assignment_export(request: Request) -> HttpResponseBase:
    """The rows of the list with their marks; what the reader may see is asked anew while it is written."""
    filters = AssignmentFilters(request.GET, access=request.access)
    seen, gathers = _seen(request.access), _gathers(request.access)
    listing = AssignmentListing(request, seen, filters, paged=False, gathers=gathers)

    def scoped() -> QuerySet[RoleAssignment] | None:
        filters.access = access_of(request.actor)
        return _seen(filters.access) if filters.access.holds(Permission.USERS_VIEW) else None

    def records(rows: Sequence[RoleAssignment]) -> Iterable[list[Record]]:
        lines = lines_of(filters.access, told(rows), marks_of(filters.access, rows), ())
        return ([record_of(line.held, line.mark)] for line in lines)

    return csv_response("assignments", listing, COLUMNS, scoped, told=records)


@requires(Permission.USERS_VIEW)
def assignment_people_export(request: Request) -> HttpResponseBase:
    """A line for each person and assignment of the list by person; asked anew likewise."""
    filters = ReachFilters(request.GET, access=request.access)
    listing = ReachListing(request, _people(request.access), filters, paged=False)

    def scoped() -> QuerySet[User] | None:
        filters.access = access_of(request.actor)
        return _people(filters.access) if filters.access.holds(Permission.USERS_VIEW) else None

    def told(users: Sequence[User]) -> Iterable[list[Record]]:
        people = people_of(filters.access, users, filters)
        return ([record_of(held, None, person.user) for held in person.held] for person in people)

    return csv_response("assignments-per-person", listing, (*COLUMNS, THROUGH), scoped, told=told)


def _seen(access: Access) -> QuerySet[RoleAssignment]:
    return of_whom_is_seen(access) if _gathers(access) else access.seen(RoleAssignment)


def _gathers(access: Access) -> bool:
    """Whoever sees everybody finds the next rows on the way; for anybody else they lie too thinly among the others'."""
    return not access.is_total(User.VIEW)


def _people(access: Access) -> QuerySet[User]:
    seen: QuerySet[User] = access.seen(User).filter(removed_at=None).select_related("tenant")
    return seen


@requires(Permission.USERS_MANAGE, methods=WRITE, or_holds=GIVERS)
def assignment_end_several(request: Request) -> HttpResponse:
    """The first visit names them; one that was confirmed ends all of them, or none."""
    try:
        rows = _chosen(request)
    except StaleSelectionError:
        return _ask(request, [], ReasonForm(), CONFLICT)
    form = ReasonForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        with attempting(form):
            said = {"reason": form.cleaned_data["reason"], "shown": shown_of(request, _several(rows))}
            end_assignments(actor=request.actor, assignments=[row.pk for row in rows], **said)
            toast(request, f"{_several(rows)} ended", "It counts from their holders’ next click.")
            return redirect(request, _list_url(request))
    return _ask(request, rows, form, status_of(request, form))


def _several(rows: Sequence[RoleAssignment]) -> str:
    return counted(len(rows), "assignment")


def _chosen(request: Request) -> list[RoleAssignment]:
    """All that was chosen, as long as the reader may end every one of it. Raises StaleSelectionError."""
    seen = _seen(request.access)
    rows = selection(
        request.POST,
        seen.filter(ended_at=None),
        lambda asked: (
            AssignmentListing(
                request, seen, AssignmentFilters(asked, access=request.access), paged=False, params=asked
            ).matching
        ),
    )
    if len(rows) > MOST or len(endable_among(request.access, told(rows))) < len(rows):
        raise StaleSelectionError
    return rows


def _ask(request: Request, rows: list[RoleAssignment], form: ReasonForm, status: int) -> HttpResponse:
    """`rows` are none where they are not, or no longer, the reader's to end."""
    context: dict[str, Any] = {
        "form": form,
        "rows": rows[:NAMED],
        "others": len(rows) - NAMED,
        "most": MOST,
        "button": f"End {_several(rows)}",
        "outcome": panel_of_ending(request, rows, _several(rows)) if rows else None,
        "repeated": [(name, value) for name in CHOICE for value in request.POST.getlist(name)],
    }
    title = f"End {_several(rows)}?" if rows else "These cannot be ended together"
    dialog, back = "rbac/assignment_end_several_dialog.html", _list_url(request)
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status)


def _list_url(request: Request) -> str:
    """The list as it was narrowed when the batch began."""
    asked = QueryDict(request.POST.get("filter", "").removeprefix("?")).urlencode()
    return reverse("rbac:assignment-index") + (f"?{asked}" if asked else "")
