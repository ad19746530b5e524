"""Groups one at a time: made, edited and deleted."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.forms.groups import GroupEditForm, GroupForm, GroupPlaceForm, owners
from accounts.forms.users import ReasonForm
from accounts.group_services import create_group, edit_group, remove_group
from accounts.models import Group
from immyrbac.attempts import TAKEN, attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.decorators import FORM, requires
from rbac.invitations import offering
from rbac.permissions import Permission
from rbac.rosters import roster_of
from tenancy.forms import describe_tenant
from tenancy.models import Tenant


@requires(Permission.GROUPS_MANAGE)
def group_place(request: Request) -> HttpResponse:
    """Who shall own the new group; somebody who has no choice is not asked."""
    form = GroupPlaceForm(request.GET or None, access=request.access, initial={"tenant": request.user.tenant_id})
    if form.is_valid():
        return redirect(request, reverse("accounts:group-create", args=[form.cleaned_data["tenant"].pk]))
    may_share, only = request.access.can(Permission.GROUPS_MANAGE_PUBLIC, INSTANCE), owners(request.access)[:2]
    if len(only) == 1 and not (may_share or form.is_bound):
        return redirect(request, reverse("accounts:group-create", args=[only[0].pk]))
    context = {"form": form, "shared_url": reverse("accounts:group-create-shared") if may_share else ""}
    page, status = "accounts/group_place.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


@requires(Permission.GROUPS_MANAGE)
def group_place_pick(request: Request) -> HttpResponse:
    return render_options(request, owners(request.access), describe=describe_tenant)


@requires(Permission.GROUPS_MANAGE, on=Tenant, methods=FORM)
def group_create(request: Request, tenant: Tenant) -> HttpResponse:
    return _create(request, tenant)


@requires(Permission.GROUPS_MANAGE_PUBLIC, on=INSTANCE, methods=FORM)
def group_create_shared(request: Request) -> HttpResponse:
    """A group of the instance: anybody may be in it."""
    return _create(request, None)


@requires(Permission.GROUPS_MANAGE, on=Group, methods=FORM, of_instance=Permission.GROUPS_MANAGE_PUBLIC)
def group_edit(request: Request, group: Group) -> HttpResponse:
    form = GroupEditForm(posted(request), group=group)
    back = reverse("accounts:group-detail", args=[group.pk])
    if form.is_valid():
        with attempting(form, TAKEN):
            edited = edit_group(actor=request.actor, group=group, **form.cleaned_data)
            toast(request, f"{edited} saved")
            return redirect(request, back)
    context = {"title": f"Edit {group}", "owner": group.tenant, "button": "Save changes", "back": back}
    return _form(request, form, context | {"group": group})


@requires(Permission.GROUPS_MANAGE, on=Group, methods=FORM, of_instance=Permission.GROUPS_MANAGE_PUBLIC)
def group_delete(request: Request, group: Group) -> HttpResponse:
    """What still uses the group is listed, and refuses it."""
    form = ReasonForm(posted(request))
    if form.is_valid():
        with attempting(form):
            remove_group(actor=request.actor, group=group, reason=form.cleaned_data["reason"])
            toast(request, f"{group} deleted", "Its members stay, and hold what they hold otherwise.")
            return redirect(request, reverse("accounts:group-list"))
    roster = roster_of(request.access, group)
    offered = "" if roster.direct or roster.beyond else offering(request.access, group)
    return render_dialog(
        request,
        "accounts/group_delete_dialog.html",
        {"form": form, "group": group, "roster": roster, "offered": offered},
        title=f"Delete {group}?",
        cancel_url=reverse("accounts:group-detail", args=[group.pk]),
        status=status_of(request, form),
    )


def _create(request: Request, tenant: Tenant | None) -> HttpResponse:
    form = GroupForm(posted(request))
    if form.is_valid():
        with attempting(form, TAKEN):
            group = create_group(actor=request.actor, tenant=tenant, **form.cleaned_data)
            toast(request, f"{group} created", "Put people into it, and give it what they share.")
            return redirect(request, reverse("accounts:group-detail", args=[group.pk]))
    back = reverse("accounts:group-list")
    context = {"title": "New group", "owner": tenant, "button": "Create group", "back": back}
    return _form(request, form, context | {"elsewhere": _may_choose(request, tenant)})


def _may_choose(request: Request, tenant: Tenant | None) -> bool:
    """Whether the group could have another owner."""
    may_share = request.access.can(Permission.GROUPS_MANAGE_PUBLIC, INSTANCE)
    others = owners(request.access).exclude(pk=tenant.pk) if tenant else owners(request.access)
    return may_share or others.exists()


def _form(request: Request, form: GroupForm, context: dict[str, Any]) -> HttpResponse:
    page, context = "accounts/group_form.html", context | {"form": form}
    return render_page(request, page, page, context, status=status_of(request, form))
