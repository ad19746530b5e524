"""One's own passkeys: added, named, removed. The browser makes them (static/js/passkeys.js)."""

from __future__ import annotations

import json

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.factor_changes import add_key, remove_key, rename_key
from accounts.factors import key_of
from accounts.forms.factors import KeyNameForm, PasskeyForm
from accounts.views.factors import SECURITY, added, done
from accounts.views.proof import proven
from immyrbac.attempts import posted, status_of
from immyrbac.http import render_dialog, render_page
from immyrbac.requests import Request
from rbac.decorators import FORM, any_user
from rbac.enrolment import is_guarded


@any_user(methods=FORM, enrolling=True)
@proven
def passkey_add(request: Request) -> HttpResponse:
    """Each drawing has a new challenge, which stands in the session."""
    form = PasskeyForm(posted(request), user=request.user, initial={"name": "Passkey"})
    if form.is_valid():
        said = {"name": form.cleaned_data["name"], "credential": form.cleaned_data["credential"]}
        codes = add_key(actor=request.actor, request=request, **said)
        return added(request, codes, "Passkey")
    options = json.dumps(begin_registration(request.user, passwordless=True))
    page = "accounts/passkey_add.html"
    return render_page(request, page, page, {"form": form, "options": options}, status=status_of(request, form))


@any_user(methods=FORM)
@proven
def passkey_edit(request: Request, pk: int) -> HttpResponse:
    key = _own(request, pk)
    form = KeyNameForm(posted(request), initial={"name": str(key)})
    if form.is_valid():
        name = form.cleaned_data["name"]
        rename_key(actor=request.actor, request=request, pk=pk, name=name)
        return done(request, f"Passkey named {name}")
    return render_dialog(
        request,
        "accounts/_passkey_edit_dialog.html",
        {"form": form},
        title="Name the passkey",
        cancel_url=reverse(SECURITY),
        status=status_of(request, form),
    )


@any_user(methods=FORM)
@proven
def passkey_remove(request: Request, pk: int) -> HttpResponse:
    key = _own(request, pk)
    if request.method == "POST":
        remove_key(actor=request.actor, request=request, pk=pk)
        return done(request, f"{key} removed", "It no longer signs you in.")
    context = {"guarded": is_guarded(request.access)}
    title, back = f"Remove {key}?", reverse(SECURITY)
    return render_dialog(request, "accounts/_passkey_remove_dialog.html", context, title=title, cancel_url=back)


def _own(request: Request, pk: int) -> Authenticator:
    key = key_of(request.user, pk)
    if key is None:
        raise Http404
    return key
