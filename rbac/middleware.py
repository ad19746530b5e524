"""Default deny: no view runs without a declaration, none without a user but public ones and agents'."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from accounts.identities import is_backed
from accounts.impersonations import KEY, end_impersonation, forget, going_on, remembered
from accounts.models import User
from accounts.sessions import browser_named
from immyrbac.declarations import Declaration, declared
from immyrbac.http import Refusal, Refused, not_found, redirect, toast
from immyrbac.requests import Request
from rbac.access import access_for
from rbac.acting import acting_access
from rbac.audit import Actor
from rbac.enrolment import must_enrol

SEEN, SEEN_EVERY = "seen", timedelta(minutes=5)


class AccessMiddleware:
    """Gives the request its id, actor and access; refuses what declares nothing; keeps every 404 the same page.

    Who must set up a second factor has no access until then, on the few pages that are open to them either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request.id)
        request.access, request.impersonation = access_for(AnonymousUser()), None
        address, agent = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_USER_AGENT", "")
        request.actor = Actor(None, request_id=request.id, address=address, browser=browser_named(agent))
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        if response.status_code == 404:
            response = not_found(request)
        response["X-Request-ID"] = request.id
        return response

    def process_view(
        self, request: Request, view: Callable[..., Any], _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        declaration = declared(view)
        if declaration is None:
            raise ImproperlyConfigured(f"{request.path} declares no permission.")
        if declaration.kind in ("public", "agent"):  # an agent has no session: its door asks for its token
            return None
        user = _signed_in(request)
        if user is None:
            forget(request)
            return _to_sign_in(request)
        _note_presence(request)
        request.actor = replace(request.actor, user=user)
        access = access_for(user)
        if must_enrol(access):
            return None if declaration.enrolling else redirect(request, reverse("accounts:factor-choose"))
        if remembered(request):
            return _as_another(request, user, declaration)
        request.access = access
        return None


def _signed_in(request: HttpRequest) -> User | None:
    """Who came in by what is no way in any more is out, as who may not act any more is."""
    if not isinstance(request.user, User):
        return None
    if not is_backed(request, request.user):
        logout(request)
        return None
    return request.user


def _as_another(request: Request, actor: User, declaration: Declaration) -> HttpResponse | None:
    """The request as the person's as whom its session acts.

    Where that may be no longer, the request is nobody's: it was meant as theirs, and is not done as the actor's.
    """
    acting = going_on(request, actor)
    access = acting_access(actor, acting.user) if acting else None
    if acting is None or access is None:
        end_impersonation(actor=request.actor, number=request.session[KEY], why=NO_MORE if acting else OVER)
        forget(request)
        toast(request, "You are yourself again.", f"{NO_MORE if acting else OVER}. Nothing was done with this click.")
        return redirect(request, "/")
    request.user, request.access, request.impersonation = acting.user, access, acting
    request.actor = replace(request.actor, user=acting.user, impersonator=actor)
    if declaration.kind == "any_user" and not declaration.as_another:
        why = f"You act as {acting.user}. Their sign-in and their account stay theirs: stop acting first."
        raise Refused(Refusal(title=f"You cannot do this as {acting.user}", why=why, request_id=request.id))
    return None


NO_MORE, OVER = "You may no longer act as this person", "The half hour is over, or it was ended"


def _to_sign_in(request: Request) -> HttpResponse:
    if request.htmx:
        back = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(back, resolve_url("account_login"))["Location"])
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/", resolve_url("account_login"))


def _note_presence(request: Request) -> None:
    """Now and then, for people to read: when the user and this session were last seen. It decides nothing.

    Writing the session also moves its end ahead: it is counted from the last use (SESSION_COOKIE_AGE).
    """
    now = timezone.now()
    if now.timestamp() - request.session.get(SEEN, 0) > SEEN_EVERY.total_seconds():
        request.session[SEEN] = now.timestamp()
        User.objects.filter(pk=request.user.pk).update(last_seen_at=now)
        UserSession.objects.create_from_request(request)
