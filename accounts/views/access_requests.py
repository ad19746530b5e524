"""Requests for access as whoever answers them sees them: the list, one of them, and refusing it."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.access_request_lists import AccessRequestFilters, AccessRequestListing
from accounts.forms.access_requests import TurnDownForm
from accounts.lists import account_status
from accounts.models import AccessRequest, User
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.exports import Column, csv_response
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request, site_of
from immyrbac.words import Status
from rbac import access_requests
from rbac.access_requests import MANAGE
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.explain_forms import object_named
from rbac.naming import name_for
from rbac.objects import Subject
from rbac.permissions import Permission
from rbac.request_services import turn_down_request
from rbac.subjects import explain_url

EXPLAIN = Permission.GOVERNANCE_EXPLAIN_ACCESS
RELATED = ("user__tenant", "assignment")
DETAIL = "accounts/access_request_detail.html"
COLUMNS = (
    Column[AccessRequest]("Number", lambda row: row.pk),
    Column[AccessRequest]("Who", lambda row: row.name),
    Column[AccessRequest]("E-mail", lambda row: row.email),
    Column[AccessRequest]("Tenant", lambda row: row.tenant or ""),
    Column[AccessRequest]("Asks to", access_requests.wish_of),
    Column[AccessRequest]("Message", lambda row: row.message),
    Column[AccessRequest]("Status", lambda row: access_requests.status_of(row).words),
    Column[AccessRequest]("Asked", lambda row: row.asked_at.isoformat()),
    Column[AccessRequest]("Answered", lambda row: row.decided_at.isoformat() if row.decided_at else ""),
    Column[AccessRequest]("Refused because", lambda row: row.refusal),
)


class Row(NamedTuple):
    asked: AccessRequest
    wish: str
    status: Status


def rows_of(found: list[AccessRequest]) -> list[Row]:
    return [Row(each, access_requests.wish_of(each), access_requests.status_of(each)) for each in found]


@requires(MANAGE)
def access_request_list(request: Request) -> HttpResponse:
    rows = request.access.seen(AccessRequest).select_related(*RELATED)
    listing = AccessRequestListing(request, rows, AccessRequestFilters(request.GET, access=request.access))
    context = {
        "listing": listing,
        "rows": rows_of(listing.rows),
        "export_url": reverse("accounts:access-request-export"),
        "taken": access_requests.are_taken(request.access),
    }
    template = "accounts/access_request_list.html"
    return render_page(request, template, "accounts/_access_request_table.html", context)


@requires(MANAGE)
def access_request_export(request: Request) -> HttpResponseBase:
    """The rows of the list; the right to see them is asked anew while it is written."""
    filters = AccessRequestFilters(request.GET, access=request.access)
    listing = AccessRequestListing(request, request.access.seen(AccessRequest), filters, paged=False)

    def scoped() -> QuerySet[AccessRequest] | None:
        access = access_of(request.actor)
        return access.seen(AccessRequest).select_related(*RELATED) if access.holds(MANAGE) else None

    return csv_response("access-requests", listing, COLUMNS, scoped)


@requires(MANAGE, on=AccessRequest)
def access_request_detail(request: Request, asked: AccessRequest) -> HttpResponse:
    return render_page(request, DETAIL, DETAIL, page_of_request(request, asked))


def page_of_request(request: Request, asked: AccessRequest) -> dict[str, object]:
    """What a page about one request shows of it, as far as the reader may know it."""
    access, subject = request.access, object_named(request.access, asked.about) if asked.about else None
    decider = name_for(access, asked.decided_by, asked.tenant) if asked.decided_by else ""
    known = access.seen(User).filter(email=asked.email).first() if asked.user is None else None
    waits, own = asked.decided_at is None, asked.user == request.user
    return {
        "asked": asked,
        "status": access_requests.status_of(asked),
        "wish": access_requests.wish_of(asked),
        "subject": str(subject or access_requests.UNKNOWN) if asked.about else "",
        "why_url": _why_url(request, asked, subject),
        "decider": decider,
        "given": access_requests.given_by(access, asked),
        "account": account_status(asked.user, timezone.now()) if asked.user and waits else None,
        "opens_user": asked.user is not None and access.can(User.VIEW, asked.user),
        "opens_invitation": asked.invitation is not None and access.can(User.VIEW, asked.invitation),
        "known": known,
        "own": own,
        "may_answer": waits and not own,
        "taken": access_requests.are_taken(access),
    }


def _why_url(request: Request, asked: AccessRequest, subject: Subject | None) -> str:
    """Why they cannot do it yet; where the reader may ask."""
    if asked.user is None or not asked.permission or not request.access.can(EXPLAIN, asked.user):
        return ""
    return explain_url(user=asked.user, permission=asked.permission, on=subject)


@requires(MANAGE, on=AccessRequest, methods=FORM)
def access_request_refuse(request: Request, asked: AccessRequest) -> HttpResponse:
    form = TurnDownForm(posted(request))
    back = reverse("accounts:access-request-detail", args=[asked.pk])
    if form.is_valid():
        with attempting(form):
            reason, site = form.cleaned_data["reason"], site_of(request)
            turn_down_request(actor=request.actor, asked=asked, reason=reason, site=site)
            toast(request, f"Request of {asked} refused", "They get a mail with your reason.")
            return redirect(request, back)
    return render_dialog(
        request,
        "accounts/access_request_refuse_dialog.html",
        {"form": form, "asked": asked},
        title=f"Refuse the request of {asked}?",
        cancel_url=back,
        status=status_of(request, form),
    )
