"""Signing in at a provider. What goes wrong is told to the audit log; a stranger reads the same of all (safety 21)."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import clear_authentication_records, perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.ratelimit import consume_or_429
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts.adapters import refuse_sign_in
from accounts.forms.single_sign_on import WayForm
from accounts.identities import METHOD, identity_at
from accounts.models import IdentityProvider, User, normal_email
from accounts.oidc import NotProven
from accounts.single_sign_on import Arrival, arrive, ask_for_way, begin, offer, provider_of
from immyrbac.attempts import posted
from immyrbac.http import INVALID, personal, redirect, toast, wants_fragment
from immyrbac.requests import Request, site_of
from rbac.decorators import FORM, public

ACTION = "single_sign_on"
BROKEN = "Your provider did not confirm who you are. Begin again; if it happens again, ask your administrator."
UNKNOWN = (
    "No account here is linked with it. Sign in as you did before, and link it on the page Sign-in of your profile. "
    "If you have no other way in, ask your administrator."
)


@public(methods=FORM)
def single_sign_on_find(request: Request) -> HttpResponse:
    """Where somebody signs in is told to their mailbox alone: no page says which tenants or addresses there are."""
    form = WayForm(posted(request))
    if not form.is_valid():
        status = INVALID if form.is_bound else 200
        return personal(render(request, "accounts/single_sign_on_find.html", {"form": form}, status=status))
    email = form.cleaned_data["email"]
    if too_many := consume_or_429(request, action="single_sign_on_way", key=normal_email(email)):
        return too_many
    ask_for_way(email=email, site=site_of(request))
    toast(
        request, "A mail is on its way", "if an account with single sign-on has this address. It says where to sign in."
    )
    return redirect(request, reverse("account_login"))


@public(methods=FORM)
def single_sign_on_start(request: Request, key: str) -> HttpResponse:
    """A tenant's own sign-in page; nobody guesses its address. GET begins nothing: going on takes a click."""
    provider = provider_of(key)
    if provider is None:
        raise Http404
    person: object = request.user  # behind a public door, anybody
    if isinstance(person, User):
        return redirect(request, reverse("start"))
    back = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    back = back if get_adapter().is_safe_url(back) else ""
    if request.method != "POST":
        context = {"provider": provider, "back": back, "back_field": REDIRECT_FIELD_NAME}
        return personal(render(request, "accounts/single_sign_on_start.html", context))
    return go(request, provider, back=back)


def go(request: Request, provider: IdentityProvider, *, links: int | None = None, back: str = "") -> HttpResponse:
    """To the provider, by a page that leads on: a form may lead to this site alone (immyrbac.security)."""
    if too_many := consume_or_429(request, action=ACTION):
        return too_many
    try:
        address = begin(request, provider, links=links, back=back)
    except NotProven as error:
        return _refused(request, provider, str(error))
    if wants_fragment(request):
        return personal(HttpResponseClientRedirect(address))
    return personal(render(request, "accounts/single_sign_on_go.html", {"provider": provider, "address": address}))


@public()
def single_sign_on_return(request: Request, key: str) -> HttpResponse:
    """Whence the provider leads back. What it brings is bound to an attempt of this browser, which serves once."""
    if too_many := consume_or_429(request, action=ACTION, limit_get=True):
        return too_many
    provider = provider_of(key)
    if provider is None:
        return _refused(request, None, "No such provider")
    try:
        arrival = arrive(request, provider, request.GET.dict())
    except NotProven as error:
        return _refused(request, provider, str(error))
    return _sign_in(request, provider, arrival) if arrival.links is None else _link(request, provider, arrival)


def _sign_in(request: Request, provider: IdentityProvider, arrival: Arrival) -> HttpResponse:
    """Into allauth's road, at whose end every way in is asked the same: the second factor, and may they act."""
    identity = identity_at(provider, arrival.claims.subject)
    if identity is None:
        return _refused(request, provider, "Not linked", UNKNOWN)
    clear_authentication_records(request)
    record_authentication(request, identity.user, METHOD, identity=identity.pk)
    answer: HttpResponse = perform_login(request, Login(user=identity.user, redirect_url=arrival.back or None))
    return answer


def _link(request: Request, provider: IdentityProvider, arrival: Arrival) -> HttpResponse:
    """Nothing is linked by coming back: whoever set out says on the next page that it is them."""
    person: object = request.user  # behind a public door, anybody
    if not isinstance(person, User) or person.pk != arrival.links:
        return _refused(request, provider, "Somebody else is signed in")
    offer(request, provider, person.pk, arrival.claims)
    return redirect(request, reverse("accounts:identity-confirm"))


def _refused(request: Request, provider: IdentityProvider | None, why: str, text: str = BROKEN) -> HttpResponse:
    place = provider.tenant_id if provider else None
    refuse_sign_in(request, None, f"Single sign-on{f' at {provider}' if provider else ''}: {why}", place)
    return personal(render(request, "accounts/single_sign_on_refused.html", {"text": text}, status=403))
