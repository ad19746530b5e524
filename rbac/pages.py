"""The page of what a user or a group holds, with the assignment editor where it is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Group, User
from accounts.pages import group_page, user_page
from computers.models import ComputerScopeKind
from computers.scopes import TYPES
from immyrbac.requests import Request
from immyrbac.words import number
from rbac.coverage import endable
from rbac.effects import Line, lines_of
from rbac.forms import AssignmentForm
from rbac.models import RoleAssignment
from rbac.offers import Principal, manages
from rbac.permissions import ASSIGN_PERMISSIONS
from rbac.previews import Preview, preview_assignment
from rbac.rosters import roster_of
from rbac.sentences import SENTENCE_RELATIONS, plain
from tenancy.models import TenantScopeKind

GIVERS = tuple(ASSIGN_PERMISSIONS.values())
"""Besides managing the person: who holds one of these may open the editor, and give what the gate lets them."""


FILLED = "filled"
"""In the address: what it says was chosen on another page, and nobody has been asked for the rest yet."""

NOTHING_YET: dict[type, str] = {
    User: (
        "A role assignment says what somebody may do, and on which tenants and computers. "
        "Without one they may sign in, and nothing else."
    ),
    Group: (
        "A role assignment says what its members may do, and on which tenants and computers. "
        "It reaches everybody in the group, as long as they are in it."
    ),
}


class Place(NamedTuple):
    """Where the assignments of one principal are read, put together and ended; `layout` is the page round all three."""

    layout: str
    list_url: str
    create_url: str
    end_url: str


def place_of(principal: Principal) -> Place:
    layout, names = (
        ("accounts/user.html", "rbac:assignment-{}")
        if isinstance(principal, User)
        else ("accounts/group.html", "rbac:group-assignment-{}")
    )
    return Place(layout, *(reverse(names.format(verb), args=[principal.pk]) for verb in ("list", "create", "end")))


def assignments_page(request: Request, principal: Principal, form: AssignmentForm | None = None) -> dict[str, Any]:
    """`form`: the open editor, unbound, or as it was sent."""
    roster, gives, place = roster_of(request.access, principal), may_give(request, principal), place_of(principal)
    direct = [held.row for held in roster.direct]
    create_url = place.create_url if gives and principal != request.user else ""
    return page_round(request, principal, "rbac:assignment-list", "rbac:group-assignment-list") | {
        "layout": place.layout,
        "roster": roster,
        "endable": endable(request.access, principal, direct) if gives else set(),
        "show_over": "ended" in request.GET,
        "holder": principal.name.split()[0] if isinstance(principal, User) else str(principal),
        "create_url": create_url,
        "is_empty": not (roster.direct or roster.through or roster.over or roster.beyond),
        "nothing_yet": NOTHING_YET[type(principal)],
        "first_action": ("New assignment", create_url) if create_url else None,
        "end_url": place.end_url,
        "form": form,
        **(preview_of(request, form) if form else {}),
    }


def page_round(request: Request, principal: Principal, tab: str, group_tab: str) -> dict[str, Any]:
    """The context of the page of a user or of a group, with this tab open."""
    if isinstance(principal, User):
        return user_page(request, principal, tab)
    return group_page(request, principal, group_tab)


def endable_rows(request: Request, principal: Principal) -> QuerySet[RoleAssignment]:
    """What the principal holds directly and the reader may end, for a form to choose from; with who holds it."""
    roster = roster_of(request.access, principal)
    ids = endable(request.access, principal, [held.row for held in roster.direct])
    rows: QuerySet[RoleAssignment] = request.access.seen(RoleAssignment).filter(pk__in=ids)
    return rows.select_related("user", "group", *SENTENCE_RELATIONS)


def may_give(request: Request, principal: Principal) -> bool:
    """Whether the editor is worth opening: there is a kind of scope that the reader may give somewhere."""
    gives = manages(request.access, principal) or any(map(request.access.holds, GIVERS))
    return principal.removed_at is None and gives


def preview_of(request: Request, form: AssignmentForm) -> dict[str, Any]:
    """What the panel shows; only the form while it does not say enough."""
    place = place_of(form.principal)
    return preview_beside(request, form, place.create_url, place.list_url)


def preview_beside(
    request: Request,
    form: AssignmentForm,
    create_url: str,
    list_url: str,
    lines_of: Callable[[Preview, RoleAssignment], Sequence[Line]] = lines_of,
) -> dict[str, Any]:
    """The same of an editor that stands elsewhere."""
    urls = {"create_url": create_url, "list_url": list_url}
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
    most = "at most" if draft.group and draft.scope == TenantScopeKind.OWN_TENANT else ""
    return [
        ("Tenants", number(preview.tenants), "", most),
        ("Computers", number(preview.computers), computers_url(draft), most),
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
