"""What is done to a tenant without moving anybody's access: made, renamed, deleted."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.forms import ConfirmedForm, NewTenantForm, ParentForm, TenantEditForm
from tenancy.models import Tenant
from tenancy.pages import held
from tenancy.services import create_tenant, delete_tenant, rename_tenant


@requires(Permission.TENANTS_MANAGE)
def tenant_place(request: Request) -> HttpResponse:
    """Below which tenant shall the new one stand? The parent then stands in the address of its form."""
    form = ParentForm(request.GET if "parent" in request.GET else None, access=request.access)
    if form.is_valid():
        return redirect(request, reverse("tenancy:tenant-create", args=[form.cleaned_data["parent"].pk]))
    may_root = request.access.can(Permission.TENANTS_MANAGE, INSTANCE)
    context = {"form": form, "root_url": reverse("tenancy:tenant-create-root") if may_root else ""}
    page = "tenancy/tenant_place.html"
    return render_page(request, page, page, context, status=INVALID if form.is_bound else 200)


@requires(Permission.TENANTS_MANAGE, on=Tenant, methods=FORM)
def tenant_create(request: Request, tenant: Tenant) -> HttpResponse:
    return _create(request, tenant)


@requires(Permission.TENANTS_MANAGE, on=INSTANCE, methods=FORM)
def tenant_create_root(request: Request) -> HttpResponse:
    """A tenant at the top: it belongs to no MSP until it is one."""
    return _create(request, None)


def _create(request: Request, parent: Tenant | None) -> HttpResponse:
    form = NewTenantForm(posted(request))
    if form.is_valid():
        with attempting(form):
            made = create_tenant(actor=request.actor, parent=parent, **form.cleaned_data)
            toast(request, f"{made} created", "Tags and people are the next steps.")
            return redirect(request, reverse("tenancy:tenant-detail", args=[made.pk]))
    back = reverse("tenancy:tenant-detail", args=[parent.pk]) if parent else reverse("tenancy:tenant-list")
    context = {"form": form, "parent": parent, "back": back}
    page = "tenancy/tenant_create.html"
    return render_page(request, page, page, context, status=status_of(request, form))


@requires(Permission.TENANTS_MANAGE, on=Tenant, methods=FORM)
def tenant_edit(request: Request, tenant: Tenant) -> HttpResponse:
    form = TenantEditForm(posted(request), tenant=tenant)
    back = reverse("tenancy:tenant-detail", args=[tenant.pk])
    if form.is_valid():
        with attempting(form):
            renamed = rename_tenant(actor=request.actor, tenant=tenant, **form.cleaned_data)
            toast(request, f"{tenant} is called {renamed} now")
            return redirect(request, back)
    dialog, status = "tenancy/_tenant_edit_dialog.html", status_of(request, form)
    return render_dialog(request, dialog, {"form": form}, title=f"Rename {tenant}", cancel_url=back, status=status)


@requires(Permission.TENANTS_MANAGE, on=Tenant, methods=FORM)
def tenant_delete(request: Request, tenant: Tenant) -> HttpResponse:
    form = ConfirmedForm(posted(request), phrase=tenant.name)
    if form.is_valid():
        with attempting(form):
            delete_tenant(actor=request.actor, tenant=tenant, reason=form.cleaned_data["reason"])
            toast(request, f"{tenant} deleted", "What happened to it stays in the audit log.")
            return redirect(request, reverse("tenancy:tenant-list"))
    return render_dialog(
        request,
        "tenancy/_tenant_delete_dialog.html",
        {"form": form, "tenant": tenant, "held": held(request.access, tenant)},
        title=f"Delete {tenant}?",
        cancel_url=reverse("tenancy:tenant-detail", args=[tenant.pk]),
        status=status_of(request, form),
    )
