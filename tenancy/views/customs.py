"""What a tenant chose for itself: preferences, and how its mail looks."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.custom_forms import BrandingForm, PreferencesForm
from tenancy.custom_pages import brand_page, branding_of, preference_page, preferences_set
from tenancy.custom_services import set_branding, set_tenant_preferences
from tenancy.customs import Brand
from tenancy.models import Tenant
from tenancy.pages import tenant_page


@requires(Permission.PREFERENCES_VIEW_TENANT, on=Tenant)
def tenant_preferences(request: Request, tenant: Tenant) -> HttpResponse:
    page, tab = "tenancy/tenant_preferences.html", "tenancy:tenant-preferences"
    return render_page(request, page, page, tenant_page(request, tenant, tab) | preference_page(request, tenant))


@requires(Permission.PREFERENCES_MANAGE_TENANT, on=Tenant, methods=FORM)
def tenant_preferences_edit(request: Request, tenant: Tenant) -> HttpResponse:
    form, tab = PreferencesForm(posted(request), row=preferences_set(tenant)), "tenancy:tenant-preferences"
    back = reverse(tab, args=[tenant.pk])
    if form.is_valid():
        with attempting(form):
            set_tenant_preferences(actor=request.actor, tenant=tenant, **form.cleaned_data)
            toast(request, f"Preferences of {tenant} set", "They hold from the next mail and the next refusal.")
            return redirect(request, back)
    page, status = "tenancy/tenant_custom_edit.html", status_of(request, form)
    context = {"form": form, "back": back, "button": "Set preferences"}
    return render_page(request, page, page, tenant_page(request, tenant, tab) | context, status=status)


@requires(Permission.BRANDING_VIEW, on=Tenant)
def tenant_branding(request: Request, tenant: Tenant) -> HttpResponse:
    page, tab = "tenancy/tenant_branding.html", "tenancy:tenant-branding"
    return render_page(request, page, page, tenant_page(request, tenant, tab) | brand_page(request, tenant))


@requires(Permission.BRANDING_MANAGE, on=Tenant, methods=FORM)
def tenant_branding_edit(request: Request, tenant: Tenant) -> HttpResponse:
    """Sent with `preview` it is shown and not saved."""
    form, tab = BrandingForm(posted(request), row=branding_of(tenant)), "tenancy:tenant-branding"
    back = reverse(tab, args=[tenant.pk])
    preview: Brand | None = None
    if form.is_valid():
        said = form.cleaned_data
        if "preview" in request.POST:
            preview = Brand(said["name"] or str(tenant), said["color"], said["footer"])
        else:
            with attempting(form):
                set_branding(actor=request.actor, tenant=tenant, **said)
                toast(request, f"Branding of {tenant} set", "Mail looks so from the next one.")
                return redirect(request, back)
    page, status = "tenancy/tenant_custom_edit.html", 200 if preview else status_of(request, form)
    context = {"form": form, "back": back, "button": "Set branding", "previews": True, "brand": preview}
    return render_page(request, page, page, tenant_page(request, tenant, tab) | context, status=status)
