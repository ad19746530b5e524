"""What allauth asks of the product: where a sign-in may lead, how attempts are counted, and what the audit log says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User, normal_email
from immyrbac.requests import Request
from rbac.audit import Actor, record

MISMATCH = "No active account has this e-mail and password."
TOO_MANY = "Too many attempts. Wait 5 minutes, then try again."


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": MISMATCH,
        "too_many_login_attempts": TOO_MANY,
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

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        person = cast("User", user)
        with transaction.atomic():
            super().login(request, person)
            record(replace(_actor(request), user=person), "session.started", target=person, tenant=person.tenant_id)

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
        place = meant.tenant_id if meant else None
        record(_actor(request), "session.refused", target=meant, tenant=place, after={"why": why})

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002  allauth's would count each spelling of the Host header apart
        return normal_email(credentials.get("email", ""))


def _actor(request: HttpRequest) -> Actor:
    return cast("Request", request).actor
