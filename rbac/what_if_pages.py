"""What the pages of changes that nobody makes show: the same as the form that would save them, and a way to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Group, GroupMembership, User
from accounts.pages import manages_group
from immyrbac.lists import Choice
from immyrbac.requests import Request
from immyrbac.words import counted, number
from rbac.coverage import endable
from rbac.effects import Line, foreseen, line_of_leaving, lines_of_coming, lines_of_person
from rbac.models import Role, RoleAssignment
from rbac.offers import Principal
from rbac.outcome_pages import NAMED, lines_of_seen_spread, outcome_panel
from rbac.pages import FILLED, may_give, page_round, place_of, preview_beside
from rbac.previews import preview_ending, preview_joining, preview_leaving
from rbac.role_changes import RoleChange, drafted
from rbac.role_edits import editor_page
from rbac.role_pages import manages_role
from rbac.rosters import roster_of
from rbac.sentences import SENTENCE_RELATIONS
from rbac.what_if_forms import BEYOND, EndingForm, GivingForm, HoldingForm, MovingForm, covers_role

GIVING, ENDING, MOVING = "what-if", "what-if-end", "what-if-move"
MEANT = (
    (
        "plain",
        "key",
        "Give a role",
        "To a user or a group, on tenants and computers of your choice, allowed or denied.",
    ),
    ("plain", "clock", "End assignments", "One or several of what they hold, denies as well."),
    ("plain", "groups", "Come into a group, or leave it", "One person and one group."),
    ("plain", "roles", "Change what a role holds", "Of a custom role, for everybody who has it."),
    ("plain", "crown", "Great power first", "Then what else they gain or lose, and on how many tenants and computers."),
)
"""What the first page says can be asked."""


def address(principal: Principal, question: str) -> str:
    kind = "user" if isinstance(principal, User) else "group"
    return reverse(f"rbac:{kind}-{question}", args=[principal.pk])


def what_if_page(request: Request, principal: Principal, question: str) -> dict[str, Any]:
    """Round any question about a user or a group, with the others that can be asked about them."""
    moving = "Groups" if isinstance(principal, User) else "Members"
    questions = {GIVING: "Give a role", ENDING: "End access", MOVING: moving}
    others = [Choice(words, address(principal, name), name == question) for name, words in questions.items()]
    around = page_round(request, principal, "rbac:user-what-if", "rbac:group-what-if")
    return around | {"layout": place_of(principal).layout, "questions": others}


def giving_beside(request: Request, form: GivingForm) -> dict[str, Any]:
    """What the panel shows; only the form while it does not say enough."""
    here = address(form.principal, GIVING)
    shown = preview_beside(request, form, here, here, foreseen)
    return shown | {"opens": _editor_url(request, form, shown)}


def _editor_url(request: Request, form: GivingForm, shown: Mapping[str, Any]) -> str:
    """The editor that would save it, filled in; empty where the gate would refuse it."""
    preview, principal = shown.get("preview"), form.principal
    if preview is None or preview.objections or principal == request.user or not may_give(request, principal):
        return ""
    return f"{place_of(principal).create_url}?{urlencode({**request.GET.dict(), FILLED: 1})}"


def held_directly(request: Request, principal: Principal) -> QuerySet[RoleAssignment]:
    """What a question about ending may be about, as far as the reader sees it."""
    direct = roster_of(request.access, principal).direct
    rows: QuerySet[RoleAssignment] = request.access.seen(RoleAssignment).filter(pk__in=[each.row.pk for each in direct])
    return rows.select_related("user", "group", *SENTENCE_RELATIONS).order_by("pk")


def ending_beside(request: Request, form: EndingForm, principal: Principal) -> dict[str, Any]:
    """The same of what would end."""
    here = address(principal, ENDING)
    context: dict[str, Any] = {"form": form, "create_url": here, "list_url": here}
    if not form.is_valid():
        return context
    rows = form.cleaned_data["assignments"]
    ending = preview_ending(request.access, rows)
    panel = outcome_panel(request, ending.outcome, "")
    chosen = {row.pk for row in rows}
    may_end = not ending.objections and chosen <= endable(request.access, principal, rows)
    return context | {
        "preview": ending,
        "subject": principal,
        "ends": counted(len(rows), "assignment"),
        "effects": panel["lines"],
        "beyond": panel["beyond"],
        "announcement": panel["lines"][0].text,
        "opens": f"{place_of(principal).end_url}?{urlencode([('ids', pk) for pk in sorted(chosen)])}"
        if may_end
        else "",
    }


def moving_beside(request: Request, form: MovingForm) -> dict[str, Any]:
    """The same of who would come into a group; of a member, who would leave it."""
    here = address(form.principal, MOVING)
    context: dict[str, Any] = {"form": form, "create_url": here, "list_url": here}
    if not form.is_valid():
        return context
    group, user = form.sides(form.cleaned_data["other"])
    leaves = GroupMembership.objects.live().filter(group=group, user=user).exists()
    shown = _leaving(request, group, user) if leaves else _coming(request, group, user, form.cleaned_data["expires_at"])
    lines = [*shown["effects"], *lines_of_seen_spread(request, shown["preview"].outcome, [user.pk])]
    said = {"into": group, "who": user, "leaves": leaves, "effects": lines, "announcement": lines[0].text}
    if shown["preview"].objections or not manages_group(request.access, group):
        said["opens"] = ""
    return context | shown | said


def _coming(request: Request, group: Group, user: User, expires_at: datetime | None) -> dict[str, Any]:
    passage = preview_joining(request.access, group, user, expires_at)
    every = len({*passage.gained, *passage.held})
    filled = urlencode({"user": user.pk} | ({"expires_at": request.GET["expires_at"]} if expires_at else {}))
    return {
        "preview": passage,
        "expires_at": expires_at,
        "effects": lines_of_coming(passage, user, expires_at),
        "figures": [("New permissions", number(len(passage.gained)), "", f"of {number(every)}")],
        "opens": f"{reverse('accounts:membership-create', args=[group.pk])}?{filled}",
    }


def _leaving(request: Request, group: Group, user: User) -> dict[str, Any]:
    parting = preview_leaving(request.access, group, [user.pk])
    return {
        "preview": parting,
        "effects": [line_of_leaving(parting.passages[user.pk], user)],
        "opens": f"{reverse('accounts:group-detail', args=[group.pk])}?{urlencode({'q': user.name})}",
    }


def holding_page(request: Request, role: Role, form: HoldingForm) -> dict[str, Any]:
    """What a role would hold, and what that does to everybody who has it, as its editor puts it before saving."""
    here = reverse("rbac:role-what-if", args=[role.pk])
    context = editor_page(request, form) | {"role": role, "create_url": here}
    if not covers_role(request.access, role):
        return context | {"problem": BEYOND}
    if not form.is_valid() or set(form.cleaned_data["permissions"]) == set(role.permissions):
        return context
    change = RoleChange(
        request.access, role, drafted(role, permissions=form.cleaned_data["permissions"]), tuple(form.because)
    )
    opens = manages_role(request.access, role) and not change.objections
    drawn = [("name", role.name), ("description", role.description), ("version", role.version), ("draw", 1)]
    return context | {
        "change": change,
        "figures_of_change": [(words, value) for words, value, *_ in change.figures],
        "people": _people(change),
        "opens": reverse("rbac:role-edit", args=[role.pk]) if opens else "",
        "repeated": [*drawn, *(("permissions", each) for each in sorted(form.ticked))],
    }


def _people(change: RoleChange) -> list[Line]:
    """What each of the first people gains or loses, great power first, and how many more there are."""
    great, harmless, rows = [], [], change.rows[:NAMED]
    for row in rows:
        gained, lost = ([share.permission for share in side] for side in (row.gained, row.lost))
        strong, plain = lines_of_person(row.each.person.name, gained, lost)
        great += strong
        harmless += plain
    rest = len(change.ripple.people) - len(rows)
    more = [Line("plain", "groups", f"And {counted(rest, 'person', 'people')} more", "")] if rest else []
    return [*great, *harmless, *more]
