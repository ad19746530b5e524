"""What licenses there are: when they end, for how many seats and how many are in use, whose, and for which software."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from computers.lists import ENDS
from computers.models import Computer, License, Software
from computers.seats import Taken, Use
from computers.shelves import LICENSES
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
    """Five queries, and those of seats."""
    counted, used = tally(coverage), in_use(coverage)
    charts = [by_end(counted), by_use(coverage, used), by_owner(counted), by_software(coverage)]
    over = Figure("Licenses with too few seats", sum(bool(use.over) for _, use in used))
    return Content([*figures_of(counted), over], charts)


def in_use(coverage: Coverage) -> list[tuple[License, Use]]:
    """By name, the licenses whose use the reader is told, on computers of the tenants that the report tells of."""
    licenses = list(coverage.rows(License).filter(software__isnull=False).order_by("name", "pk"))
    uses = Taken(coverage.access, licenses, coverage.rows(Computer).filter(deleted_at=None)).uses()
    return [(each, uses[each.pk]) for each in licenses if each.pk in uses]


def by_use(coverage: Coverage, used: list[tuple[License, Use]]) -> Chart:
    """Those of which most seats are in use, each with how many it lacks."""
    tells_all = coverage.tenant is None and coverage.tells_all(Computer)
    most, left = leading(used, TOP, lambda pair: pair[1].used)
    bars = [_of_license(each, use, linked=tells_all) for each, use in most]
    bars += together([_of_license(each, use) for each, use in left], "{} other licenses")
    unit, note = ("seat in use", "seats in use"), "A computer counts for each license of which it takes a seat."
    return Chart("by-use", "Seats in use", "License", unit, bars, ("Too few",), note=note, nothing="No seat is in use.")


def _of_license(found: License, use: Use, *, linked: bool = False) -> Bar:
    """`linked`: the list of its computers counts the same."""
    return Bar(str(found), use.used, LICENSES.url("computers", found.pk) if linked else "", (use.over,))


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
    """One of each owner, by name; two queries, and those of seats."""
    ends = (f"Expires: {said.lower()}" for said in STAGES.values())
    yield ["Owner", "Licenses", "Seats", "Without a number of seats", *ends, "Seats in use", "Too few"]
    if (coverage := covering()) is None:
        yield [STOPPED]
        return
    counted = tally(coverage)
    names = coverage.names(line.tenant for line in counted.lines)
    used, over = Counter[int | None](), Counter[int | None]()
    for each, use in in_use(coverage):
        used[each.tenant_id] += use.used
        over[each.tenant_id] += use.over
    for line in sorted(counted.lines, key=lambda line: names[line.tenant]):
        numbers = line.all, line.seats, line.unlimited, *line.stages.values()
        yield [names[line.tenant], *numbers, used[line.tenant], over[line.tenant]]
