"""The dashboard: a few numbers and drawings of each report that the reader may see anything of."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from django.urls import reverse

from immyrbac.charts import Chart
from rbac.access import INSTANCE
from rbac.permissions import Permission
from rbac.reports import computers, deployments, licenses, power, sessions
from rbac.reports.coverage import Coverage
from rbac.reports.kinds import REPORTS
from rbac.reports.parts import Figure


class Piece(NamedTuple):
    """One drawing, and the report that it is of; no address for who may not read that one."""

    chart: Chart
    address: str


class Board(NamedTuple):
    figures: list[Figure]
    pieces: list[Piece]


def board(coverage: Coverage) -> Board:
    """What the reports count, of the tenants of the dashboard; each only where the reader may see any of it."""
    figures, pieces = list[Figure](), list[Piece]()
    if REPORTS["computers"].is_open_to(coverage.access):
        counted = computers.tally(coverage)
        figures += computers.figures_of(counted)
        charts = computers.by_stage(counted), computers.by_type(counted), computers.by_tenant(counted)
        pieces += [Piece(chart, _address("computers", coverage)) for chart in charts]
    if REPORTS["sessions"].is_open_to(coverage.access):
        pieces.append(Piece(sessions.by_day(sessions.tally(coverage)), _address("sessions", coverage)))
    if REPORTS["deployments"].is_open_to(coverage.access):
        pieces.append(Piece(deployments.by_outcome(deployments.tally(coverage)), _address("deployments", coverage)))
    if REPORTS["licenses"].is_open_to(coverage.access):
        held = licenses.tally(coverage)
        figures += [figure for figure in licenses.figures_of(held) if figure.caption in LICENSES]
        pieces.append(Piece(licenses.by_end(held), _address("licenses", coverage)))
    if REPORTS["access"].is_open_to(coverage.access):
        powers = power.report(coverage)
        figures += powers.figures[:1]
        pieces += [Piece(replace(powers.charts[0], is_open=False), _address("access", coverage))]
    return Board(figures, pieces)


LICENSES = ("Licenses", "Licenses ending within 30 days")
"""The numbers of licenses that stand beside those of computers."""


def _address(kind: str, coverage: Coverage) -> str:
    access = coverage.access
    if coverage.is_whole and access.can(Permission.REPORTS_VIEW_SYSTEM, INSTANCE):
        return reverse("rbac:report-system", args=[kind])
    return reverse("rbac:report-detail", args=[kind]) if access.holds(Permission.REPORTS_VIEW) else ""
