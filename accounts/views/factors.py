"""One's own second factor: an authenticator app, and the recovery codes that stand in for it."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from django.http import HttpResponse
from django.urls import reverse

from accounts.factor_changes import Overtaken, add_app, remove_app, renew_codes
from accounts.factors import factors_of, has_factor
from accounts.forms.factors import AppForm
from accounts.views.proof import proven
from immyrbac.attempts import posted, status_of
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.markup import qr_code
from immyrbac.requests import Request
from rbac.decorators import FORM, any_user
from rbac.enrolment import is_guarded

SECURITY = "accounts:profile-security"


@any_user(enrolling=True)
def factor_choose(request: Request) -> HttpResponse:
    """Where whoever must have a second factor is led, and whence they go on once they have one."""
    if has_factor(request.user.pk):
        return redirect(request, reverse("start"))
    return render_page(request, "accounts/factor_choose.html", "accounts/factor_choose.html", {})


@any_user(methods=FORM, enrolling=True)
@proven
def app_add(request: Request) -> HttpResponse:
    """The secret stands in the session until a code proves that the app has it; each new look makes another."""
    if factors_of(request.user).app is not None:
        return redirect(request, reverse(SECURITY))
    form = AppForm(posted(request), user=request.user)
    if not form.is_valid():
        return _app_page(request, form)
    try:
        codes = add_app(actor=request.actor, request=request, form=form)
    except Overtaken:
        return _overtaken(request)
    return added(request, codes, "Authenticator app")


def _app_page(request: Request, form: AppForm) -> HttpResponse:
    address = get_adapter().build_totp_url(request.user, form.secret)
    groups = [form.secret[start : start + 4] for start in range(0, len(form.secret), 4)]
    context = {"form": form, "qr": qr_code(address, "QR code for your authenticator app"), "groups": groups}
    page = "accounts/app_add.html"
    return render_page(request, page, page, context, status=status_of(request, form))


@any_user(methods=FORM)
@proven
def app_remove(request: Request) -> HttpResponse:
    if request.method != "POST":
        title, back = "Remove your authenticator app?", reverse(SECURITY)
        context = {"guarded": is_guarded(request.access)}
        return render_dialog(request, "accounts/_app_remove_dialog.html", context, title=title, cancel_url=back)
    try:
        remove_app(actor=request.actor, request=request)
    except Overtaken:
        return _overtaken(request)
    return done(request, "Authenticator app removed", "A password alone signs you in, unless you have another factor.")


@any_user(methods=FORM)
@proven
def code_renew(request: Request) -> HttpResponse:
    """A page of its own, not a dialog: its answer holds the codes, and is the only one that does."""
    if request.method != "POST":
        title, back = "Make new recovery codes?", reverse(SECURITY)
        return render_dialog(request, "accounts/_code_renew_dialog.html", {}, title=title, cancel_url=back)
    try:
        codes = renew_codes(actor=request.actor, request=request)
    except Overtaken:
        return _overtaken(request)
    return _codes(request, codes, "Your new recovery codes")


def added(request: Request, codes: list[str], what: str) -> HttpResponse:
    """The recovery codes of a first factor, or back to the profile."""
    if codes:
        return _codes(request, codes, f"{what} is set up")
    return done(request, f"{what} added", "It is asked for at your next sign-in.")


def _codes(request: Request, codes: list[str], title: str) -> HttpResponse:
    page, context = "accounts/code_list.html", {"codes": codes, "title": title}
    return render_page(request, page, page, context)


def done(request: Request, what: str, consequence: str = "") -> HttpResponse:
    toast(request, what, consequence)
    return redirect(request, reverse(SECURITY))


def _overtaken(request: Request) -> HttpResponse:
    """Another window was quicker: the page shows what stands now."""
    return done(request, "Nothing was changed", "It had changed already, in another window.")
