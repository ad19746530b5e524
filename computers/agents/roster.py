"""Which agents there are, and what ran through them: rows of computers that whoever asks has scoped already."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from computers.agents.models import Agent, Run
from computers.models import Computer
from rbac.access import Access
from rbac.permissions import Permission


def with_agents(computers: QuerySet[Any]) -> QuerySet[Any]:
    """Those that have an agent; each with `reported_type`, `people` and since when, and whether its type is held.

    It is held while people say otherwise and have not dismissed it.
    """
    mine = Agent.objects.live().filter(computer=OuterRef("pk"))
    told = {
        name: Subquery(mine.values(name)[:1]) for name in ("reported_type", "dismissed_type", "people", "enrolled_at")
    }
    rows = computers.filter(Exists(mine), deleted_at=None).annotate(**told)
    found: QuerySet[Any] = rows.annotate(is_held=~Q(reported_type=F("type")) & ~Q(reported_type=F("dismissed_type")))
    return found


def held_on(access: Access) -> QuerySet[Any]:
    """The computers whose agents report a type that this reader may confirm or dismiss."""
    rows = access.reachable(Computer, Permission.AGENTS_VIEW)
    return with_agents(access.scope(rows, Permission.COMPUTERS_MANAGE)).filter(is_held=True)


def agent_on(computer: Computer) -> Any:
    """The computer as `with_agents` has it; None where it has no agent."""
    return with_agents(Computer.objects.filter(pk=computer.pk)).first()


def runs_of(computer: Computer) -> QuerySet[Run]:
    """What ran on it in the tenant that it is in: the output of another tenant's time is not shown in this one."""
    return Run.objects.filter(computer=computer, tenant=computer.tenant_id).select_related(
        "asked_by__tenant", "stopped_by__tenant"
    )
