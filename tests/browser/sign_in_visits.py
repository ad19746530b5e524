"""The pages of the way in, and of what one changes about it."""

from typing import Any

from accounts.links import create_link
from accounts.models import User
from rbac.audit import SYSTEM
from tests.browser.visit import Visit
from tests.factors import AppFactory, KeyFactory


def link() -> dict[str, str]:
    return {"token": create_link(actor=SYSTEM, user=User.objects.get(name="Aiko Tanabe"))}


def with_app() -> dict[str, Any]:
    """Dana, who has an authenticator app."""
    return {"pk": AppFactory(user=User.objects.get(name="Dana Whitfield")).user_id}


def _with_own_app() -> str:
    with_app()
    return ""


def _own_key() -> dict[str, int]:
    """Dana's passkey."""
    return {"pk": KeyFactory(user=User.objects.get(name="Dana Whitfield")).pk}


SIGN_IN = [
    Visit("account_login"),
    Visit("mfa_authenticate"),
    Visit("accounts:password-forget"),
    Visit("accounts:password-set", status=410),
    Visit("accounts:password-link-open", of=link),
    Visit("accounts:profile-security", "Grace"),
    Visit("accounts:factor-choose", "Grace"),
    Visit("accounts:app-add", "Grace"),
    Visit("accounts:profile-security", "Dana", asks=_with_own_app),
    Visit("account_reauthenticate", "Grace"),
    Visit("mfa_reauthenticate_webauthn", "Grace"),
    Visit("accounts:passkey-add", "Grace"),
    Visit("accounts:passkey-edit", "Dana", _own_key),
    Visit("accounts:passkey-remove", "Dana", _own_key),
    Visit("mfa_reauthenticate", "Dana", asks=_with_own_app),
    Visit("accounts:app-remove", "Dana", asks=_with_own_app),
    Visit("accounts:code-renew", "Dana", asks=_with_own_app),
    Visit("accounts:user-factor-reset", "Jonas", with_app),
]
