"""What the Deployments tab of a computer shows: what is for it now, and what was tried there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from computers.deployments.boards import board_of
from computers.deployments.lists import HereFilters, HereListing
from computers.deployments.models import Deployment
from computers.deployments.pages import Line, lines_of
from computers.deployments.targets import NEEDS, deployments_on, may_preview, seen_by
from computers.maintenance.outcomes import OUTCOMES, Outcome, last_tries, tries
from computers.models import Computer
from computers.pages import computer_page
from immyrbac.arrays import any_of
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.access import Access
from rbac.permissions import Permission

TAB = "deployments:computer-deployments"


class Here(NamedTuple):
    """A deployment on one computer; without `outcome` for who may not see its sessions.

    `is_over`: it was tried there and is no longer for it. That is told, as what is for it is, to who may preview its
    targets.
    """

    line: Line
    url: str
    is_over: bool
    outcome: Status | None
    tried_at: datetime | None = None
    session_url: str = ""


def computer_deployments_page(request: Request, computer: Computer) -> dict[str, Any]:
    """The context of the tab."""
    access = request.access
    tried = _tried(access, computer) if access.can(Permission.SESSIONS_VIEW, computer) else None
    here = deployments_on(computer, _seen(access))
    access.know([each.tenant for each in here if each.tenant])
    reaching = {each.pk for each in here if may_preview(access, each.tenant)}
    rows = Deployment.objects.filter(any_of("pk", reaching.union(tried or ()))).select_related(*NEEDS)
    listing = HereListing(request, rows, HereFilters(request.GET))
    access.know([each.tenant for each in listing.rows if each.tenant])
    over = {each.pk for each in listing.rows if each.pk not in reaching and may_preview(access, each.tenant)}
    lines = lines_of(access, listing.rows)
    context = {"listing": listing, "rows": [_here(computer, line, tried, over) for line in lines]}
    return computer_page(request, computer, TAB) | context


def _seen(access: Access) -> QuerySet[Deployment]:
    return Deployment.objects.filter(seen_by(access))


def _tried(access: Access, computer: Computer) -> dict[int, Any]:
    """The last try of each deployment that the reader sees, by its number."""
    mine = tries().filter(session__computer=computer, deployment__in=_seen(access).order_by().values("pk"))
    return {each.deployment_id: each for each in last_tries(mine)}


def _here(computer: Computer, line: Line, tried: Mapping[int, Any] | None, over: Collection[int]) -> Here:
    """`tried` is None for who may not see sessions there."""
    found = line.deployment
    said = line, board_of(found).page(found), found.pk in over
    last = (tried or {}).get(found.pk)
    if last is None:
        return Here(*said, None if tried is None else OUTCOMES[Outcome.NEVER])
    session_url = reverse("maintenance:session-detail", args=[computer.pk, last.session_id])
    return Here(*said, OUTCOMES[last.outcome], last.tried_at, session_url)
