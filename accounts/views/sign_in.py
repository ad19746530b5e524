"""Into the product and out of it: allauth's views behind our doors (design 4)."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, LogoutView
from allauth.mfa.base.views import AuthenticateView
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Form
from django.http import HttpResponse

from accounts.adapters import refuse_sign_in
from immyrbac.http import INVALID
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


class SecondFactorView(AuthenticateView):
    template_name = "account/second_factor.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        limited = form.has_error("code", "too_many_login_attempts")
        if form.has_error("code", "incorrect_code"):
            refuse_sign_in(self.request, self.stage.login.user, "Wrong code")
        return self.render_to_response(self.get_context_data(), status=TOO_MANY if limited else INVALID)


sign_in = public(methods=FORM)(SignInView.as_view())
second_factor = public(methods=FORM)(SecondFactorView.as_view())
sign_out = any_user(methods=WRITE, enrolling=True)(LogoutView.as_view())
