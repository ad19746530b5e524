"""The dashboard and the reports: of the tenants on which one may read them, or of the whole system."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from immyrbac.exports import csv_of, sheet_of
from immyrbac.http import render_page
from immyrbac.lists import Choice
from immyrbac.requests import Request
from rbac.access import INSTANCE, Access
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.permissions import Permission
from rbac.refusals import refuse
from rbac.reports.board import board
from rbac.reports.coverage import Coverage
from rbac.reports.filters import ReportListing
from rbac.reports.kinds import REPORTS

VIEW, SYSTEM, EXPORT = Permission.REPORTS_VIEW, Permission.REPORTS_VIEW_SYSTEM, Permission.REPORTS_EXPORT
DASHBOARD, WHOLE_DASHBOARD = Permission.DASHBOARD_VIEW, Permission.DASHBOARD_VIEW_SYSTEM
Downloads = Callable[[Request, str, Callable[[], Coverage | None]], HttpResponseBase]


@requires(DASHBOARD)
def dashboard_detail(request: Request) -> HttpResponse:
    return _dashboard(request, Coverage(request.access, (DASHBOARD,)))


@requires(WHOLE_DASHBOARD, on=INSTANCE)
def dashboard_system(request: Request) -> HttpResponse:
    return _dashboard(request, Coverage(request.access))


def _dashboard(request: Request, coverage: Coverage) -> HttpResponse:
    views = _views(request, WHOLE_DASHBOARD, "rbac:dashboard")
    page, context = "reports/dashboard.html", {"board": board(coverage), "coverage": coverage, "views": views}
    return render_page(request, page, page, context)


@requires(VIEW)
def report_list(request: Request) -> HttpResponse:
    whole = request.access.can(SYSTEM, INSTANCE)
    reports = [
        (report, reverse("rbac:report-system" if whole else "rbac:report-detail", args=[kind]))
        for kind, report in REPORTS.items()
        if report.is_open_to(request.access)
    ]
    page = "reports/report_list.html"
    return render_page(request, page, page, {"reports": reports})


@requires(VIEW)
def report_detail(request: Request, kind: str) -> HttpResponse:
    return _report(request, kind, (VIEW,))


@requires(SYSTEM, on=INSTANCE)
def report_system(request: Request, kind: str) -> HttpResponse:
    return _report(request, kind, ())


def _report(request: Request, kind: str, asked: tuple[Permission, ...]) -> HttpResponse:
    listing, report = ReportListing.of(request), REPORTS[kind]
    coverage = Coverage(request.access, asked, listing.tenant)
    context = {
        "report": report,
        "content": report.content(coverage),
        "coverage": coverage,
        "lacking": report.lacking(request.access),
        "listing": listing,
        "views": _views(request, SYSTEM, "rbac:report", kind, query=listing.export_query),
        "exports": _exports(coverage, kind),
    }
    return render_page(request, "reports/report_detail.html", "reports/_report.html", context)


def _exports(coverage: Coverage, kind: str) -> list[tuple[str, str]]:
    """As what it can be downloaded, and where."""
    access, name = coverage.access, "rbac:report-system-export" if coverage.is_whole else "rbac:report-export"
    if not (access.can(EXPORT, INSTANCE) if coverage.is_whole else access.holds(EXPORT)):
        return []
    return [("CSV", reverse(name, args=[kind])), ("XLSX", reverse(f"{name}-sheet", args=[kind]))]


def _views(request: Request, permission: Permission, name: str, *kind: str, query: str = "") -> list[Choice]:
    """The same of one's tenants and of the whole system, for whoever may read both."""
    if not request.access.can(permission, INSTANCE):
        return []
    addresses = {
        words: reverse(f"{name}-{of}", args=kind)
        for words, of in (("Your tenants", "detail"), ("Whole system", "system"))
    }
    return [Choice(words, address + query, request.path == address) for words, address in addresses.items()]


# Downloads


@requires(EXPORT)
def report_export(request: Request, kind: str) -> HttpResponseBase:
    return _download(request, kind, _csv, (VIEW, EXPORT))


@requires(EXPORT)
def report_export_sheet(request: Request, kind: str) -> HttpResponseBase:
    return _download(request, kind, _sheet, (VIEW, EXPORT))


@requires(EXPORT, on=INSTANCE)
def report_system_export(request: Request, kind: str) -> HttpResponseBase:
    return _download(request, kind, _csv, ())


@requires(EXPORT, on=INSTANCE)
def report_system_export_sheet(request: Request, kind: str) -> HttpResponseBase:
    return _download(request, kind, _sheet, ())


def _download(request: Request, kind: str, write: Downloads, asked: tuple[Permission, ...]) -> HttpResponseBase:
    """Of the tenants on which both are held, or of the system for who may read that and export there."""
    if not asked and not request.access.can(SYSTEM, INSTANCE):
        refuse(request, SYSTEM, INSTANCE)
    tenant = ReportListing.of(request).tenant

    def covering() -> Coverage | None:
        access = access_of(request.actor)
        may = all(map(access.holds, asked)) if asked else _may_read_all(access)
        return Coverage(access, asked, tenant) if may else None

    return write(request, kind, covering)


def _may_read_all(access: Access) -> bool:
    return access.can(SYSTEM, INSTANCE) and access.can(EXPORT, INSTANCE)


def _csv(request: Request, kind: str, covering: Callable[[], Coverage | None]) -> HttpResponseBase:
    return csv_of(f"{kind}-report", REPORTS[kind].lines(request, covering))


def _sheet(request: Request, kind: str, covering: Callable[[], Coverage | None]) -> HttpResponseBase:
    return sheet_of(f"{kind}-report", REPORTS[kind].lines(request, covering), lambda: covering() is not None)
