"""What the start page can show one reader: numbers that link to the lists that count them, and sections of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Model, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.lists import UserFilters, account_status
from accounts.models import User
from computers.lists import ComputerFilters, ScriptFilters, presence
from computers.models import Computer, ComputerType, Script
from immyrbac.arrays import any_of
from immyrbac.lists import CAP, Total, capped
from immyrbac.requests import Request
from immyrbac.words import Status, listed
from rbac.access import INSTANCE, Access, who_can
from rbac.effective import SOMEWHERE, Way, effective_access
from rbac.lists import NEEDS, AuditFilters, entries_seen, line_of
from rbac.naming import OPERATOR
from rbac.owners import usable_owners
from rbac.permissions import Category, Permission
from rbac.roles_in_use import roles_in_use
from rbac.rosters import Roster, roster_of
from rbac.sentences import plain
from tenancy.models import Tenant

ROWS = 6
NAMES = 12


class Source(NamedTuple):
    """A list of the product: what it shows, under which filters, on which page, and the permission to see any."""

    rows: Callable[[Access], QuerySet[Any]]
    filters: Any
    page: str
    view: Permission

    def is_open_to(self, access: Access) -> bool:
        return access.holds(self.view)


PEOPLE = Source(lambda access: access.seen(User), UserFilters, "accounts:user-list", User.VIEW)
COMPUTERS = Source(lambda access: access.seen(Computer), ComputerFilters, "computers:computer-list", Computer.VIEW)
SCRIPTS = Source(lambda access: access.seen(Script), ScriptFilters, "computers:script-list", Script.VIEW)
LOG = Source(entries_seen, AuditFilters, "rbac:audit-list", Permission.AUDIT_VIEW)

DEEDS = {
    "Computers": ("computers", "computers:computer-list"),
    "Agents": ("agents", "agents:agent-list"),
    "Deployments": ("deployments", "deployments:deployment-list"),
    "Schedules": ("schedules", "schedules:schedule-list"),
    "Maintenance Sessions": ("maintenance", "maintenance:session-list"),
    "Scripts": ("scripts", "computers:script-list"),
    "Software": ("software", "computers:software-list"),
    "Licenses": ("licenses", "computers:license-list"),
    "People & Users": ("users", "accounts:user-list"),
    "Groups": ("groups", "accounts:group-list"),
    "Tenants": ("tenants", "tenancy:tenant-list"),
    "Tags": ("tags", "tenancy:tag-list"),
    "Dashboard": ("dashboard", "rbac:dashboard-detail"),
    "Reports": ("reports", "rbac:report-list"),
    "Preferences": ("preferences", "rbac:preference-list"),
}
"""Where the permissions of a subject are used: icon, and the page where there is one."""

TOUCHING = {"Change all computers": Permission.COMPUTERS_MANAGE, "Manage people": Permission.USERS_MANAGE}


class Figure(NamedTuple):
    """A number, and the list that counts it; as `parts/figures.html` takes it."""

    caption: str
    value: Total
    address: str
    of: str = ""

    def counted(self, one: str, many: str) -> str:
        return self.value.of(one, many)


class Section(NamedTuple):
    """`template` shows `rows`; `link` is (words, address); `nothing` is said where there are no rows."""

    title: str
    template: str
    rows: Sequence[Any]
    link: tuple[str, str] | None = None
    note: str = ""
    nothing: str = ""
    css: str = ""


class Row(NamedTuple):
    """A thing by name, with what the section says of it."""

    name: str
    address: str = ""
    second: str = ""
    icon: str = "user"
    status: Status | None = None
    number: Figure | None = None
    power: int = 0


class Deed(NamedTuple):
    permission: Permission
    icon: str
    where: str
    address: str
    list: str


@dataclass(frozen=True)
class Desk:
    """One reader's start page while it is made. A section that the reader has no right to is None."""

    request: Request

    @property
    def access(self) -> Access:
        return self.request.access

    @property
    def user(self) -> User:
        return self.request.user

    @cached_property
    def roster(self) -> Roster:
        return roster_of(self.access, self.user)

    # Numbers

    def matching(self, source: Source, **params: object) -> QuerySet[Any]:
        """What the list shows under these filters."""
        filters = source.filters(QueryDict(urlencode(params)), access=self.access)
        if not filters.is_valid():
            raise ValueError(f"{source.page} refuses {params}: {filters.errors}")
        rows: QuerySet[Any] = filters.narrow(source.rows(self.access))
        return rows

    def figure(self, caption: str, source: Source, **params: object) -> Figure:
        return Figure(caption, capped(self.matching(source, **params)), _address(source, **params))

    def may_sign_in(self) -> Figure | None:
        return self._figure_if_open("May sign in", PEOPLE, status="active")

    def ending_soon(self) -> Figure | None:
        return self._figure_if_open("Access ends within 7 days", PEOPLE, status="soon")

    def computers(self) -> Figure | None:
        return self._figure_if_open("Computers", COMPUTERS)

    def entries(self) -> Figure | None:
        return self._figure_if_open("Audit entries, 7 days", LOG, since=self.week)

    def refused(self) -> Figure | None:
        return self._figure_if_open("Refused attempts, 7 days", LOG, action="refused", since=self.week)

    def _figure_if_open(self, caption: str, source: Source, **params: object) -> Figure | None:
        return self.figure(caption, source, **params) if source.is_open_to(self.access) else None

    @property
    def week(self) -> str:
        """The day, in UTC, with which the last 7 began."""
        return (timezone.now().astimezone(UTC) - timedelta(days=6)).date().isoformat()

    # People

    def ending_people(self) -> Section | None:
        if not PEOPLE.is_open_to(self.access):
            return None
        people = self.matching(PEOPLE, status="soon").select_related("tenant").order_by("access_expires_at", "pk")
        everybody = ("All of them", _address(PEOPLE, status="soon"))
        rows = _people(people, "tenant")
        return Section("Access ends within 7 days", "start/_things.html", rows, everybody) if rows else None

    def own_people(self) -> Section | None:
        tenant = self.user.tenant
        if not self.access.can(User.VIEW, tenant):
            return None
        people = self.matching(PEOPLE).filter(tenant=tenant).select_related("tenant").order_by("-last_seen_at", "pk")
        return Section(
            f"People of {tenant}",
            "start/_things.html",
            _people(people.exclude(pk=self.user.pk), "email"),
            ("All of them", _address(PEOPLE, tenant=tenant.pk)),
            nothing="Nobody but you yet.",
        )

    def owners(self) -> Section | None:
        access = self.access
        if not access.can(User.VIEW, INSTANCE):
            return None
        people = access.seen(User).filter(pk__in=usable_owners().order_by().values("pk")).select_related("tenant")
        return Section("Usable owners", "start/_things.html", _people(people, "email"), note="at least 1 must remain")

    # Roles

    def great_power(self) -> Section | None:
        return self._roles("Who holds great power", only_great=True)

    def roles(self) -> Section | None:
        return self._roles("Roles in use", only_great=False)

    def _roles(self, title: str, *, only_great: bool) -> Section | None:
        access = self.access
        if not (access.holds(Permission.ROLES_VIEW) and PEOPLE.is_open_to(access)):
            return None
        rows = [
            Row(
                each.role.name,
                reverse("rbac:role-detail", args=[each.role.pk]),
                power=each.power,
                number=Figure("", each.people, _address(PEOPLE, role=each.role.pk)),
            )
            for each in roles_in_use(access, only_great=only_great)[: 2 * ROWS]
        ]
        return Section(
            title,
            "start/_roles.html",
            rows,
            note="and how many people hold each",
            nothing="No role is in use.",
            css="lines",
        )

    # Computers

    @cached_property
    def tally(self) -> Counter[tuple[int, str]]:
        """The reader's computers by tenant and type: one walk past all that there are, for every number of them."""
        rows = self.matching(COMPUTERS).order_by().values("tenant_id", "type").annotate(count=Count("pk"))
        return Counter({(row["tenant_id"], row["type"]): row["count"] for row in rows})

    def computers_in_all(self) -> Figure:
        return _counted(self.tally.total())

    def by_type(self) -> Section | None:
        if not COMPUTERS.is_open_to(self.access):
            return None
        counts = Counter[str]()
        for (_, kind), count in self.tally.items():
            counts[kind] += count
        rows = [Row(f"{label}s", number=_counted(counts[value], type=value)) for value, label in ComputerType.choices]
        return Section("Your computers", "start/_numbers.html", rows, ("All", _address(COMPUTERS)), css="lines")

    def by_tenant(self) -> Section | None:
        """The tenants with the most computers; each with all below it, as the list of computers counts."""
        access = self.access
        if not (COMPUTERS.is_open_to(access) and access.holds(Tenant.VIEW)):
            return None
        counts = Counter[int]()
        for (tenant_id, _), count in self.tally.items():
            counts[tenant_id] += count
        seen = dict(access.seen(Tenant).filter(any_of("pk", counts)).order_by().values_list("pk", "name"))
        most = sorted(seen, key=lambda pk: (-counts[pk], pk))[:ROWS]
        totals = Counter[int]()
        for pk, path in Tenant.objects.filter(path__overlap=most).order_by().values_list("pk", "path"):
            totals.update(dict.fromkeys(path, counts[pk]))
        rows = [Row(seen[pk], number=_counted(totals[pk], tenant=pk)) for pk in most]
        return Section("Most of them at", "start/_numbers.html", rows, css="lines") if len(rows) > 1 else None

    def own_computers(self) -> Section | None:
        if not COMPUTERS.is_open_to(self.access):
            return None
        now = timezone.now()
        computers = self.matching(COMPUTERS).select_related("tenant").order_by("name", "pk")
        rows = [
            Row(
                each.name,
                _page("computers:computer-detail", each),
                ComputerType(each.type).label,
                "computers",
                presence(each, now),
            )
            for each in computers[:ROWS]
        ]
        return Section(
            "Your computers", "start/_things.html", rows, ("All of them", _address(COMPUTERS)), nothing="None yet."
        )

    # Access

    def deeds(self) -> Section | None:
        """What the reader may do beyond looking, and where."""
        places: dict[Permission, list[Way]] = {}
        for way in effective_access(self.access, self.user):
            looks = way.permission.spec.category == Category.VIEW
            if way.standing in SOMEWHERE and not looks and self.access.holds(way.permission):
                places.setdefault(way.permission, []).append(way)
        rows = [_deed(permission, ways) for permission, ways in places.items()]
        if not rows:
            return None
        everything = ("All your access", reverse("accounts:profile-access"))
        return Section("What you can do here", "start/_deeds.html", rows[:ROWS], everything)

    def limits(self) -> Section | None:
        """What is taken from the reader, or will begin or end soon."""
        mine = [*self.roster.direct, *self.roster.through]
        rows = [held for held in mine if held.denies or held.status.kind in ("soon", "new")]
        everything = ("All your access", reverse("accounts:profile-detail"))
        return Section("Changes to your access", "start/_limits.html", rows[:ROWS], everything) if rows else None

    def touching(self) -> Section | None:
        """Who at the provider reaches the reader's tenant. Others read as the operator (design 3, "Objects")."""
        tenant = self.user.tenant
        if tenant.msp_id in (None, tenant.pk) or not self.access.can(User.VIEW, tenant):
            return None
        rows = [
            Row(words, second=_names(who_can(permission, tenant), tenant)) for words, permission in TOUCHING.items()
        ]
        return Section(f"Who at {tenant.msp} can touch {tenant}", "start/_touching.html", rows, css="lines")

    # The log

    def changes(self) -> Section | None:
        """The last entries, without the coming and going of people."""
        access = self.access
        if not LOG.is_open_to(access):
            return None
        entries = self.matching(LOG).exclude(action__startswith="session.").select_related(*NEEDS)
        last = list(entries.order_by("-pk")[:ROWS])
        access.know(person for entry in last for person in (entry.actor, entry.impersonator) if person is not None)
        lines = [line_of(entry, access) for entry in last]
        everything = ("Audit log", _address(LOG))
        return Section("What changed last", "start/_changes.html", lines, everything, nothing="Nothing yet.")


def _people(people: QuerySet[User], second: str) -> list[Row]:
    """The first of them; `second` names what stands below a name."""
    now = timezone.now()
    return [
        Row(
            person.name,
            _page("accounts:user-detail", person),
            str(getattr(person, second)),
            status=account_status(person, now),
        )
        for person in people[:ROWS]
    ]


def _counted(computers: int, **params: object) -> Figure:
    """As `Desk.figure` says it, of computers that were counted already."""
    return Figure("", Total(min(computers, CAP), capped=computers > CAP), _address(COMPUTERS, **params))


def _address(source: Source, **params: object) -> str:
    return reverse(source.page) + (f"?{urlencode(params)}" if params else "")


def _page(name: str, thing: Model) -> str:
    return reverse(name, kwargs={"pk": thing.pk})


def _deed(permission: Permission, ways: Sequence[Way]) -> Deed:
    icon, page = DEEDS.get(permission.spec.subject, ("check", ""))
    where = plain(ways[0].where) + (", and elsewhere" if len(ways) > 1 else "")
    return Deed(permission, icon, where, reverse(page) if page else "", permission.spec.subject)


def _names(people: QuerySet[User], tenant: Tenant) -> str:
    """The provider's people by name; whoever is neither theirs nor the tenant's own is not told apart."""
    found = list(people.exclude(tenant=tenant).order_by("name", "pk").values_list("name", "tenant_id"))
    theirs = [name for name, tenant_id in found if tenant_id == tenant.msp_id]
    told = [*theirs[:NAMES], *(["others"] if len(theirs) > NAMES else [])]
    if len(theirs) < len(found):
        told.append(f"{OPERATOR[0].lower()}{OPERATOR[1:]}" if told else OPERATOR)
    return listed(told, NAMES + 2) or "Nobody"
