"""What came of deployments: of each its last try on each computer, since it was saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db.models import Count

from computers.deployments.boards import CROSSING, TENANTS
from computers.deployments.models import OF_ONE_TENANT, CrossTenantDeployment, Deployment, TenantDeployment
from computers.deployments.targets import seen_by
from computers.maintenance.outcomes import Outcome, last_tries, tries
from immyrbac.charts import Bar, Chart, leading, together
from immyrbac.exports import STOPPED
from immyrbac.requests import Request
from rbac.permissions import Permission
from rbac.reports.coverage import Coverage
from rbac.reports.parts import Content, Figure

TOP = 10
TRIED = (Outcome.DONE, Outcome.FAILED, Outcome.WAITING)
UNIT = ("computer", "computers")
KINDS = (TenantDeployment, CrossTenantDeployment)
NOTHING = "No deployment was tried."


class Line(NamedTuple):
    """One deployment: on how many computers its last try came to what."""

    pk: int
    name: str
    owner: int | None
    target: str
    numbers: Counter[str]

    @property
    def address(self) -> str:
        return (TENANTS if self.target in OF_ONE_TENANT else CROSSING).url("detail", self.pk)


def tally(coverage: Coverage) -> list[Line]:
    """Those of the report's tenants, and what else the reader sees that was tried there; by name. Four queries."""
    seen = Deployment.objects.filter(seen_by(coverage.access))
    found = {row[0]: Line(*row, Counter()) for row in seen.values_list("pk", "name", "tenant_id", "target")}
    where = coverage.computers(Permission.SESSIONS_VIEW).values("pk")
    mine = tries().filter(session__computer__in=where, deployment__in=list(found))
    for pk, outcome, number in last_tries(mine).values_list("deployment", "outcome").annotate(Count("pk")):
        found[pk].numbers[outcome] += number
    owned = {pk for kind in KINDS for pk in coverage.rows(kind).values_list("pk", flat=True)}
    return [line for line in found.values() if line.pk in owned or line.numbers.total()]


def report(coverage: Coverage) -> Content:
    lines = tally(coverage)
    return Content(figures_of(lines), [by_outcome(lines), by_failures(lines)])


def figures_of(lines: list[Line]) -> list[Figure]:
    return [
        Figure("Deployments", len(lines)),
        Figure("Deployments that failed somewhere", sum(bool(line.numbers[Outcome.FAILED]) for line in lines)),
        Figure("Never tried since they were saved", sum(not line.numbers.total() for line in lines)),
    ]


def by_outcome(lines: list[Line]) -> Chart:
    bars = [Bar(str(outcome.label), sum(line.numbers[outcome] for line in lines)) for outcome in TRIED]
    unit = ("last try", "last tries")
    return Chart("by-outcome", "What came of deployments", "Outcome", unit, bars, in_order=True, nothing=NOTHING)


def by_failures(lines: list[Line]) -> Chart:
    """Each with the number of computers on which it was tried; those with the most failures by name."""
    tried = [line for line in lines if line.numbers.total()]
    most, left = leading(tried, TOP, lambda line: line.numbers[Outcome.FAILED])
    bars = [_bar(line) for line in most]
    bars += together([_bar(line) for line in left], "{} other deployments")
    nothing = "No deployment failed."
    return Chart("by-failures", "Failed by deployment", "Deployment", UNIT, bars, ("Done", "Waiting"), nothing=nothing)


def _bar(line: Line) -> Bar:
    more = (line.numbers[Outcome.DONE], line.numbers[Outcome.WAITING])
    return Bar(line.name, line.numbers[Outcome.FAILED], line.address, more)


def lines(_request: Request, covering: Callable[[], Coverage | None]) -> Iterator[list[object]]:
    """One of each deployment, by name."""
    yield ["Deployment", "Owner", *(str(outcome.label) for outcome in TRIED)]
    if (coverage := covering()) is None:
        yield [STOPPED]
        return
    found = tally(coverage)
    names = coverage.names(line.owner for line in found)
    for line in found:
        yield [line.name, names[line.owner], *(line.numbers[outcome] for outcome in TRIED)]
