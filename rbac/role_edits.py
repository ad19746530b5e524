"""What the pages show on which a role is put together, reviewed and deleted."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from immyrbac.http import render_page
from immyrbac.requests import Request
from immyrbac.words import number
from rbac.access import Access
from rbac.invitations import offering
from rbac.models import Role
from rbac.permissions import Permission, Scoping
from rbac.role_blocks import blocks_of
from rbac.role_changes import RoleChange
from rbac.role_forms import ReviewForm, RoleForm
from rbac.role_pages import lines_of
from rbac.role_use import Suspended, assignments_of
from rbac.sentences import told

NOT_REPEATED = frozenset(
    {"csrfmiddlewaretoken", "expected", "reason", "confirmation", "version", "q", "granted", "draw", "back"}
)
FEW = 5


def copy_of(access: Access, number: str) -> Role | None:
    """The role with this number, where the reader sees it."""
    found: Role | None = access.seen(Role).filter(pk=number).first() if number.isdecimal() else None
    return found


def editor_page(request: Request, form: RoleForm) -> dict[str, Any]:
    """The permissions as they are narrowed, and what all that is ticked comes to."""
    said = request.POST if request.method == "POST" else request.GET
    words, only = said.get("q", "")[:200], "granted" in said
    held = form.held
    blocks = blocks_of(Role(permissions=sorted(held), deny_only=form.denies), words=words, granted_only=only)
    shown = {entry.permission for block in blocks for column in block[3:] for entry in column}
    return {
        "form": form,
        "blocks": blocks,
        "words": words,
        "granted_only": only,
        "hidden": sorted(held - shown),
        "figures": _figures(held),
        "great": [permission.label for permission in Permission if permission in held and permission.spec.great_power],
        "announcement": f"{number(len(held))} of {number(len(Permission))} permissions. {'. '.join(form.because)}",
    }


def _figures(held: frozenset[Permission]) -> list[tuple[str, str, str, str]]:
    specs = [permission.spec for permission in held]
    return [
        ("Permissions", number(len(held)), "", f"of {number(len(Permission))}"),
        ("Great power", number(sum(spec.great_power for spec in specs)), "", ""),
        ("MSP users only", number(sum(spec.msp_only for spec in specs)), "", ""),
        ("Inert below Owner", number(sum(spec.scoping == Scoping.SYSTEM for spec in specs)), "", ""),
    ]


def review_page(
    request: Request, change: RoleChange, form: ReviewForm, back: str, *, status: int = 200
) -> HttpResponse:
    said = [(name, value) for name, values in request.POST.lists() if name not in NOT_REPEATED for value in values]
    repeated = [*said, ("version", str(change.role.version))]
    context = {
        "change": change,
        "role": change.role,
        "form": form,
        "repeated": repeated,
        "back": back,
        "role_url": reverse("rbac:role-detail", args=[change.role.pk]),
        "moved": status == 409,
    }
    page = "rbac/role_change.html"
    return render_page(request, page, page, context, status=status)


def uses_page(access: Access, role: Role) -> dict[str, Any]:
    """The assignments that keep a role from being deleted, as far as the reader sees them, and who is offered it."""
    rows = assignments_of(access, role)
    every = role.assignments.unended().count()
    seen = told([*rows.order_by("-pk")[: FEW + 1]])
    return {
        "uses": lines_of(access, seen[:FEW], Suspended()),
        "more": len(seen) > FEW,
        "beyond": bool(every) and not seen,
        "offered": "" if every else offering(access, role),
        "uses_url": reverse("rbac:role-holder-list", args=[role.pk]),
    }
