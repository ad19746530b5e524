"""Who holds great power: how many people each, by which roles, and how far it reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from immyrbac.charts import Bar, Chart, leading, together
from immyrbac.exports import Column
from immyrbac.exports import lines as written
from immyrbac.requests import Request
from immyrbac.words import listed
from rbac.access import Access
from rbac.assignment_lists import ANY, ReachFilters, ReachListing
from rbac.assignment_pages import people_of
from rbac.great_power import GREAT, Held, numbers_of, powers
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission, is_inert
from rbac.reports.coverage import Coverage
from rbac.reports.parts import Content, Figure
from rbac.role_use import of_whom_is_seen
from rbac.rosters import Held as Holding
from rbac.sentences import place, plain
from tenancy.models import TenantScopeKind

TOP = 10
UNIT = ("person", "people")
HEADS = ("No end date", "Idle 90 days")
NOBODY = "Nobody whom you may see holds great power."
REACH = {
    TenantScopeKind.OWNER: "Every tenant",
    TenantScopeKind.MSP: "An MSP and its customers",
    TenantScopeKind.TAG: "Tenants with a tag",
    TenantScopeKind.TENANT: "One tenant",
    TenantScopeKind.OWN_TENANT: "Their own tenant",
}


def report(coverage: Coverage) -> Content:
    """Four queries at most."""
    access = coverage.access
    if not (access.holds(User.VIEW) and access.holds(Role.VIEW)):
        return Content([], [])
    found = numbers_of(access, assignments(access), people(coverage))
    is_all = coverage.tenant is None and coverage.tells_all(User)
    figures = [
        Figure("People with great power", found.all.people, _address(is_all=is_all)),
        Figure("By an assignment without an end", found.all.endless),
        Figure("Not seen for 90 days", found.all.idle),
    ]
    by_power = [
        _bar(power.label, found.by_power.get(power, Held()), _address(is_all=is_all, power=power.value))
        for power in GREAT
    ]
    by_reach = [
        _bar(words, found.by_scope.get(kind, Held()), _address(is_all=is_all, scope=kind.value))
        for kind, words in REACH.items()
    ]
    charts = [
        Chart("by-power", "Who holds great power", "Great power", UNIT, by_power, HEADS, is_open=True, nothing=NOBODY),
        _by_role(access, found.by_role, is_all=is_all),
        Chart("by-reach", "Great power by reach", "Reach", UNIT, by_reach, HEADS, nothing=NOBODY),
    ]
    return Content(figures, charts)


def assignments(access: Access) -> QuerySet[RoleAssignment]:
    """As the register has them: whoever sees all of them walks past all, anybody else starts from whom they see."""
    seen = access.seen(RoleAssignment).order_by() if access.is_total(User.VIEW) else of_whom_is_seen(access)
    rows: QuerySet[RoleAssignment] = seen.filter(effect="allow")
    return rows


def people(coverage: Coverage) -> QuerySet[User]:
    """Whom the list of users shows without a filter, of the tenants that are told of."""
    rows: QuerySet[User] = coverage.rows(User).filter(removed_at=None)
    return rows


def _by_role(access: Access, found: dict[int, Held], *, is_all: bool) -> Chart:
    """One query. Roles that the reader may not see are among the others."""
    most, left = leading(found.items(), TOP, lambda item: item[1].people)
    names = dict(access.seen(Role).filter(pk__in=[pk for pk, _ in most]).order_by().values_list("pk", "name"))
    bars = [_bar(names[pk], held, _address(is_all=is_all, role=pk)) for pk, held in most if pk in names]
    hidden = [_bar("", held, "") for pk, held in [*most, *left] if pk not in names]
    bars += together(hidden, "{} other roles")
    note = "Who has several of them is counted at each."
    return Chart("by-role", "Great power by role", "Role", UNIT, bars, HEADS, note=note, nothing=NOBODY)


def _bar(label: str, held: Held, address: str) -> Bar:
    return Bar(label, held.people, address, (held.endless, held.idle))


def _address(*, is_all: bool, **params: object) -> str:
    """The people that it counts, in the register of assignments; none where the register has others as well."""
    asked = {"power": ANY, "status": "live", **params}
    return f"{reverse('rbac:assignment-people')}?{urlencode(asked)}" if is_all else ""


# Who they are, one by one


class Record(NamedTuple):
    """One assignment by which somebody holds great power."""

    user: User
    held: Holding
    powers: str

    @property
    def row(self) -> RoleAssignment:
        return self.held.row


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


COLUMNS = (
    Column[Record]("Name", lambda line: line.user.name),
    Column[Record]("E-mail", lambda line: line.user.email),
    Column[Record]("Tenant", lambda line: line.user.tenant),
    Column[Record]("Great power", lambda line: line.powers),
    Column[Record]("Role", lambda line: line.row.role),
    Column[Record]("Where", lambda line: plain(place(line.row))),
    Column[Record]("Through", lambda line: line.held.membership and line.row.group),
    Column[Record]("Ends", lambda line: _moment(line.row.expires_at)),
    Column[Record]("Given by", lambda line: line.held.given_by),
    Column[Record]("Given", lambda line: _moment(line.row.granted_at)),
    Column[Record]("Reason", lambda line: line.row.reason),
    Column[Record]("Last seen", lambda line: _moment(line.user.last_seen_at)),
)
LIVE = QueryDict(f"power={ANY}&status=live")


def lines(request: Request, covering: Callable[[], Coverage | None]) -> Iterator[list[object]]:
    """A line for each person and assignment; the reader's access is loaded anew while they are written."""
    filters = ReachFilters(LIVE, access=request.access)
    listing = ReachListing(request, User.objects.none(), filters, paged=False, params=LIVE)

    def scoped() -> QuerySet[User] | None:
        now = covering()
        if now is None or not (now.access.holds(User.VIEW) and now.access.holds(Role.VIEW)):
            return None
        filters.access = now.access
        return people(now).select_related("tenant")

    def told(users: Sequence[User]) -> Iterable[list[Record]]:
        found = people_of(filters.access, users, filters)
        of_each = ([_record(filters.access, each.user, held) for held in each.held] for each in found)
        return ([record for record in records if record.powers] for records in of_each)

    return written(listing, COLUMNS, scoped, told=told)


def _record(access: Access, user: User, held: Holding) -> Record:
    row = held.row
    whole, every = row.scope == TenantScopeKind.OWNER, row.computer_scope == "all"
    counting = [
        power
        for power in powers(access, row.role)
        if not is_inert(power, whole_instance=whole, all_computers=every)
        and (user.tenant.is_msp or not power.spec.msp_only)
    ]
    return Record(user, held, listed([Permission(power).label for power in counting], limit=len(GREAT)))
