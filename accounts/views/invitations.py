"""Invitations as whoever manages users sees them: the list, one of them, sent again and revoked."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.forms.users import ReasonForm
from accounts.invitation_lists import InvitationFilters, InvitationListing
from accounts.models import Invitation
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.exports import Column, csv_response
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request, site_of
from immyrbac.words import Status
from rbac import invitations
from rbac.acting import access_of
from rbac.decorators import FORM, WRITE, requires
from rbac.invitation_services import resend_invitation, revoke_invitation
from rbac.naming import name_for
from rbac.permissions import Permission

DETAIL = "accounts/invitation_detail.html"
COLUMNS = (
    Column[Invitation]("E-mail", lambda row: row.email),
    Column[Invitation]("Name", lambda row: row.name),
    Column[Invitation]("Tenant", lambda row: row.tenant),
    Column[Invitation]("Status", lambda row: invitations.status_of(row).words),
    Column[Invitation]("Sent", lambda row: row.invited_at.isoformat()),
    Column[Invitation]("Link ends", lambda row: row.expires_at.isoformat()),
)


class Row(NamedTuple):
    invitation: Invitation
    status: Status
    sender: str


@requires(Permission.USERS_VIEW)
def invitation_list(request: Request) -> HttpResponse:
    rows = request.access.seen(Invitation).select_related("tenant", "invited_by__tenant")
    listing = InvitationListing(request, rows, InvitationFilters(request.GET, access=request.access))
    create_url = reverse("accounts:invitation-place") if request.access.holds(Permission.USERS_MANAGE) else ""
    context = {
        "listing": listing,
        "rows": _rows(request, listing.rows),
        "export_url": reverse("accounts:invitation-export"),
        "create_url": create_url,
        "first_action": ("Invite somebody", create_url) if create_url else None,
    }
    return render_page(request, "accounts/invitation_list.html", "accounts/_invitation_table.html", context)


@requires(Permission.USERS_VIEW)
def invitation_export(request: Request) -> HttpResponseBase:
    """The rows of the list; the right to see them is asked anew while it is written."""
    filters = InvitationFilters(request.GET, access=request.access)
    listing = InvitationListing(request, request.access.seen(Invitation), filters, paged=False)

    def scoped() -> QuerySet[Invitation] | None:
        access = access_of(request.actor)
        return access.seen(Invitation).select_related("tenant") if access.holds(Invitation.VIEW) else None

    return csv_response("invitations", listing, COLUMNS, scoped)


def _rows(request: Request, found: list[Invitation]) -> list[Row]:
    request.access.know(row.invited_by for row in found)
    return [Row(row, invitations.status_of(row), name_for(request.access, row.invited_by, row.tenant)) for row in found]


@requires(Permission.USERS_VIEW, on=Invitation)
def invitation_detail(request: Request, invitation: Invitation) -> HttpResponse:
    return render_page(request, DETAIL, DETAIL, _page(request, invitation))


def _page(request: Request, invitation: Invitation) -> dict[str, object]:
    manages = request.access.can(Permission.USERS_MANAGE, invitation)
    is_open = invitations.state_of(invitation) in ("pending", "expired")
    seen, beyond = invitations.offers_seen(request.access, invitation)
    return {
        "invitation": invitation,
        "status": invitations.status_of(invitation),
        "sender": name_for(request.access, invitation.invited_by, invitation.tenant),
        "offers": seen,
        "beyond": beyond,
        "backed": not is_open or invitations.is_backed(invitation),
        "may_act": manages and is_open,
        "opens_user": invitation.user is not None and request.access.can(Permission.USERS_VIEW, invitation.user),
    }


@requires(Permission.USERS_MANAGE, on=Invitation, methods=WRITE)
def invitation_resend(request: Request, invitation: Invitation) -> HttpResponse:
    """A refusal stands on the page of the invitation."""
    form = ReasonForm({"reason": "again"})
    with attempting(form):
        resend_invitation(actor=request.actor, invitation=invitation, site=site_of(request))
        toast(request, f"Invitation of {invitation.email} sent again", "Earlier links no longer work.")
        return redirect(request, reverse("accounts:invitation-detail", args=[invitation.pk]))
    context = _page(request, invitation) | {"form": form}
    return render_page(request, DETAIL, DETAIL, context, status=status_of(request, form))


@requires(Permission.USERS_MANAGE, on=Invitation, methods=FORM)
def invitation_revoke(request: Request, invitation: Invitation) -> HttpResponse:
    form = ReasonForm(posted(request))
    back = reverse("accounts:invitation-detail", args=[invitation.pk])
    if form.is_valid():
        with attempting(form):
            revoke_invitation(actor=request.actor, invitation=invitation, reason=form.cleaned_data["reason"])
            toast(request, f"Invitation of {invitation.email} revoked", "Its link no longer works.")
            return redirect(request, back)
    return render_dialog(
        request,
        "accounts/invitation_revoke_dialog.html",
        {"form": form, "invitation": invitation},
        title=f"Revoke the invitation of {invitation.email}?",
        cancel_url=back,
        status=status_of(request, form),
    )
