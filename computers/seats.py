"""The seats of licenses: on which computers what they are for is installed or shall be (docs/decisions/seats.md).

Counted as one reader may know it: the same that the Deployments tabs of computers tell them, one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value

from computers.deployments.models import Deployment, State, Target
from computers.deployments.targets import COMPUTERS, NEEDS, happening, may_preview, seen_by, within
from computers.maintenance.outcomes import installing, tries
from computers.models import Computer, ComputerScopeKind, License, Software
from immyrbac.arrays import any_of
from immyrbac.words import Status, number
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.scopes import SubtreeScope, load_tenants


@dataclass(frozen=True)
class Use:
    """How many seats are taken, of how many; None is no limit."""

    used: int
    seats: int | None

    @property
    def over(self) -> int:
        return 0 if self.seats is None else max(self.used - self.seats, 0)

    @property
    def words(self) -> str:
        return f"{number(self.used)} of {'any number' if self.seats is None else number(self.seats)}"

    @property
    def status(self) -> Status | None:
        """A mark where it is over."""
        return Status("ended", f"{number(self.over)} too many") if self.over else None


class Taken:
    """The computers that take seats of some licenses, as the reader may know it; `computers` narrows them further.

    At most thirteen queries with `uses`, whatever the number of licenses, deployments and authors; none where none of
    the licenses names software that the reader sees.
    """

    def __init__(self, access: Access, licenses: Collection[License], computers: QuerySet[Any] | None = None) -> None:
        self.access, self.licenses = access, licenses
        self._computers = access.scope(Computer.objects.live() if computers is None else computers, Computer.VIEW)

    @cached_property
    def told(self) -> set[int]:
        """The software, by number, of which the reader is told where it is."""
        named = {each.software_id for each in self.licenses if each.software_id}
        sees = named and self.access.holds(Computer.VIEW) and self.access.holds(Permission.DEPLOYMENTS_VIEW)
        rows = self.access.seen(Software).filter(any_of("pk", named)).order_by() if sees else Software.objects.none()
        return set(rows.values_list("pk", flat=True))

    def is_told(self, found: License) -> bool:
        return found.software_id in self.told

    def rows(self, found: License) -> QuerySet[Any]:
        """Its computers, each with `is_installed`: otherwise it is deployed there and not done yet."""
        software = found.software_id
        if software is None or software not in self.told:
            return self._computers.none()
        mine = self._installed.filter(deployment__software=software, session__computer=OuterRef("pk"))
        rows: QuerySet[Any] = self._computers.filter(self._of(software)).annotate(is_installed=Exists(mine))
        return rows if found.tenant_id is None else rows.filter(SubtreeScope(found.tenant_id).rows(COMPUTERS))

    def uses(self) -> dict[int, Use]:
        """By number of the license; only of those whose software the reader is told of."""
        by_tenant: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for software, tenant, count in self._counted():
            by_tenant[software][tenant] = count
        paths = {
            pk: facts.path for pk, facts in load_tenants({pk for each in by_tenant.values() for pk in each}).items()
        }
        return {
            each.pk: Use(
                sum(
                    count
                    for tenant, count in by_tenant[each.software_id].items()
                    if each.tenant_id is None or each.tenant_id in paths[tenant]
                ),
                each.seats,
            )
            for each in self.licenses
            if each.software_id in self.told
        }

    # Which computers

    def _of(self, software: int) -> Q:
        """The computers on which this is installed or deployed.

        As one set of numbers they are looked up; with OR between, every computer is walked past: a million for two of
        them, but the quicker where it is most of them.
        """
        installed = self._installed.filter(deployment__software=software).order_by().values("session__computer_id")
        several = [installed, *(rows.order_by().values("pk") for _, rows in self._reached[software])]
        if any(_is_everywhere(each) for each, _ in self._reached[software]):
            return reduce(or_, (Q(pk__in=each) for each in several))
        return Q(pk__in=several[0].union(*several[1:]))

    def _counted(self) -> list[tuple[int, int, int]]:
        """Software, tenant and number of computers there, of the software that some deployment is about. One query."""
        arms = [
            self._computers.filter(self._of(pk))
            .order_by()
            .values("tenant_id")
            .annotate(count=Count("pk"), of=Value(pk, IntegerField()))
            .values_list("of", "tenant_id", "count")
            for pk in sorted({each.software_id for each in self._deployments if each.software_id})
        ]
        return list(arms[0].union(*arms[1:], all=True)) if arms else []

    @cached_property
    def _deployments(self) -> list[Deployment]:
        """Those that the reader sees, paused or not, that install some of it."""
        if not self.told:
            return []
        rows = Deployment.objects.filter(seen_by(self.access), any_of("software_id", self.told))
        return list(rows.filter(state=State.INSTALLED).select_related(*NEEDS))

    @cached_property
    def _reached(self) -> defaultdict[int, list[tuple[Deployment, QuerySet[Computer]]]]:
        """What is for which computers now, by software: of the deployments whose targets the reader may preview."""
        found: defaultdict[int, list[tuple[Deployment, QuerySet[Computer]]]] = defaultdict(list)
        self.access.know([each.tenant for each in self._deployments if each.tenant])
        for each, author in happening([each for each in self._deployments if each.is_enabled]):
            if each.software_id is not None and may_preview(self.access, each.tenant):
                found[each.software_id].append((each, within(author, each)))
        return found

    @cached_property
    def _installed(self) -> QuerySet[Any]:
        """Where some of it was installed: of those computers whose sessions the reader sees."""
        seen = Deployment.objects.filter(seen_by(self.access)).order_by()
        where = self.access.scope(Computer, Permission.SESSIONS_VIEW).order_by()
        mine = tries().filter(session__computer__in=where.values("pk"), deployment__in=seen.values("pk"))
        return installing(mine)


def _is_everywhere(deployment: Deployment) -> bool:
    return deployment.target == Target.OWNER and deployment.computer_scope != ComputerScopeKind.COMPUTER
