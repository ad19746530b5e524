"""Where a tenant that is named has its page."""

from django.urls import reverse

from rbac.access import Access
from tenancy.models import Tenant


def tenant_url(access: Access, tenant: Tenant) -> str:
    """The page of the tenant; empty for who does not see it."""
    return reverse("tenancy:tenant-detail", args=[tenant.pk]) if access.can(Tenant.VIEW, tenant) else ""
