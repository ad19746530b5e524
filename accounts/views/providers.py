"""Providers of single sign-on, on the pages of the tenant whose they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.forms.single_sign_on import ProviderEditForm, ProviderForm
from accounts.forms.users import ReasonForm
from accounts.models import IdentityProvider, User
from accounts.provider_services import (
    activate_provider,
    create_provider,
    deactivate_provider,
    delete_provider,
    edit_provider,
    may_manage,
)
from immyrbac.attempts import TAKEN, attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.decorators import FORM, WRITE, requires
from rbac.permissions import Permission
from tenancy.models import Tenant
from tenancy.pages import tenant_page

MOST = 50
"""So many of the people who are linked are named."""
INDEX, DETAIL = "accounts/provider_index.html", "accounts/provider_detail.html"


@requires(Permission.USERS_MANAGE, on=Tenant)
def provider_index(request: Request, tenant: Tenant) -> HttpResponse:
    rows = request.access.seen(IdentityProvider).filter(tenant=tenant)
    context = tenant_page(request, tenant, "accounts:provider-index") | {
        "providers": [(row, _status(row)) for row in rows],
        "create_url": _create_url(request, tenant),
    }
    return render_page(request, INDEX, INDEX, context)


def _create_url(request: Request, tenant: Tenant) -> str:
    return reverse("accounts:provider-create", args=[tenant.pk]) if may_manage(request.access, tenant) else ""


def _status(provider: IdentityProvider) -> Status:
    return Status("live", "Active") if provider.is_active else Status("off", "Inactive")


@requires(Permission.USERS_MANAGE, on=Tenant, methods=FORM)
def provider_create(request: Request, tenant: Tenant) -> HttpResponse:
    form = ProviderForm(posted(request))
    if form.is_valid():
        with attempting(form, TAKEN):
            made = create_provider(actor=request.actor, tenant=tenant, **form.cleaned_data)
            toast(request, f"{made} set up", "It signs in whoever links it with their account.")
            return redirect(request, _address(made))
    page, context = "accounts/provider_create.html", {"form": form, "tenant": tenant}
    return render_page(request, page, page, context, status=status_of(request, form))


@requires(Permission.USERS_MANAGE, on=IdentityProvider)
def provider_detail(request: Request, provider: IdentityProvider) -> HttpResponse:
    return render_page(request, DETAIL, DETAIL, _page(request, provider))


def _page(request: Request, provider: IdentityProvider) -> dict[str, Any]:
    people = request.access.seen(User).filter(identities__provider=provider)
    linked = list(people.select_related("tenant").order_by("name", "pk")[: MOST + 1])

    def absolute(name: str) -> str:
        return request.build_absolute_uri(reverse(name, args=[provider.key]))

    return {
        "provider": provider,
        "status": _status(provider),
        "may_manage": may_manage(request.access, provider.tenant),
        "linked": linked[:MOST],
        "is_cut": len(linked) > MOST,
        "start_url": absolute("accounts:single-sign-on-start"),
        "return_url": absolute("accounts:single-sign-on-return"),
    }


@requires(Permission.USERS_MANAGE, on=IdentityProvider, methods=FORM)
def provider_edit(request: Request, provider: IdentityProvider) -> HttpResponse:
    form = ProviderEditForm(posted(request), provider=provider)
    if form.is_valid():
        with attempting(form, TAKEN):
            edit_provider(actor=request.actor, provider=provider, **form.cleaned_data)
            toast(request, f"{provider} edited")
            return redirect(request, _address(provider))
    page, context = "accounts/provider_edit.html", {"form": form, "provider": provider}
    return render_page(request, page, page, context, status=status_of(request, form))


@requires(Permission.USERS_MANAGE, on=IdentityProvider, methods=WRITE)
def provider_activate(request: Request, provider: IdentityProvider) -> HttpResponse:
    """A refusal stands on the page of the provider."""
    form = ReasonForm({"reason": "again"})
    with attempting(form):
        activate_provider(actor=request.actor, provider=provider)
        toast(request, f"{provider} activated", "It signs in whoever is linked with it.")
        return redirect(request, _address(provider))
    return render_page(
        request, DETAIL, DETAIL, _page(request, provider) | {"form": form}, status=status_of(request, form)
    )


@requires(Permission.USERS_MANAGE, on=IdentityProvider, methods=FORM)
def provider_deactivate(request: Request, provider: IdentityProvider) -> HttpResponse:
    then = "Who came in by it is out at their next click."
    return _with_reason(request, provider, deactivate_provider, then=then, to=_address(provider))


@requires(Permission.USERS_MANAGE, on=IdentityProvider, methods=FORM)
def provider_delete(request: Request, provider: IdentityProvider) -> HttpResponse:
    then, to = (
        "What happened to it stays in the audit log.",
        reverse("accounts:provider-index", args=[provider.tenant_id]),
    )
    return _with_reason(request, provider, delete_provider, then=then, to=to)


def _with_reason(
    request: Request, provider: IdentityProvider, service: Callable[..., None], *, then: str, to: str
) -> HttpResponse:
    form, verb = ReasonForm(posted(request)), service.__name__.partition("_")[0]
    if form.is_valid():
        with attempting(form):
            service(actor=request.actor, provider=provider, reason=form.cleaned_data["reason"])
            toast(request, f"{provider} {verb.removesuffix('e')}ed", then)
            return redirect(request, to)
    return render_dialog(
        request,
        f"accounts/_provider_{verb}_dialog.html",
        {"form": form, "provider": provider},
        title=f"{verb.capitalize()} {provider}?",
        cancel_url=_address(provider),
        status=status_of(request, form),
    )


def _address(provider: IdentityProvider) -> str:
    return reverse("accounts:provider-detail", args=[provider.pk])
