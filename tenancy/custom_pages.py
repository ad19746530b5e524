"""What the pages of a tenant's preferences and branding show."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from immyrbac.requests import Request
from immyrbac.words import counted
from rbac.permissions import Permission
from tenancy.customs import Preferences, brand_of, preferences_of
from tenancy.models import Branding, Tenant, TenantPreferences


def preferences_set(tenant: Tenant) -> TenantPreferences:
    """What the tenant itself chose."""
    return TenantPreferences.objects.filter(tenant=tenant).first() or TenantPreferences(tenant=tenant)


def branding_of(tenant: Tenant) -> Branding:
    return Branding.objects.filter(tenant=tenant).first() or Branding(tenant=tenant)


def preference_page(request: Request, tenant: Tenant) -> dict[str, Any]:
    """What counts, and whether the tenant chose it; where it may be set, for who may."""
    own, counts = preferences_set(tenant), preferences_of(tenant)
    rows = [
        ("Time zone", "Of the times in mail to its people.", counts.time_zone, bool(own.time_zone)),
        ("Invitations last", "The link of an invitation.", _days(counts), bool(own.invitation_days)),
        ("Support contact", "Under each refusal, and in mail.", counts.support or "Nobody named", bool(own.support)),
    ]
    may = request.access.can(Permission.PREFERENCES_MANAGE_TENANT, tenant)
    return {"rows": rows, "edit_url": reverse("tenancy:tenant-preferences-edit", args=[tenant.pk]) if may else ""}


def _days(counts: Preferences) -> str:
    return counted(counts.invitation_days, "day")


def brand_page(request: Request, tenant: Tenant) -> dict[str, Any]:
    may = request.access.can(Permission.BRANDING_MANAGE, tenant)
    return {
        "brand": brand_of(tenant),
        "own": bool(branding_of(tenant).name),
        "support": preferences_of(tenant).support,
        "edit_url": reverse("tenancy:tenant-branding-edit", args=[tenant.pk]) if may else "",
    }
