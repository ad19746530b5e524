"""Forgotten passwords, and set-password links. Whatever is wrong with a link, its page is the same (safety 7)."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core.ratelimit import consume_or_429
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.forms.passwords import ForgottenForm, NewPasswordForm
from accounts.links import find_link, hash_token
from accounts.models import PasswordLink, normal_email
from accounts.passwords import LinkUnusable, ask_for_link, redeem_link
from immyrbac.attempts import posted
from immyrbac.http import INVALID, personal, redirect, toast
from immyrbac.requests import Request, site_of
from rbac.decorators import FORM, public

LINK = "password_link"
GONE = 410


@public(methods=FORM)
def password_forget(request: Request) -> HttpResponse:
    """Whether an account has the address is told to its mailbox alone (safety 21)."""
    form = ForgottenForm(posted(request))
    if not form.is_valid():
        return _page(request, "accounts/password_forget.html", {"form": form}, INVALID if form.is_bound else 200)
    email = form.cleaned_data["email"]
    if too_many := consume_or_429(request, action="reset_password", key=normal_email(email)):
        return too_many
    ask_for_link(email=email, site=site_of(request))
    toast(request, "A link is on its way", "if an account with a password has this address. It works for an hour.")
    return redirect(request, reverse("account_login"))


@public()
def password_link_open(request: Request, token: str) -> HttpResponse:
    """Take the token out of the address, where a next page would read it; opening a link does not use it up."""
    link = find_link(token_hash=hash_token(token))
    if link is None:
        return _gone(request)
    request.session[LINK] = link.pk
    answer = redirect(request, reverse("accounts:password-set"))
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@public(methods=FORM)
def password_set(request: Request) -> HttpResponse:
    if too_many := consume_or_429(request, action="reset_password_from_key"):
        return too_many
    link = find_link(pk=request.session.get(LINK, 0))
    if link is None:
        return _gone(request)
    form = NewPasswordForm(request.POST or None, user=link.user)
    if not form.is_valid():
        status = INVALID if form.is_bound else 200
        return _page(request, "accounts/password_set.html", {"form": form, "person": link.user}, status)
    return _set(request, link, form.cleaned_data["password"])


def _set(request: Request, link: PasswordLink, password: str) -> HttpResponse:
    """Nobody is signed in by it: the sign-in has gates of its own."""
    try:
        redeem_link(actor=request.actor, link=link, password=password)
    except LinkUnusable:
        return _gone(request)
    get_adapter().logout(request)
    toast(request, "Your password is set. Sign in with it.")
    return redirect(request, reverse("account_login"))


def _gone(request: Request) -> HttpResponse:
    return _page(request, "accounts/password_link_gone.html", {}, GONE)


def _page(request: Request, template: str, context: dict[str, object], status: int) -> HttpResponse:
    return personal(render(request, template, context, status=status))
