"""What licenses there are: when they end, for how many seats, whose they are, and for which software."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from computers.lists import ENDS
from computers.models import License, Software
from immyrbac.charts import Bar, Chart, leading, together
from immyrbac.exports import STOPPED
from immyrbac.requests import Request
from rbac.reports.coverage import Coverage
from rbac.reports.parts import Content, Figure

TOP = 10
STAGES = {"ended": "Expired", "soon": "Within 30 days", "later": "Later", "never": "No end"}
UNIT = ("license", "licenses")
NOTHING = "No licenses."


class Line(NamedTuple):
    """One owner: its licenses, their seats, those without a number of seats, and how many end when."""

    tenant: int | None
    all: int
    seats: int
    unlimited: int
    stages: dict[str, int]


@dataclass(frozen=True)
class Tally:
    """`is_all`: nothing that the reader sees in the list of licenses is left out."""

    coverage: Coverage
    lines: list[Line]
    is_all: bool

    def address(self, **params: object) -> str:
        """The list that counts the same; none where it would count more."""
        if not self.is_all:
            return ""
        if self.coverage.tenant is not None:
            params = {"tenant": self.coverage.tenant.pk, **params}
        return reverse("computers:license-list") + (f"?{urlencode(params)}" if params else "")


def tally(coverage: Coverage) -> Tally:
    """Two queries."""
    today = timezone.localdate()
    stages = {f"ends_{stage}": Count("pk", filter=ENDS[stage][1](today)) for stage in STAGES}
    counts = {"seated": Coalesce(Sum("seats"), 0), "unlimited": Count("pk", filter=Q(seats=None)), **stages}
    rows = coverage.seen(License).values("tenant_id").annotate(every=Count("pk"), **counts)
    found = [_line(*row) for row in rows.values_list("tenant_id", "every", *counts)]
    told = coverage.told([line.tenant for line in found])
    lines = [line for line in found if line.tenant in told]
    return Tally(coverage, lines, is_all=len(lines) == len(found))


def _line(tenant: int | None, every: int, seats: int, unlimited: int, *stages: int) -> Line:
    return Line(tenant, every, seats, unlimited, dict(zip(STAGES, stages, strict=True)))


def report(coverage: Coverage) -> Content:
    """Five queries."""
    counted = tally(coverage)
    charts = [by_end(counted), by_owner(counted), by_software(coverage)]
    return Content(figures_of(counted), charts)


def figures_of(counted: Tally) -> list[Figure]:
    lines, address = counted.lines, counted.address
    return [
        Figure("Licenses", sum(line.all for line in lines), address()),
        Figure("Seats", sum(line.seats for line in lines)),
        Figure("Without a number of seats", sum(line.unlimited for line in lines)),
        Figure("Licenses ending within 30 days", sum(line.stages["soon"] for line in lines), address(ends="soon")),
        Figure("Expired licenses", sum(line.stages["ended"] for line in lines), address(ends="ended")),
    ]


def by_end(counted: Tally) -> Chart:
    bars = [
        Bar(said, sum(line.stages[stage] for line in counted.lines), counted.address(ends=stage))
        for stage, said in STAGES.items()
    ]
    return Chart("by-end", "Licenses by end", "Expires", UNIT, bars, in_order=True, nothing=NOTHING)


def by_owner(counted: Tally) -> Chart:
    """One query."""
    most, left = leading(counted.lines, TOP, lambda line: line.all)
    names = counted.coverage.names(line.tenant for line in most)
    bars = [Bar(names[line.tenant], line.all, _of_owner(counted, line), (line.seats,)) for line in most]
    bars += together([Bar("", line.all, more=(line.seats,)) for line in left], "{} other owners")
    return Chart("by-owner", "Licenses by owner", "Owner", UNIT, bars, ("Seats",), nothing=NOTHING)


def _of_owner(counted: Tally, line: Line) -> str:
    return counted.address(tenant=line.tenant, alone=1) if line.tenant else counted.address(shared="on")


def by_software(coverage: Coverage) -> Chart:
    """The seats for each piece of software that the reader sees; the others, and what names none, together."""
    rows = coverage.rows(License).values("software_id").annotate(every=Count("pk"), seated=Coalesce(Sum("seats"), 0))
    found = list(rows.values_list("software_id", "seated", "every"))
    seen = coverage.access.seen(Software).filter(pk__in=[pk for pk, _, _ in found if pk is not None]).order_by()
    names = dict(seen.values_list("pk", "name"))
    named = [Bar(names[pk], seats, more=(every,)) for pk, seats, every in found if pk in names]
    most, left = leading(named, TOP, lambda bar: bar.value)
    others = [Bar("", seats, more=(every,)) for pk, seats, every in found if pk not in names]
    bars = [*most, *together(left, "{} others")]
    if others:
        bars += [Bar("No software named", *_sum(others), is_rest=True)]
    unit, nothing = ("seat", "seats"), "No license says how many seats it is for."
    return Chart("by-software", "Seats by software", "Software", unit, bars, ("Licenses",), nothing=nothing)


def _sum(bars: list[Bar]) -> tuple[int, str, tuple[int, ...]]:
    return sum(bar.value for bar in bars), "", (sum(bar.more[0] for bar in bars),)


def lines(_request: Request, covering: Callable[[], Coverage | None]) -> Iterator[list[object]]:
    """One of each owner, by name; two queries."""
    ends = (f"Expires: {said.lower()}" for said in STAGES.values())
    yield ["Owner", "Licenses", "Seats", "Without a number of seats", *ends]
    if (coverage := covering()) is None:
        yield [STOPPED]
        return
    counted = tally(coverage)
    names = coverage.names(line.tenant for line in counted.lines)
    for line in sorted(counted.lines, key=lambda line: names[line.tenant]):
        yield [names[line.tenant], line.all, line.seats, line.unlimited, *line.stages.values()]
