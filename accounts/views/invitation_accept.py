"""What somebody sees who follows an invitation. Whoever holds its link may know how it stands, nobody else."""

from __future__ import annotations

from typing import NamedTuple

from allauth.core.ratelimit import consume_or_429
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.forms.invitations import AcceptForm
from accounts.links import hash_token
from accounts.models import Invitation, User
from immyrbac.attempts import posted
from immyrbac.http import INVALID, personal, redirect, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, public
from rbac.delegation import Refused
from rbac.invitation_services import InvitationUnusable, accept_invitation
from rbac.invitations import find_invitation, is_backed, state_of

LINK = "invitation"
GONE = 410


class Why(NamedTuple):
    """Why it cannot be accepted: heading, and what to do now."""

    title: str
    text: str


AGAIN = "Ask whoever invited you to send it again."
NO = {
    "unknown": Why("This link no longer works", "A link works once, and only the last one that was sent. " + AGAIN),
    "replaced": Why("This link no longer works", "The invitation was sent again: use the link of the newest mail."),
    "expired": Why("This invitation has expired", "Nobody accepted it in time. " + AGAIN),
    "revoked": Why(
        "This invitation was revoked", "Whoever invited you has taken it back. Ask them if you still need it."
    ),
    "accepted": Why(
        "This invitation was used", "The account is there already. Sign in with the password that was set."
    ),
    "unbacked": Why(
        "This invitation does not count now",
        "Whoever invited you may no longer give all that it offers, or something that it offers is gone. "
        "Ask them, or another administrator, to invite you anew.",
    ),
}


@public()
def invitation_open(request: Request, token: str) -> HttpResponse:
    """Take the token out of the address, where a next page would read it; opening a link does not use it up."""
    found = find_invitation(token_hash=hash_token(token))
    if found is None:
        return _no(request, "unknown")
    request.session[LINK] = [found.pk, found.token_hash]
    answer = redirect(request, reverse("accounts:invitation-accept"))
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@public(methods=FORM)
def invitation_accept(request: Request) -> HttpResponse:
    if too_many := consume_or_429(request, action="reset_password_from_key"):
        return too_many
    found = _followed(request)
    if (why := _why_not(found)) or found is None:
        return _no(request, why)
    person: object = request.user  # behind a public door, anybody
    if isinstance(person, User):
        return _answer(request, "accounts/invitation_signed_in.html", {"person": person}, 409)
    newcomer = User(email=found.email, name=found.name, tenant=found.tenant)
    form = AcceptForm(posted(request), user=newcomer, initial={"name": found.name})
    if form.is_valid():
        return _accept(request, found, form.cleaned_data)
    context = {"form": form, "invitation": found}
    return _answer(request, "accounts/invitation_accept.html", context, INVALID if form.is_bound else 200)


def _followed(request: Request) -> Invitation | None:
    pk, token_hash = request.session.get(LINK, (0, ""))
    return find_invitation(pk=pk, token_hash=token_hash)


def _why_not(found: Invitation | None) -> str:
    if found is None:
        return "unknown"
    state = state_of(found)
    if state != "pending":
        return state
    return "" if found.tenant.is_active and is_backed(found) else "unbacked"


def _accept(request: Request, found: Invitation, said: dict[str, str]) -> HttpResponse:
    """Nobody is signed in by it: the sign-in has gates of its own."""
    try:
        accept_invitation(actor=request.actor, invitation=found, name=said["name"], password=said["password"])
    except InvitationUnusable as error:
        return _no(request, error.state)
    except (Refused, ValidationError):
        return _no(request, "unbacked")
    del request.session[LINK]
    toast(request, "Your account is ready. Sign in with your password.")
    return redirect(request, reverse("account_login"))


def _no(request: Request, why: str) -> HttpResponse:
    return _answer(request, "accounts/invitation_gone.html", {"why": NO[why]}, GONE)


def _answer(request: Request, template: str, context: dict[str, object], status: int) -> HttpResponse:
    return personal(render(request, template, context, status=status))
