"""How people change their own second factor; that they just proved who they are, the views and allauth ask.

Somebody else resets one by `accounts.services`, through the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as code_flows
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import flows as app_flows
from allauth.mfa.webauthn.internal import flows as key_flows
from django.db import transaction
from django.http import HttpRequest

from accounts.factors import APP, KEY, NAMES, key_of
from accounts.models import User
from rbac.audit import Actor, record
from rbac.notices import tell_owner


class Overtaken(Exception):  # noqa: N818  it is no fault: another window of theirs was quicker
    """What was to be changed is not as it was when it was asked for."""


def add_app(*, actor: Actor, request: HttpRequest, form: ActivateTOTPForm) -> list[str]:
    """Add the app whose code the form has checked; returns the recovery codes that come with a first factor."""
    with _own_factors(actor) as user:
        if Authenticator.objects.filter(user=user, type=APP).exists():
            raise Overtaken
        _, codes = app_flows.activate_totp(request, form)
        _tell(actor, "factor.added", target=user, tenant=user.tenant_id, after={"factor": NAMES[APP]})
    return _shown(codes)


def remove_app(*, actor: Actor, request: HttpRequest) -> None:
    """With the last factor its recovery codes go as well."""
    with _own_factors(actor) as user:
        app = Authenticator.objects.filter(user=user, type=APP).first()
        if app is None:
            raise Overtaken
        app_flows.deactivate_totp(request, app)
        _tell(actor, "factor.removed", target=user, tenant=user.tenant_id, before={"factor": NAMES[APP]})


def add_key(*, actor: Actor, request: HttpRequest, name: str, credential: dict[str, Any]) -> list[str]:
    """Add the passkey that the form has checked; returns the recovery codes that come with a first factor."""
    with _own_factors(actor) as user:
        _, codes = key_flows.add_authenticator(request, name, credential)
        _tell(actor, "factor.added", target=user, tenant=user.tenant_id, after={"factor": NAMES[KEY], "name": name})
    return _shown(codes)


def rename_key(*, actor: Actor, request: HttpRequest, pk: int, name: str) -> None:
    with _own_factors(actor) as user:
        key = _key(user, pk)
        before = str(key)
        key_flows.rename_authenticator(request, key, name)
        place = user.tenant_id
        record(actor, "factor.renamed", target=user, tenant=place, before={"name": before}, after={"name": name})


def remove_key(*, actor: Actor, request: HttpRequest, pk: int) -> None:
    """With the last factor its recovery codes go as well."""
    with _own_factors(actor) as user:
        key = _key(user, pk)
        before = {"factor": NAMES[KEY], "name": str(key)}
        key_flows.remove_authenticator(request, key)
        _tell(actor, "factor.removed", target=user, tenant=user.tenant_id, before=before)


def _key(user: User, pk: int) -> Authenticator:
    if (key := key_of(user, pk)) is None:
        raise Overtaken
    return key


def renew_codes(*, actor: Actor, request: HttpRequest) -> list[str]:
    """New recovery codes; the earlier ones end."""
    with _own_factors(actor) as user:
        if not code_flows.can_generate_recovery_codes(user):
            raise Overtaken
        codes = code_flows.generate_recovery_codes(request)
        _tell(actor, "factor.codes_renewed", target=user, tenant=user.tenant_id)
    return _shown(codes)


@contextmanager
def _own_factors(actor: Actor) -> Iterator[User]:
    """One change at a time: of two the second finds what the first has done."""
    if actor.user is None:
        raise ValueError("A factor is somebody's.")
    with transaction.atomic():
        yield User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.user.pk)


def _tell(actor: Actor, action: str, **said: Any) -> None:
    """In the log, and to whoever reads the mail of the account."""
    tell_owner(record(actor, action, **said), actor)


def _shown(codes: Authenticator | None) -> list[str]:
    """Shown in this answer and nowhere else."""
    return codes.wrap().generate_codes() if codes else []
