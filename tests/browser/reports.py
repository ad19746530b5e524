"""The dashboard and the reports with the people of the demo world who look at them."""

from collections.abc import Callable
from typing import Any

from tenancy.models import Tenant
from tests.browser.visit import Visit


def of(kind: str) -> Callable[[], dict[str, Any]]:
    return lambda: {"kind": kind}


def fabrikam() -> str:
    return f"?tenant={Tenant.objects.get(slug='fabrikam').pk}"


REPORTS = [
    Visit("rbac:dashboard-detail", "Grace"),
    Visit("rbac:dashboard-system", "Jonas"),
    Visit("rbac:report-list", "Rosa"),
    Visit("rbac:report-detail", "Rosa", of("access")),
    Visit("rbac:report-detail", "Grace", of("licenses")),
    Visit("rbac:report-detail", "Jonas", of("computers"), asks=fabrikam),
    Visit("rbac:report-detail", "Jonas", of("sessions")),
    Visit("rbac:report-system", "Hugo", of("computers")),
    Visit("rbac:report-system", "Hugo", of("sessions")),
    Visit("rbac:report-system", "Hugo", of("deployments")),
    Visit("rbac:report-system", "Hugo", of("licenses")),
    Visit("rbac:report-system", "Hugo", of("access")),
]
