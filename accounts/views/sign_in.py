"""Into the product and out of it: allauth's views behind our doors (design 4)."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.views import LoginView, LogoutView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.adapters import refuse_sign_in
from accounts.forms.sign_in import SignInForm
from immyrbac.http import INVALID, personal
from rbac.access_requests import are_taken
from rbac.decorators import FORM, WRITE, any_user, public

TOO_MANY = 429


class SignInView(LoginView):
    template_name = "account/sign_in.html"

    def get_context_data(self, **said: Any) -> dict[str, Any]:
        return super().get_context_data(**said) | {"asking": are_taken()}

    def form_invalid(self, form: Form) -> HttpResponse:
        limited = form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts")
        return self.render_to_response(self.get_context_data(form=form), status=TOO_MANY if limited else INVALID)


class PasskeySignInView(LoginWebAuthnView):
    """By a passkey alone: the browser gets a challenge, asks for the key, and sends what that answers."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Asking for a challenge is counted as an attempt: each one is kept in a session."""
        if "credential" not in request.POST:
            return personal(JsonResponse(begin_authentication(user=None)))
        return super().post(request, *args, **kwargs)

    def form_invalid(self, _form: Form) -> HttpResponse:
        refuse_sign_in(self.request, None, "Passkey not known")
        said = {"refused": "This passkey does not sign anybody in here.", "asking": are_taken()}
        context = {"form": SignInForm(request=self.request), **said}
        return render(self.request, "account/sign_in.html", context, status=INVALID)


class SecondFactorView(AuthenticateView):
    template_name = "account/second_factor.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = context["js_data"]["request_options"]
        has_keys = bool(options["publicKey"].get("allowCredentials"))
        return {**context, "options": json.dumps(options) if has_keys else ""}

    def form_invalid(self, form: Form) -> HttpResponse:
        limited = form.has_error("code", "too_many_login_attempts")
        limited |= form.has_error("credential", "too_many_login_attempts")
        for field, why in (("code", "Wrong code"), ("credential", "Wrong passkey")):
            if form.has_error(field, "incorrect_code"):
                refuse_sign_in(self.request, self.stage.login.user, why)
        return self.render_to_response(self.get_context_data(), status=TOO_MANY if limited else INVALID)


sign_in = public(methods=FORM)(SignInView.as_view())
sign_in_by_passkey = public(methods=WRITE)(PasskeySignInView.as_view())
second_factor = public(methods=FORM)(SecondFactorView.as_view())
sign_out = any_user(methods=WRITE, enrolling=True)(LogoutView.as_view())
