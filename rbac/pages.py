"""The page of what a user holds, with the assignment editor where it is open."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.pages import user_page
from computers.models import ComputerScopeKind
from computers.scopes import TYPES
from immyrbac.requests import Request
from immyrbac.words import number
from rbac.coverage import endable
from rbac.effects import lines_of
from rbac.forms import AssignmentForm
from rbac.models import RoleAssignment
from rbac.permissions import ASSIGN_PERMISSIONS, Permission
from rbac.previews import Preview, preview_assignment
from rbac.rosters import roster_of
from rbac.sentences import SENTENCE_RELATIONS, plain
from tenancy.models import TenantScopeKind

GIVERS = tuple(ASSIGN_PERMISSIONS.values())
"""Besides managing the person: who holds one of these may open the editor, and give what the gate lets them."""


def assignments_page(request: Request, user: User, form: AssignmentForm | None = None) -> dict[str, Any]:
    """`form`: the open editor, unbound, or as it was sent."""
    roster, gives = roster_of(request.access, user), may_give(request, user)
    direct = [held.row for held in roster.direct]
    create_url = reverse("rbac:assignment-create", args=[user.pk]) if gives and user != request.user else ""
    return user_page(request, user, "rbac:assignment-list") | {
        "roster": roster,
        "endable": endable(request.access, user, direct) if gives else set(),
        "show_over": "ended" in request.GET,
        "holder": user.name.split()[0],
        "create_url": create_url,
        "is_empty": not (roster.direct or roster.through or roster.over or roster.beyond),
        "first_action": ("New assignment", create_url) if create_url else None,
        "end_url": reverse("rbac:assignment-end", args=[user.pk]),
        "form": form,
        **(preview_of(request, form) if form else {}),
    }


def endable_rows(request: Request, user: User) -> QuerySet[RoleAssignment]:
    """What the user holds directly and the reader may end, for a form to choose from."""
    roster = roster_of(request.access, user)
    ids = endable(request.access, user, [held.row for held in roster.direct])
    rows: QuerySet[RoleAssignment] = request.access.seen(RoleAssignment).filter(pk__in=ids)
    return rows.select_related(*SENTENCE_RELATIONS)


def may_give(request: Request, user: User) -> bool:
    """Whether the editor is worth opening: there is a kind of scope that the reader may give somewhere."""
    manages = request.access.can(Permission.USERS_MANAGE, user)
    return user.removed_at is None and (manages or any(map(request.access.holds, GIVERS)))


def preview_of(request: Request, form: AssignmentForm) -> dict[str, Any]:
    """What the panel shows; only the form while it does not say enough."""
    urls = {
        "create_url": reverse("rbac:assignment-create", args=[form.principal.pk]),
        "list_url": reverse("rbac:assignment-list", args=[form.principal.pk]),
    }
    draft = form.draft_so_far()
    if draft is None:
        return {"form": form, **urls}
    form["ends"].help_text = form.ends_note(draft)
    preview = preview_assignment(request.access, draft)
    lines = lines_of(preview, draft)
    return {
        "form": form,
        **urls,
        "draft": draft,
        "preview": preview,
        "effects": lines,
        "figures": _figures(preview, draft),
        "announcement": ". ".join([plain(preview.words), *(line.text for line in lines if line.kind == "gains")]),
    }


def _figures(preview: Preview, draft: RoleAssignment) -> list[tuple[str, str, str, str]]:
    held = f"of {number(len(draft.role.permissions))}"
    return [
        ("Tenants", number(preview.tenants), "", ""),
        ("Computers", number(preview.computers), computers_url(draft), ""),
        ("Permissions", number(len(preview.effective)), "", held),
    ]


def computers_url(draft: RoleAssignment) -> str:
    """The list of the computers that the draft covers, where its filters can say so; otherwise empty."""
    home = draft.user.tenant_id if draft.user else None
    narrowed: dict[str, object] = {}
    match draft.scope:
        case TenantScopeKind.OWNER:
            pass
        case TenantScopeKind.TENANT | TenantScopeKind.OWN_TENANT if draft.include_children:
            narrowed["tenant"] = draft.tenant_id or home
        case _:
            return ""
    types = TYPES.get(draft.computer_type or "", frozenset())
    match draft.computer_scope:
        case ComputerScopeKind.ALL:
            pass
        case ComputerScopeKind.TAG:
            narrowed["tag"] = draft.computer_tag_id
        case ComputerScopeKind.TYPE if len(types) == 1:
            narrowed["type"] = next(iter(types))
        case _:
            return ""
    if None in narrowed.values():
        return ""
    query = urlencode(narrowed)
    return reverse("computers:computer-list") + (f"?{query}" if query else "")
