"""Asking for access, with an account and without; and what became of one's own requests."""

from __future__ import annotations

from typing import NamedTuple

from allauth.core.ratelimit import consume_or_429
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access_request_lists import OwnRequestListing, OwnRequests
from accounts.forms.access_requests import AskForm, StrangerForm
from accounts.models import AccessRequest
from accounts.profiles import own_requests, own_words, profile_page
from accounts.views.access_requests import rows_of
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import Refusal, Refused, personal, redirect, render_page, toast
from immyrbac.requests import Request, site_of
from immyrbac.words import Status
from rbac.access_requests import OFF, are_taken
from rbac.asking import AskedAlready, ask_for_access
from rbac.decorators import FORM, any_user, public
from tenancy.scopes import Word

OWN = "accounts:profile-requests"
ASK, SENT = "accounts/access_request_ask.html", "accounts/access_request_sent.html"
CLOSED = Refusal(title="You cannot ask for access here", why=f"{OFF} Ask an administrator whom you know.")


class OwnRow(NamedTuple):
    """As others read it, and what it gave."""

    asked: AccessRequest
    wish: str
    status: Status
    given: list[Word]


@any_user()
def profile_requests(request: Request) -> HttpResponse:
    listing = OwnRequestListing(request, own_requests(request), OwnRequests(request.GET))
    context = profile_page(request, OWN) | {
        "listing": listing,
        "rows": [OwnRow(*row, given=own_words(row.asked)) for row in rows_of(listing.rows)],
        "taken": are_taken(request.access),
        "first_action": ("Ask for access", reverse("accounts:access-request-create")),
    }
    return render_page(request, "accounts/profile_requests.html", "accounts/_own_request_table.html", context)


@any_user(methods=FORM)
def access_request_create(request: Request) -> HttpResponse:
    """What is asked for may stand in the address: a refusal leads here."""
    if not are_taken(request.access):
        raise Refused(CLOSED)
    form = AskForm(posted(request), access=request.access, initial=request.GET.dict())
    if form.is_valid():
        if too_many := consume_or_429(request, action="ask_for_access", user=request.user):
            return too_many
        with attempting(form):
            ask_for_access(actor=request.actor, asked=form.request_of(request.user), site=site_of(request))
            toast(request, "Your request is sent.", "You get a mail once somebody has answered it.")
            return redirect(request, reverse(OWN))
    template = "accounts/access_request_create.html"
    return render_page(request, template, template, {"form": form}, status=status_of(request, form))


@public(methods=FORM)
def access_request_ask(request: Request) -> HttpResponse:
    """For somebody without an account. Whatever exists, what they asked is answered by the same page."""
    if not are_taken():
        raise Refused(CLOSED)
    form = StrangerForm(posted(request))
    if form.is_valid():
        if too_many := _too_often(request, form.cleaned_data["email"]):
            return too_many
        with attempting(form):
            _ask(request, form)
            return personal(render(request, SENT))
    return personal(render(request, ASK, {"form": form}, status=status_of(request, form)))


def _too_often(request: Request, email: str) -> HttpResponse | None:
    own: HttpResponse | None = consume_or_429(request, action="ask_as_stranger", key=email.lower())
    return own or consume_or_429(request, action="ask_as_anybody", key="anybody")


def _ask(request: Request, form: StrangerForm) -> None:
    """Whoever asks the same again is not told: it would say what waits."""
    try:
        ask_for_access(actor=request.actor, asked=form.request_of(), site=site_of(request))
    except AskedAlready:
        return
