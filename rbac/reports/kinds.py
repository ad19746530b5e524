"""Which reports there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from accounts.models import User
from computers.models import Computer, License
from immyrbac.requests import Request
from immyrbac.words import listed
from rbac.access import Access
from rbac.models import Role
from rbac.permissions import Permission
from rbac.reports import computers, deployments, licenses, power, sessions
from rbac.reports.coverage import Coverage
from rbac.reports.parts import Content

Covering = Callable[[], Coverage | None]


class Report(NamedTuple):
    """`needs`: what the reader holds to see any of it. `content` is drawn, `lines` are downloaded, with their heads."""

    title: str
    icon: str
    lead: str
    needs: tuple[Permission, ...]
    content: Callable[[Coverage], Content]
    lines: Callable[[Request, Covering], Iterator[list[object]]]
    note: str = ""

    def is_open_to(self, access: Access) -> bool:
        return all(map(access.holds, self.needs))

    def lacking(self, access: Access) -> str:
        """What of it the reader may not see, in words; empty where the report has something to say."""
        labels = [permission.label for permission in self.needs if not access.holds(permission)]
        return f"It counts only what you may see, and you do not hold {listed(labels)}." if labels else ""


REPORTS = {
    "computers": Report(
        "Computers",
        "computers",
        "How many there are, of which type, at which tenants, and when they were last seen.",
        (Computer.VIEW,),
        computers.report,
        computers.lines,
    ),
    "licenses": Report(
        "Licenses",
        "licenses",
        "How many there are, for how many seats and how many are in use, whose they are, and when they end.",
        (License.VIEW,),
        licenses.report,
        licenses.lines,
    ),
    "sessions": Report(
        "Maintenance",
        "maintenance",
        "How many sessions each of the last 30 days had, and what came of them.",
        (Permission.SESSIONS_VIEW,),
        sessions.report,
        sessions.lines,
    ),
    "deployments": Report(
        "Deployments",
        "deployments",
        "What came of each, at its last try on each computer since it was saved.",
        (Permission.DEPLOYMENTS_VIEW, Permission.SESSIONS_VIEW),
        deployments.report,
        deployments.lines,
        "Counted are the computers where it was tried and whose sessions you may see. On how many more it was never "
        "tried is found out on the page of each deployment: that hangs on what its author may reach now.",
    ),
    "access": Report(
        "Access overview",
        "crown",
        "Who holds great power, by which roles, and how far it reaches.",
        (User.VIEW, Role.VIEW),
        power.report,
        power.lines,
        "Counted is what live assignments give to people whom you may see. What a deny takes from somebody is not "
        "taken off: Explain access says it of one person and one thing.",
    ),
}
