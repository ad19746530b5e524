"""Custom roles one at a time: made, copied, edited with what that does to whoever has them, and deleted."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse

from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast, wants_fragment
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.decorators import FORM, requires
from rbac.delegation import ConflictError
from rbac.models import Role
from rbac.permissions import Permission
from rbac.role_changes import RoleChange, drafted, is_given
from rbac.role_edits import copy_of, editor_page, review_page, uses_page
from rbac.role_forms import DeleteForm, NewRoleForm, ReviewForm, RoleEditForm, RoleForm, RolePlaceForm, role_owners
from rbac.role_services import check_role, create_role, delete_role, edit_role
from tenancy.forms import describe_tenant
from tenancy.models import Tenant

PUBLIC = Permission.ROLES_MANAGE_PUBLIC
TICKS = "rbac/_role_ticks.html"


@requires(Permission.ROLES_MANAGE)
def role_place(request: Request) -> HttpResponse:
    """Who shall own the new role; somebody who has no choice is not asked."""
    chosen = request.GET if "tenant" in request.GET else None
    copied = request.GET.get("copied_from", "")
    initial = {"tenant": request.user.tenant_id, "copied_from": copied}
    form = RolePlaceForm(chosen, access=request.access, initial=initial)
    query = f"?{QueryDict.fromkeys(['copied_from'], copied).urlencode()}" if copied else ""
    may_share, only = request.access.can(PUBLIC, INSTANCE), list(role_owners(request.access)[:2])
    if form.is_valid() or (len(only) == 1 and not may_share and chosen is None):
        owner = form.cleaned_data["tenant"] if form.is_bound else only[0]
        return redirect(request, reverse("rbac:role-create", args=[owner.pk]) + query)
    shared_url = reverse("rbac:role-create-shared") + query if may_share else ""
    context = {"form": form, "shared_url": shared_url, "copied_from": copy_of(request.access, copied)}
    page, status = "rbac/role_place.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


@requires(Permission.ROLES_MANAGE)
def role_place_pick(request: Request) -> HttpResponse:
    return render_options(request, role_owners(request.access), describe=describe_tenant)


@requires(Permission.ROLES_MANAGE, on=Tenant, methods=FORM)
def role_create(request: Request, tenant: Tenant) -> HttpResponse:
    return _create(request, tenant)


@requires(PUBLIC, on=INSTANCE, methods=FORM)
def role_create_shared(request: Request) -> HttpResponse:
    """A role that every tenant sees and may use."""
    return _create(request, None)


@requires(Permission.ROLES_MANAGE, on=Role, methods=FORM, of_instance=PUBLIC)
def role_edit(request: Request, role: Role) -> HttpResponse:
    """The editor; then, where somebody has the role, what the change does to them; then the change."""
    _custom(role)
    form = RoleEditForm(_sent(request), deny_only=role.deny_only, initial=_drawn(request, role))
    if not form.is_valid():
        return _edit_page(request, role, form)
    said = dict(form.cleaned_data)
    held = {name: said[name] for name in ("name", "description", "permissions")}
    change = RoleChange(request.access, role, drafted(role, **held), tuple(form.because))
    if said["version"] != role.version:
        form.overtaken(role)
        return _edit_page(request, role, form, status=HTTPStatus.CONFLICT)
    with attempting(form):
        if change.moves:
            check_role(change.draft)
            return reviewed(request, change, lambda **why: edit_role(actor=request.actor, role=role, **said, **why))
        edited = edit_role(actor=request.actor, role=role, **said)
        return _done(request, edited, f"{edited} saved", form.because)
    return _edit_page(request, role, form)


@requires(Permission.ROLES_MANAGE, on=Role, methods=FORM, of_instance=PUBLIC)
def role_delete(request: Request, role: Role) -> HttpResponse:
    """What still uses the role is listed, and refuses it."""
    _custom(role)
    form = DeleteForm(posted(request), initial={"version": role.version})
    if form.is_valid():
        with attempting(form):
            try:
                delete_role(actor=request.actor, role=role, **form.cleaned_data)
                toast(request, f"{role} deleted", "Nobody had it.")
                return redirect(request, reverse("rbac:role-list"))
            except ConflictError:
                form.add_error(None, "Somebody changed this role meanwhile. Look again, then decide.")
    return render_dialog(
        request,
        "rbac/role_delete_dialog.html",
        {"form": form, "role": role, **uses_page(request.access, role)},
        title=f"Delete {role}?",
        cancel_url=reverse("rbac:role-detail", args=[role.pk]),
        status=status_of(request, form),
    )


def reviewed(
    request: Request, change: RoleChange, service: Callable[..., Role], *, done: str = "", back: str = ""
) -> HttpResponse:
    """What the change does to whom; once that was seen, the change. `back` leads away from it, not to the editor."""
    sent = "expected" in request.POST
    form = ReviewForm(request.POST if sent else None, phrase=change.phrase)
    if not sent:
        return review_page(request, change, form, back)
    if request.POST["expected"] != change.ripple.expected:
        return review_page(request, change, form, back, status=HTTPStatus.CONFLICT)
    if form.is_valid():
        with attempting(form):
            try:
                role = service(reason=form.cleaned_data["reason"], expected=request.POST["expected"])
            except ConflictError:
                return review_page(request, change, form, back, status=HTTPStatus.CONFLICT)
            return _done(request, role, done or f"{role} changed", change.because)
    return review_page(request, change, form, back, status=status_of(request, form))


def _create(request: Request, tenant: Tenant | None) -> HttpResponse:
    copied = copy_of(request.access, request.GET.get("copied_from", ""))
    form = NewRoleForm(_sent(request), access=request.access, initial=_drawn(request, copied, is_new=True))
    if form.is_valid():
        said = dict(form.cleaned_data)
        said["deny_only"] = said.pop("kind") == "deny"
        with attempting(form):
            role = create_role(actor=request.actor, tenant=tenant, **said)
            return _done(request, role, f"{role} created", form.because)
    context = {"owner": tenant, "copied_from": copied, "back": reverse("rbac:role-list")}
    return _page(request, form, context)


def _edit_page(request: Request, role: Role, form: RoleForm, *, status: int | None = None) -> HttpResponse:
    context = {"role": role, "back": reverse("rbac:role-detail", args=[role.pk]), "is_given": is_given(role)}
    return _page(request, form, context, status=status)


def _page(request: Request, form: RoleForm, context: dict[str, Any], *, status: int | None = None) -> HttpResponse:
    context = editor_page(request, form) | context
    if wants_fragment(request) and not form.is_bound:
        return render_page(request, TICKS, TICKS, context)
    page = "rbac/role_form.html"
    return render_page(request, page, page, context, status=status or status_of(request, form))


def _sent(request: Request) -> QueryDict | None:
    """What shall be saved; None where the page is only drawn, be it anew with what was chosen so far."""
    is_drawn = "draw" in request.POST or "back" in request.POST
    return None if is_drawn else posted(request)


def _drawn(request: Request, role: Role | None, *, is_new: bool = False) -> dict[str, Any]:
    """What the form shows at first: what was chosen so far, or the role, or what every new role holds."""
    if request.method == "POST":
        return request.POST.dict() | {"permissions": request.POST.getlist("permissions")}
    if role is None:
        return {"permissions": [Permission.TENANTS_VIEW]}
    same = {"description": role.description, "permissions": role.permissions}
    if is_new:
        kind = "deny" if role.deny_only else "allow"
        return {**same, "name": f"Copy of {role.name}"[:120], "kind": kind, "copied_from": role.pk}
    return {**same, "name": role.name, "version": role.version}


def _done(request: Request, role: Role, what: str, because: Any) -> HttpResponse:
    toast(request, what, f"Added, since others depend on it: {'; '.join(because)}." if because else "")
    return redirect(request, reverse("rbac:role-detail", args=[role.pk]))


def _custom(role: Role) -> None:
    """Built-in roles have no such page."""
    if role.key is not None:
        raise Http404
