"""What allauth asks of the product: where a sign-in may lead, what is counted, kept and told in the audit log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.factors import NAMES
from accounts.identities import identity_used, keep, stands
from accounts.models import User, normal_email
from immyrbac.requests import Request
from immyrbac.sealing import seal, unseal
from rbac.audit import Actor, record

MISMATCH = "No active account has this e-mail and password."
TOO_MANY = "Too many attempts. Wait 5 minutes, then try again."


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": MISMATCH,
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  accounts are made by administrators
        return False

    def is_safe_url(self, url: str) -> bool:
        """Own paths only, whatever other hosts are allowed here (safety 22)."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002  one answer for everybody: a page
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Says nothing: the page that follows a sign-in or a sign-out shows what happened."""

    def pre_login(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing: whether they may come in is asked in `login`, at the end of the road and not at its beginning."""

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """The one end of every road in. Who was able to act when they set out may not be any more.

        Whoever has just come in has just proven who they are: no page asks again for some minutes.
        """
        person = cast("User", user)
        if not User.objects.able_to_act().filter(pk=person.pk).exists():
            refuse_sign_in(request, person, "Account not active")
            messages.error(request, "Your account cannot sign in now. Ask your administrator.")
            raise ImmediateHttpResponse(HttpResponseRedirect(resolve_url("account_login")))
        ways = list(dict.fromkeys(_way(each) for each in get_authentication_records(request, person)))
        identity = identity_used(request, person)
        with transaction.atomic():
            super().login(request, person)
            keep(request, identity)
            record_authentication(request, person, "sign_in", reauthenticated=True)
            actor = replace(_actor(request), user=person)
            record(actor, "session.started", target=person, tenant=person.tenant_id, after={"by": ways})

    def logout(self, request: HttpRequest) -> None:
        with transaction.atomic():
            person = request.user
            super().logout(request)
            if isinstance(person, User):
                record(replace(_actor(request), user=person), "session.ended", target=person, tenant=person.tenant_id)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """One entry for each refusal, with the same queries whoever was meant (safety 21).

        What was typed as an address enters only where it is a user's: people type passwords there.
        """
        email = normal_email(credentials.get("email", ""))
        meant, able = User.objects.filter(email=email).first(), User.objects.able_to_act().filter(email=email).exists()
        why = "No such account" if meant is None else "Wrong password" if able else "Account not active"
        refuse_sign_in(request, meant, why)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        return bool(user.check_password(password))

    def get_login_stages(self) -> list[str]:
        return ["accounts.adapters.FactorStage"]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002  allauth's would count each spelling of the Host header apart
        return normal_email(credentials.get("email", ""))


class FactorStage(AuthenticateStage):
    """The second factor, after every road in but a passkey, which is two at once (safety 21)."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        self.state["proof"] = self._proof()
        answer: tuple[HttpResponse | None, bool] = super().handle()
        return answer

    def exit(self) -> HttpResponse:
        """A password that was set meanwhile ends what began with the old one, as it ends sessions; so does a provider
        that was turned off, or is linked no more.
        """
        proof = self._proof()
        is_same = proof is not None and self.state.get("proof") == proof
        if not is_same:
            messages.error(self.request, "How you sign in was changed meanwhile. Begin again.")
        answer: HttpResponse = (super().exit if is_same else self.abort)()  # type: ignore[no-untyped-call]  # allauth's stages say no types
        return answer

    def is_resumable(self, request: HttpRequest) -> bool:  # noqa: ARG002  who goes back to the sign-in begins anew
        return False

    def _proof(self) -> str | None:
        """What the first step was proven by, as it stands now; None where it proves nothing any more."""
        user = self.login.user
        if not isinstance(user, User):
            return None
        identity = identity_used(self.request, user)
        if identity is None:
            return str(user.get_session_auth_hash())
        return f"identity {identity}" if stands(identity, user) else None


class FactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code does not work. A code of the app holds for 30 seconds, and works once.",
    }

    def get_totp_issuer(self) -> str:
        return "immyrbac"

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What cannot be read fits no code: a secret that nobody knows stands in its place."""
        return unseal(encrypted_text) or str(generate_totp_secret())


def refuse_sign_in(request: HttpRequest, meant: User | None, why: str, place: int | None = None) -> None:
    """The entry of a sign-in that failed; `meant` where it is known whose, or else `place` where it is known where."""
    place = meant.tenant_id if meant else place
    record(_actor(request), "session.refused", target=meant, tenant=place, after={"why": why})


def _way(used: dict[str, Any]) -> str:
    """One step of a sign-in, in words."""
    return str(NAMES.get(used.get("type", ""), used["method"].capitalize()))


def _actor(request: HttpRequest) -> Actor:
    return cast("Request", request).actor
