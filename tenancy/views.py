"""What comboboxes of every page ask for while somebody types: tenants and tags that the reader may see."""

from django.http import HttpResponse

from immyrbac.http import render_options
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.permissions import Permission
from tenancy.forms import describe_tag, describe_tenant
from tenancy.models import Tag, Tenant


@requires(Permission.TENANTS_VIEW)
def tenant_pick(request: Request) -> HttpResponse:
    return render_options(request, request.access.seen(Tenant), describe=describe_tenant)


@requires(Permission.TAGS_VIEW)
def tag_pick(request: Request) -> HttpResponse:
    return render_options(request, request.access.seen(Tag).select_related("tenant"), describe=describe_tag)
