"""How many computers there are: by type, by tenant, and by when they were last seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from computers.lists import SEEN
from computers.models import Computer, ComputerType
from immyrbac.charts import Bar, Chart, leading, together
from immyrbac.exports import STOPPED
from immyrbac.requests import Request
from rbac.reports.coverage import Coverage
from rbac.reports.parts import Content, Figure

TOP = 10
STAGES = {
    "day": "Last 24 hours",
    "days": "1–7 days",
    "weeks": "7–30 days",
    "stale": "Longer ago",
    "never": "Never",
}
"""When a computer was last seen: the filters of the list of computers that part all of them."""
TYPES = dict(ComputerType.choices)
UNIT = ("computer", "computers")


class Line(NamedTuple):
    """One tenant: its computers, by type and by stage."""

    tenant: int | None
    all: int
    types: dict[str, int]
    stages: dict[str, int]


@dataclass(frozen=True)
class Tally:
    """`is_all`: nothing that the reader sees in the list of computers is left out."""

    coverage: Coverage
    lines: list[Line]
    is_all: bool

    def count(self, *, kind: str = "", stage: str = "") -> int:
        return sum(line.types[kind] if kind else line.stages[stage] if stage else line.all for line in self.lines)

    def address(self, **params: object) -> str:
        """The list that counts the same; none where it would count more."""
        if not self.is_all:
            return ""
        if self.coverage.tenant is not None:
            params = {"tenant": self.coverage.tenant.pk, **params}
        return reverse("computers:computer-list") + (f"?{urlencode(params)}" if params else "")


def tally(coverage: Coverage) -> Tally:
    """One walk past the computers, for every number of them; two queries."""
    now = timezone.now()
    asked: dict[str, Q] = {f"type_{kind}": Q(type=kind) for kind in TYPES}
    asked |= {f"seen_{stage}": SEEN[stage][1](now) for stage in STAGES}
    counts = {name: Count("pk", filter=condition) for name, condition in asked.items()}
    rows = coverage.seen(Computer).filter(deleted_at=None).values("tenant_id").annotate(every=Count("pk"), **counts)
    found = [_line(*row) for row in rows.values_list("tenant_id", "every", *counts)]
    told = coverage.told([line.tenant for line in found])
    lines = [line for line in found if line.tenant in told]
    return Tally(coverage, lines, is_all=len(lines) == len(found))


def _line(tenant: int | None, every: int, *numbers: int) -> Line:
    types, stages = numbers[: len(TYPES)], numbers[len(TYPES) :]
    return Line(tenant, every, dict(zip(TYPES, types, strict=True)), dict(zip(STAGES, stages, strict=True)))


def report(coverage: Coverage) -> Content:
    """Three queries."""
    counted = tally(coverage)
    return Content(figures_of(counted), [by_stage(counted), by_type(counted), by_tenant(counted)])


def figures_of(counted: Tally) -> list[Figure]:
    return [
        Figure("Computers", counted.count(), counted.address()),
        Figure("Seen in the last 24 hours", counted.count(stage="day"), counted.address(seen="day")),
        Figure("Not seen for 30 days", counted.count(stage="stale"), counted.address(seen="stale")),
        Figure("Never seen", counted.count(stage="never"), counted.address(seen="never")),
    ]


def by_stage(counted: Tally) -> Chart:
    bars = [Bar(said, counted.count(stage=stage), counted.address(seen=stage)) for stage, said in STAGES.items()]
    return Chart(
        "by-last-seen", "Computers by last seen", "Last seen", UNIT, bars, in_order=True, nothing="No computers."
    )


def by_type(counted: Tally) -> Chart:
    bars = [Bar(f"{said}s", counted.count(kind=kind), counted.address(type=kind)) for kind, said in TYPES.items()]
    return Chart("by-type", "Computers by type", "Type", UNIT, bars, nothing="No computers.")


def by_tenant(counted: Tally) -> Chart:
    """Those with the most by name, each without those below it, and the others together. One query."""
    most, left = leading(counted.lines, TOP, lambda line: line.all)
    names = counted.coverage.names(line.tenant for line in most)
    bars = [Bar(names[line.tenant], line.all, counted.address(tenant=line.tenant, alone=1)) for line in most]
    bars += together([Bar("", line.all) for line in left], "{} other tenants")
    return Chart("by-tenant", "Computers by tenant", "Tenant", UNIT, bars, nothing="No computers.")


def lines(_request: Request, covering: Callable[[], Coverage | None]) -> Iterator[list[object]]:
    """One of each tenant, by name; two queries."""
    yield ["Tenant", "Computers", *(f"{said}s" for said in TYPES.values()), *(f"Seen: {s}" for s in STAGES.values())]
    if (coverage := covering()) is None:
        yield [STOPPED]
        return
    counted = tally(coverage)
    names = coverage.names(line.tenant for line in counted.lines)
    for line in sorted(counted.lines, key=lambda line: names[line.tenant]):
        yield [names[line.tenant], line.all, *line.types.values(), *line.stages.values()]
