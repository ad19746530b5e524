"""What a custom role held at which time: all its versions, one of them, and its way back."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpResponse
from django.urls import reverse

from immyrbac.http import redirect, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.models import Role
from rbac.permissions import Permission
from rbac.role_changes import RoleChange, Version, drafted, versions_of
from rbac.role_pages import manages_role, version_lines, version_page
from rbac.role_services import restore_role_version, restored
from rbac.views.role_edit import reviewed


@requires(Permission.ROLES_VIEW, on=Role)
def role_version_list(request: Request, role: Role) -> HttpResponse:
    context = {"role": role, "lines": version_lines(request.access, _versions(role))}
    return render_page(request, "rbac/role_version_list.html", "rbac/role_version_list.html", context)


@requires(Permission.ROLES_VIEW, on=Role)
def role_version_detail(request: Request, role: Role, number: int) -> HttpResponse:
    context = version_page(request.access, role, _version(role, number))
    context["may_restore"] = manages_role(request.access, role) and number != role.version
    return render_page(request, "rbac/role_version_detail.html", "rbac/role_version_detail.html", context)


@requires(Permission.ROLES_MANAGE, on=Role, methods=FORM, of_instance=Permission.ROLES_MANAGE_PUBLIC)
def role_version_restore(request: Request, role: Role, number: int) -> HttpResponse:
    """What bringing this version back does to whom; then it is brought back, as a new one."""
    version, here = _version(role, number), reverse("rbac:role-version-detail", args=[role.pk, number])
    same = {"name": version.name, "description": version.description}
    draft = drafted(role, **same, permissions=sorted(restored(role, version.permissions)))
    change = RoleChange(request.access, role, draft)
    if not change.differs:
        toast(request, f"{role} stands like this already", "Nothing was changed.")
        return redirect(request, here)
    seen = int(request.POST.get("version", "0")) if request.POST.get("version", "0").isdecimal() else 0
    return reviewed(
        request,
        change,
        partial(restore_role_version, actor=request.actor, role=role, number=number, version=seen),
        done=f"{role} is back at version {number}",
        back=here,
    )


def _versions(role: Role) -> list[Version]:
    """Built-in roles have none: they change with the product."""
    if role.key is not None:
        raise Http404
    return versions_of(role)


def _version(role: Role, number: int) -> Version:
    found = next((each for each in _versions(role) if each.number == number), None)
    if found is None:
        raise Http404
    return found
