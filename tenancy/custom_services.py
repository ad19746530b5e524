"""Preferences and branding of a tenant: they move nobody's access, and the gate asks for their permission alone."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

from immyrbac.versions import check_version
from rbac.audit import Actor
from rbac.delegation import act
from rbac.permissions import Permission
from tenancy.models import Branding, Tenant, TenantPreferences

UNKNOWN_ZONE = "This time zone is not known here."


def set_tenant_preferences(
    *,
    actor: Actor,
    tenant: Tenant,
    time_zone: str,
    invitation_days: int | None,
    support: str,
    version: str | None = None,
) -> TenantPreferences:
    """What is empty comes from above again. `version` is that of what the actor was shown."""
    said = {"time_zone": time_zone, "invitation_days": invitation_days, "support": support.strip()}
    with act(actor, "tenant.preferences_set", target=tenant, tenant=tenant.pk) as gate:
        gate.lock(tenant)
        gate.require(Permission.PREFERENCES_MANAGE_TENANT, tenant)
        if time_zone and time_zone not in available_timezones():
            raise ValidationError({"time_zone": UNKNOWN_ZONE})
        row = TenantPreferences.objects.filter(tenant=tenant).first() or TenantPreferences(tenant=tenant)
        before = {name: getattr(row, name) for name in said}
        check_version(version, before, said)
        for name, value in said.items():
            setattr(row, name, value)
        row.full_clean(validate_unique=False, validate_constraints=False)
        row.save()
        gate.record(target=tenant, tenant=tenant.pk, before=before, after=said)
    return row


def set_branding(
    *, actor: Actor, tenant: Tenant, name: str, color: str, footer: str, version: str | None = None
) -> Branding:
    """Without a name the mail of the tenant looks as that of the tenant above. `version` as above."""
    said = {"name": name.strip(), "color": color.lower(), "footer": footer.strip()}
    with act(actor, "tenant.branding_set", target=tenant, tenant=tenant.pk) as gate:
        gate.lock(tenant)
        gate.require(Permission.BRANDING_MANAGE, tenant)
        row = Branding.objects.filter(tenant=tenant).first() or Branding(tenant=tenant)
        before = {name: getattr(row, name) for name in said}
        check_version(version, before, said)
        for field, value in said.items():
            setattr(row, field, value)
        row.full_clean(validate_unique=False, validate_constraints=False)
        row.save()
        gate.record(target=tenant, tenant=tenant.pk, before=before, after=said)
    return row
