"""One's own single sign-on: linked, and unlinked, by who just proved who they are."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.factor_changes import Overtaken
from accounts.forms.single_sign_on import LinkForm
from accounts.identities import identities_of, providers_to_link
from accounts.identity_changes import link_identity, unlink_identity
from accounts.single_sign_on import offered, withdraw
from accounts.views.factors import SECURITY, done
from accounts.views.proof import proven
from accounts.views.single_sign_on import go
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import render_dialog, render_page
from immyrbac.requests import Request
from rbac.decorators import FORM, any_user


@any_user(methods=FORM)
@proven
def identity_link(request: Request, pk: int) -> HttpResponse:
    """To the provider and back, where nothing is linked yet."""
    provider = providers_to_link(request.user).filter(pk=pk).first()
    if provider is None:
        raise Http404
    if request.method == "POST":
        return go(request, provider, links=request.user.pk)
    title, back = f"Link your account with {provider}?", reverse(SECURITY)
    context = {"provider": provider}
    return render_dialog(request, "accounts/_identity_link_dialog.html", context, title=title, cancel_url=back)


@any_user(methods=FORM)
@proven
def identity_confirm(request: Request) -> HttpResponse:
    """Who came back, for whoever set out to say that it is them."""
    found = offered(request, request.user)
    if found is None:
        return done(request, "Nothing was linked", "Begin again: the attempt is over.")
    provider, claims = found
    form = LinkForm(posted(request))
    if form.is_valid():
        with attempting(form):
            withdraw(request)
            return _linked(request, link_identity(actor=request.actor, provider=provider, claims=claims).provider.name)
    page, context = "accounts/identity_confirm.html", {"form": form, "provider": provider, "claims": claims}
    return render_page(request, page, page, context, status=status_of(request, form))


def _linked(request: Request, name: str) -> HttpResponse:
    return done(request, f"Linked with {name}", "From now on it signs you in.")


@any_user(methods=FORM)
@proven
def identity_unlink(request: Request, pk: int) -> HttpResponse:
    identity = identities_of(request.user).filter(pk=pk).first()
    if identity is None:
        raise Http404
    form = LinkForm(posted(request))
    if form.is_valid():
        with attempting(form):
            return _unlink(request, pk, identity.provider.name)
    return render_dialog(
        request,
        "accounts/_identity_unlink_dialog.html",
        {"form": form, "provider": identity.provider, "has_password": request.user.has_usable_password()},
        title=f"Unlink {identity.provider}?",
        cancel_url=reverse(SECURITY),
        status=status_of(request, form),
    )


def _unlink(request: Request, pk: int, name: str) -> HttpResponse:
    try:
        unlink_identity(actor=request.actor, pk=pk)
    except Overtaken:
        return done(request, "Nothing was changed", "It had changed already, in another window.")
    return done(request, f"{name} unlinked", "It no longer signs you in. Where it did, you are signed out.")
