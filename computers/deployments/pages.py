"""What the pages of deployments show: one of them with its computers, and what one would do before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from computers.deployments.boards import CROSSING, TENANTS, Board, board_of
from computers.deployments.forms import DeploymentForm
from computers.deployments.lists import standing
from computers.deployments.models import CrossTenantDeployment, Deployment, Target
from computers.deployments.targets import (
    author_of,
    barrier,
    is_open_to,
    may_preview,
    names_what_is_seen,
    reached,
    singles_of,
    within,
)
from computers.deployments.words import aim_of, doing
from computers.lists import presence
from computers.maintenance.outcomes import OUTCOMES, Outcome, numbers_of, with_outcomes
from computers.maintenance.services import MOST_AT_ONCE
from computers.models import Computer
from immyrbac.lists import Total, capped
from immyrbac.requests import Request
from immyrbac.words import Status, listed
from rbac.access import Access
from rbac.lists import days_of, entries_about
from rbac.naming import name_for
from rbac.permissions import Permission
from tenancy.scopes import Word

SAVED = ("plain", "user", "You become its author", "It reaches what you may reach, whenever it is asked.")
PROPOSED = (
    "plain",
    "reviews",
    "Nothing until somebody approves it",
    "Who does is its author: it reaches what they may.",
)

LATEST = 10
NAMES = 5
"""Entries and computers that stand on the page itself, and computers that a preview names."""


class Line(NamedTuple):
    """One row of the list."""

    deployment: Deployment
    does: str
    aim: list[Word]
    author: str
    status: Status


class Reached(NamedTuple):
    """A computer that it reaches, and what its last try there came to; no outcome for who may not see its sessions."""

    computer: Computer
    presence: Status
    outcome: Status | None
    tried_at: datetime | None
    session_url: str


class Figure(NamedTuple):
    caption: str
    number: int
    address: str


class Sight(NamedTuple):
    """What a deployment would do if the reader saved it now; `objections` are what the service would say."""

    deployment: Deployment
    objections: list[str]


def lines_of(access: Access, deployments: Sequence[Deployment]) -> list[Line]:
    """They come with what `targets.NEEDS` names."""
    items = [each.script_version.script if each.script_version else each.software for each in deployments]
    access.know([each.saved_by for each in deployments])
    access.know([item for item in items if item])
    return [
        Line(each, doing_for(access, each), aim_of(each), author_name(access, each), standing(each))
        for each in deployments
    ]


def doing_for(access: Access, found: Deployment) -> str:
    """What it does, with the name of its software or script only for who may see that."""
    version = found.script_version
    reads = access.can(Permission.SCRIPTS_VIEW, version.script) if version else True
    return doing(
        found, reads=reads and (found.software is None or access.can(type(found.software).VIEW, found.software))
    )


def author_name(access: Access, found: Deployment) -> str:
    return name_for(access, found.saved_by, found.tenant)


def tabs_of(access: Access, board: Board | None) -> list[tuple[str, str, None, bool]]:
    """The lists, for who may see more than one; `board` None is that of change requests."""
    open_to = [each for each in (TENANTS, CROSSING) if access.holds(each.model.VIEW)]  # type: ignore[attr-defined]  # both kinds have one
    tabs = [(each.title, each.url("list"), None, each is board) for each in open_to]
    if CROSSING in open_to:
        tabs.append(("Change requests", reverse("deployments:change-request-list"), None, board is None))
    return tabs if len(tabs) > 1 else []


def deployment_page(request: Request, found: Deployment) -> dict[str, Any]:
    """The context of the page about it."""
    access, board = request.access, board_of(found)
    stood = access.scope(singles_of(found), Permission.COMPUTERS_VIEW)
    entries = entries_about(access, board.kind, found.pk, "deployments")[:LATEST]
    query = urlencode({"kind": board.kind, "q": found.name})
    return {
        "deployment": found,
        "board": board,
        "does": doing_for(access, found),
        "aim": aim_of(found, list(stood)),
        "owner": str(found.tenant or "The instance"),
        "author": author_name(access, found),
        "status": standing(found),
        "rests": barrier(author_of(found), found),
        "may_manage": may_manage(request, found),
        "propose_url": _propose_url(request, found),
        "list_url": board.url("list"),
        "edit_url": board.url("edit", found.pk),
        "delete_url": board.url("delete", found.pk),
        "history_url": f"{reverse('rbac:audit-list')}?{query}",
        "days": days_of(entries, access) if access.holds(Permission.AUDIT_VIEW) else None,
        **_computers(request, found),
    }


def _propose_url(request: Request, found: Deployment) -> str:
    """Where a change of it is proposed, for who may not save it."""
    asks = isinstance(found, CrossTenantDeployment) and request.impersonation is None
    may = asks and request.access.can(Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS, found)
    return reverse("deployments:change-request-change", args=[found.pk]) if may else ""


def may_manage(request: Request, found: Deployment) -> bool:
    """Nobody saves one as somebody else: its author answers for it."""
    runs = found.script_version is None or request.access.holds(Permission.SCRIPTS_RUN)
    return request.impersonation is None and runs and is_open_to(request.access, found)


def reached_for(access: Access, found: Deployment) -> QuerySet[Computer]:
    """What it reaches by its author's rights, as far as the reader sees it."""
    return access.scope(reached(author_of(found), found), Permission.COMPUTERS_VIEW)


def _computers(request: Request, found: Deployment) -> dict[str, Any]:
    access = request.access
    if not may_preview(access, found.tenant):
        return {"may_preview": False}
    rows, url = reached_for(access, found), board_of(found).url("computers", found.pk)
    runnable = access.scope(rows, Permission.SESSIONS_RUN).order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1]
    computers = told_of(access, found, rows).select_related("tenant").order_by("name", "pk")[:LATEST]
    return {
        "may_preview": True,
        "computers": reached_lines(computers),
        "total": capped(rows),
        "runnable": list(runnable) if request.impersonation is None and access.holds(Permission.SESSIONS_RUN) else [],
        "most_at_once": MOST_AT_ONCE,
        "computers_url": url,
        "outcomes": _outcomes(access, found, rows, url) if access.holds(Permission.SESSIONS_VIEW) else [],
    }


def told_of(access: Access, found: Deployment, rows: QuerySet[Computer]) -> QuerySet[Any]:
    """The computers that it reaches with what came of it, where the reader sees their sessions."""
    return with_outcomes(rows, found, access.scope(rows, Permission.SESSIONS_VIEW))


def reached_lines(computers: Iterable[Any]) -> list[Reached]:
    now = timezone.now()
    return [
        Reached(
            each,
            presence(each, now),
            OUTCOMES[each.outcome] if each.outcome else None,
            each.tried_at,
            reverse("maintenance:session-detail", args=[each.pk, each.tried_in]) if each.tried_in else "",
        )
        for each in computers
    ]


def _outcomes(access: Access, found: Deployment, rows: QuerySet[Computer], url: str) -> list[Figure]:
    """On how many computers it came to what; where there are too many to count, not on how many it was never tried."""
    readable = access.scope(rows, Permission.SESSIONS_VIEW)
    numbers, every = numbers_of(found, readable), capped(readable)
    if not every.capped:
        numbers[Outcome.NEVER] = every.count - sum(numbers.values())
    return [
        Figure(str(outcome.label), numbers.get(outcome, 0), f"{url}?outcome={outcome}")
        for outcome in Outcome
        if outcome in numbers or outcome != Outcome.NEVER
    ]


# Before it is saved


def editor_page(form: DeploymentForm, address: str, back: str) -> dict[str, Any]:
    """The context of the whole editor."""
    return {
        "form": form,
        "board": form.board,
        "owner": form.owner,
        "about": form.about,
        "create_url": address,
        "list_url": back,
        **preview_page(form, address, back),
    }


def preview_page(form: DeploymentForm, address: str, back: str) -> dict[str, Any]:
    """The context of its preview: nothing of it while too little is said."""
    shown = {"form": form, "about": form.about, "create_url": address, "list_url": back}
    draft = form.draft_so_far()
    if draft is None:
        return shown
    chosen = form.singles if form.is_bound else list(singles_of(draft))
    access = form.access
    why = names_what_is_seen(access, draft) if form.proposes else barrier(access, draft)
    preview = Sight(draft, [why] if why else [])
    sees = may_preview(access, form.owner) and not why
    rows = within(access, draft, chosen) if sees else None
    total = capped(rows) if rows is not None else None
    return {
        **shown,
        "preview": preview,
        "does": doing_for(access, draft),
        "aim": aim_of(draft, chosen),
        "figures": [("Computers now", str(total), "", "")] if total else [],
        "effects": _effects(preview, total, rows, proposes=form.proposes),
        "announcement": f"Reaches {total.of('computer')}" if total else "; ".join(preview.objections),
    }


def _effects(
    preview: Sight, total: Total | None, rows: QuerySet[Computer] | None, *, proposes: bool
) -> list[tuple[str, str, str, str]]:
    """Rows of (kind, icon, line, second), for parts/effects.html."""
    draft = preview.deployment
    if preview.objections:
        return [("loses", "deny", why, "") for why in preview.objections]
    effects = [PROPOSED if proposes else SAVED]
    if rows is not None and total is not None:
        names = list(rows.order_by("name", "pk").values_list("name", flat=True)[: NAMES + 1])
        said = listed(names, NAMES, of=total.count)
        effects.insert(0, ("fine", "computers", said, "") if names else ("warns", "warn", "No computer now", ""))
    if draft.script_version:
        effects.append(
            ("warns", "warn", "A script does whatever is written in it", "As the administrator of each computer.")
        )
    if not draft.is_enabled:
        effects.append(("inert", "clock", "Paused: nothing happens until it is enabled", ""))
    if draft.target == Target.INDIVIDUAL and draft.people:
        effects.append(("plain", "computers", "It follows people to the computers that report them", ""))
    return effects
