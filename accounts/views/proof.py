"""Who is signed in proves it once more before they change how they sign in (safety 21)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.forms import Form
from django.http import HttpResponse

from accounts.adapters import refuse_sign_in
from immyrbac.http import INVALID, Refusal, Refused, redirect
from immyrbac.requests import Request
from rbac.decorators import FORM, any_user

View = Callable[..., HttpResponse]

NOTHING_PROVES = Refusal(
    title="This takes a password",
    why="Who changes how they sign in proves who they are first, and your account has nothing to prove it with. Ask "
    "your administrator for a set-password link.",
)


def proven(view: View) -> View:
    """Inside a door: who has not proven who they are in the last minutes does so first, and comes back by GET.

    Who has neither a password nor a factor can prove nothing here, and allauth would ask nothing of them.
    """

    @wraps(view)
    def ask_first(request: Request, **route: Any) -> HttpResponse:
        methods = get_adapter().get_reauthentication_methods(request.user)
        if not methods:
            raise Refused(NOTHING_PROVES)
        if is_reauthentication_required(request, app="allauth.mfa"):
            back = urlencode({REDIRECT_FIELD_NAME: request.path})
            return redirect(request, f"{methods[0]['url']}?{back}")
        return view(request, **route)

    return ask_first


class PasswordProofView(ReauthenticateView):
    template_name = "account/prove_password.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        return _refused(self, form, "Wrong password, asked again")


class CodeProofView(ReauthenticateByCodeView):
    template_name = "account/prove_code.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        return _refused(self, form, "Wrong code, asked again")


class PasskeyProofView(ReauthenticateWebAuthnView):
    template_name = "account/prove_passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, **kwargs, "options": json.dumps(context["js_data"]["request_options"])}

    def form_invalid(self, form: Form) -> HttpResponse:
        return _refused(self, form, "Wrong passkey, asked again")


def _refused(view: Any, form: Form, why: str) -> HttpResponse:
    if any(form.data.get(name) for name in ("password", "code", "credential")):
        refuse_sign_in(view.request, view.request.user, why)
    answer: HttpResponse = view.render_to_response(view.get_context_data(form=form), status=INVALID)
    return answer


prove_password = any_user(methods=FORM, enrolling=True)(PasswordProofView.as_view())
prove_passkey = any_user(methods=FORM)(PasskeyProofView.as_view())
prove_code = any_user(methods=FORM)(CodeProofView.as_view())
