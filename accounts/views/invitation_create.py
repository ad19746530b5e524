"""Inviting somebody, with what they get and what that makes of them said before."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.forms.access_requests import InviteForm
from accounts.forms.groups import describe_group
from accounts.forms.invitations import PIECE, InvitationForm, groups_for, piece_of
from accounts.forms.users import PlaceForm, places
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_options, render_page, toast
from immyrbac.requests import Request, site_of
from immyrbac.words import number
from rbac.decorators import FORM, requires
from rbac.editing import Editor, confirm, has_typed
from rbac.effects import Line, lines_of_arrival
from rbac.grants import earliest
from rbac.invitation_services import invite_users
from rbac.invitations import Offer, preview_invitation
from rbac.permissions import Permission
from tenancy.models import Tenant

PAGE, PART, PREVIEW = (
    "accounts/invitation_create.html",
    "accounts/_invitation_editor.html",
    "accounts/_invitation_preview.html",
)
CONFIRM = "accounts/invitation_confirm_dialog.html"
SAID: tuple[str, ...] = ("email", "name", "access_expires_at", "reason", "message")


@requires(Permission.USERS_MANAGE)
def invitation_place(request: Request) -> HttpResponse:
    """Into which tenant; somebody who has no choice is not asked."""
    form = PlaceForm(request.GET or None, access=request.access, initial={"tenant": request.user.tenant_id})
    if form.is_valid():
        return redirect(request, reverse("accounts:invitation-create", args=[form.cleaned_data["tenant"].pk]))
    only = places(request.access)[:2]
    if len(only) == 1 and not form.is_bound:
        return redirect(request, reverse("accounts:invitation-create", args=[only[0].pk]))
    template = "accounts/invitation_place.html"
    return render_page(request, template, template, {"form": form}, status=status_of(request, form))


@requires(Permission.USERS_MANAGE, on=Tenant)
def invitation_group_pick(request: Request, tenant: Tenant) -> HttpResponse:
    return render_options(request, groups_for(request.access, tenant), describe=describe_group)


@requires(Permission.USERS_MANAGE, on=Tenant, methods=FORM)
def invitation_create(request: Request, tenant: Tenant) -> HttpResponse:
    form = _asked(request, tenant)
    around, beside = partial(_around, request, tenant, form), partial(_beside, request, tenant, form)
    editor = Editor(request, PAGE, PART, PREVIEW, around, beside)
    if request.method != "POST":
        return editor.drawn()
    if {"add", "drop"} & request.POST.keys():
        return render_page(request, PAGE, PART, around())
    if form.is_valid():
        offer = form.offer()
        arrival = preview_invitation(request.access, offer)
        email = offer.newcomer.email
        if arrival.passage.great_power and not arrival.passage.objections and not has_typed(request, email):
            context = {"preview": arrival.passage, "offer": offer, "expires_at": ends_of(offer)}
            return confirm(request, CONFIRM, context, name=email, cancel_url=_list_url())
        with attempting(form, form.names):
            invite_users(actor=request.actor, offers=[offer], site=site_of(request))
            toast(request, f"{email} is invited", "They get a mail with a link that works for 7 days.")
            return redirect(request, _list_url())
    return editor.sent_back(form)


def _asked(request: Request, tenant: Tenant) -> InvitationForm:
    """The form as it was sent; or with the piece that it showed put to the others, or one of these taken out."""
    sent = posted(request) or (request.GET if "starts" in request.GET else None)
    if sent is None:
        return InvitationForm(access=request.access, tenant=tenant)
    kept = sent.getlist("kept")
    form = InvitationForm(sent, access=request.access, tenant=tenant, kept=kept)
    if request.method != "POST" or not {"add", "drop"} & sent.keys():
        return form
    if "add" in sent and form.errors_of_piece():
        return _with_only_those(form)
    if "add" in sent:
        kept, typed = [*kept, piece_of(sent)], SAID
    else:
        kept, typed = [text for index, text in enumerate(kept) if str(index) != sent["drop"]], (*SAID, *PIECE)
    initial = {name: sent[name] for name in typed if name in sent}
    return InvitationForm(access=request.access, tenant=tenant, kept=kept, initial=initial)


def _with_only_those(form: InvitationForm) -> InvitationForm:
    """The form as it was sent, with what speaks against the piece alone: the rest was not meant to be sent yet."""
    said = form.errors_of_piece()
    for name in [name for name in form.errors if name in {*SAID, "__all__"}]:
        del form.errors[name]
    if not form.errors:
        form.add_error("role", said[0])
    return form


def _around(request: Request, tenant: Tenant, form: InvitationForm) -> dict[str, Any]:
    elsewhere = places(request.access).exclude(pk=tenant.pk).exists()
    return {"tenant": tenant, "elsewhere": elsewhere, **_beside(request, tenant, form)}


def _beside(request: Request, tenant: Tenant, form: InvitationForm) -> dict[str, Any]:
    create_url = reverse("accounts:invitation-create", args=[tenant.pk])
    return arrival_beside(request, tenant, form, create_url, _list_url())


def arrival_beside(
    request: Request, tenant: Tenant, form: InvitationForm | InviteForm, create_url: str, list_url: str
) -> dict[str, Any]:
    """What the panel of an editor shows that invites; only the form while it does not say enough."""
    context: dict[str, Any] = {"form": form, "tenant": tenant, "create_url": create_url, "list_url": list_url}
    offer = form.offer_so_far()
    if offer is None:
        return context
    arrival = preview_invitation(request.access, offer)
    given = [*offer.sentences, *(f"Member of {group}" for group in offer.groups)]
    lines = [
        *(Line("plain", "key", words, "") for words in given),
        *lines_of_arrival(arrival.passage, offer.newcomer, ends_of(offer)),
    ]
    figures = [
        ("Tenants", number(arrival.tenants), "", ""),
        ("Computers", number(arrival.computers), "", ""),
        ("Permissions", number(len(arrival.passage.gained)), "", ""),
    ]
    announcement = ". ".join(line.text for line in lines)
    shown = {"preview": arrival.passage, "offer": offer, "effects": lines, "figures": figures}
    return context | shown | {"announcement": announcement}


def ends_of(offer: Offer) -> Any:
    """When all of it has ended; None where something has no end."""
    ends = [draft.expires_at for draft in offer.drafts]
    last = None if None in ends or offer.groups else max(filter(None, ends), default=None)
    return earliest(last, offer.newcomer.access_expires_at)


def _list_url() -> str:
    return reverse("accounts:invitation-list")
