"""A decision as paths of five stations: user, through, role, tenants, computers (guide, "Path")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from computers.models import Computer, ComputerScopeKind
from computers.scopes import computer_words
from immyrbac import words
from rbac.access import INSTANCE, Access, Decision, Subject
from rbac.explanation import Break, Path, SharePath
from rbac.models import RoleAssignment
from rbac.naming import OPERATOR, is_named
from rbac.objects import ComputersOf
from rbac.permissions import Permission, Scoping
from rbac.sentences import plain, sentence
from rbac.switches import GOVERNING
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import tenant_words

BREAKS_AT = {
    Break.ACCOUNT: 0,
    Break.ROLE: 2,
    Break.STARTS: 1,
    Break.EXPIRED: 1,
    Break.MEMBERSHIP: 1,
    Break.INERT: 2,
    Break.MSP_ONLY: 2,
    Break.SWITCH: 2,
    Break.TENANTS: 3,
    Break.COMPUTERS: 4,
}
"""At which station each kind of break stands."""


class Station(NamedTuple):
    """`state`: breaks, beyond it, or nothing."""

    name: str
    fact: str
    state: str = ""


class Line(NamedTuple):
    """One path as `parts/path.html` draws it, with the effect and sentence of what it shows; `link` leads to that."""

    kind: str
    full: bool
    title: str
    note: str
    stations: list[Station]
    effect: str
    said: str
    link: tuple[str, str] | None


class Lines(NamedTuple):
    """All paths of a decision; `is_partial` where some lie outside the reader's view."""

    matching: list[Line]
    missing: list[Line]
    is_partial: bool

    @property
    def deny(self) -> str:
        """Where the deny that decided is read; empty where none did."""
        return next((line.link[1] for line in self.matching if line.kind == "deny" and line.link), "")

    @property
    def is_empty(self) -> bool:
        return not (self.matching or self.missing or self.is_partial)


class Drawing:
    """One decision about a person and an object, as one reader may read of it; None is the system, which sees all.

    `place` is how the object's tenant is called. Two queries, none about oneself. The person has a tenant.
    """

    def __init__(self, reader: Access | None, decision: Decision, person: User, obj: Subject) -> None:
        self.reader, self.decision, self.person, self.obj = reader, decision, person, obj
        self.is_own = reader is not None and reader.user_id == person.pk
        self.visible = self._visible()
        if reader is not None:
            reader.know(path.assignment.granted_by for path in self._paths() if path.assignment.granted_by)
        self.tenant = obj if isinstance(obj, Tenant) else getattr(obj, "tenant", None)
        self.place = self._place()

    def shows(self, path: Path) -> bool:
        return path.assignment.pk in self.visible

    def lines(self) -> Lines:
        """What decided, other matches, near misses."""
        decision = self.decision
        decisive, other = ("decides", "matches but is overruled") if decision.others else ("decides", "matches")
        shares = [self._share_line(path) for path in decision.shares]
        matching = [
            *self._lines(decision.deciding, decisive),
            *self._lines(decision.others, other),
            *(line for line in shares if line.full),
        ]
        missing = [*self._lines(decision.near_misses, ""), *(line for line in shares if not line.full)]
        return Lines(matching, missing, any(not self.shows(path) for path in self._paths()))

    def _paths(self) -> list[Path]:
        return [*self.decision.deciding, *self.decision.others, *self.decision.near_misses]

    def _visible(self) -> frozenset[int]:
        """One's own assignments need no permission to see (design 3, "Objects")."""
        ids = frozenset(path.assignment.pk for path in self._paths())
        if self.reader is None or self.is_own or not ids:
            return ids
        seen = self.reader.seen(RoleAssignment).filter(pk__in=ids)
        return frozenset(seen.order_by().values_list("pk", flat=True))

    def _place(self) -> str:
        """A computer's tenant is seen with it; any other needs to be seen by itself."""
        if self.tenant is None:
            return str(INSTANCE)
        if self.reader is None or isinstance(self.obj, Computer | ComputersOf | Tenant):
            return str(self.tenant)
        return str(self.tenant) if self.reader.can(Tenant.VIEW, self.tenant) else "its owner"

    def _lines(self, paths: Iterable[Path], role_in_it: str) -> list[Line]:
        return [self._line(path, role_in_it) for path in paths if self.shows(path)]

    def _line(self, path: Path, role_in_it: str) -> Line:
        kind = "deny" if path.denies else "allow"
        title = f"{kind.capitalize()}, {role_in_it}" if role_in_it else ""
        drawn = kind if path.breaks is None else "near"
        note, link = self._note(path), ("Assignment", self._address(path))
        effect, said = path.assignment.effect, plain(sentence(path.assignment))
        return Line(drawn, path.breaks is None, title, note, self._stations(path), effect, said, link)

    def _share_line(self, path: SharePath) -> Line:
        """A share is seen with the person and the item, and whoever draws this sees both."""
        share, full = path.share, path.breaks is None
        part = "matches but is overruled" if any(each.denies for each in self.decision.deciding) else "decides"
        title = f"Share, {part}" if full else ""
        said = f"{Permission(self.decision.permission).label} on {self.obj} alone is shared with {self.person.name}"
        note = self._told(share.reason, share.shared_by, share.shared_at, getattr(self.obj, "tenant", None))
        return Line("allow" if full else "near", full, title, note, self._share_stations(path), "allow", said, None)

    def _share_stations(self, path: SharePath) -> list[Station]:
        share = path.share
        told = [
            ("You" if self.is_own else self.person.name, str(self.person.tenant)),
            ("Directly", f"until {words.date(share.expires_at)}" if share.expires_at else "no end"),
            ("A share", "gives it"),
            (self.place, ""),
            ("This one alone", str(self.obj)),
        ]
        if path.breaks is None:
            return [Station(*each) for each in told]
        at = BREAKS_AT[path.breaks]
        facts = {
            Break.EXPIRED: f"expired on {_day(share.expires_at)}",
            Break.ACCOUNT: standing_words(self.person),
            Break.SWITCH: f"suspended by {words.listed(governors(self.decision.permission))}",
        }
        broken = Station(told[at][0], facts.get(path.breaks, str(path.breaks.label)), "breaks")
        beyond = (Station(name, "", "beyond") for name, _ in told[at + 1 :])
        return [*(Station(*each) for each in told[:at]), broken, *beyond]

    def _address(self, path: Path) -> str:
        """Where the assignment is read: one's own on the profile, others in the list of all."""
        if self.is_own:
            return reverse("accounts:profile-detail")
        return f"{reverse('rbac:assignment-index')}?{urlencode({'id': path.assignment.pk})}"

    def _note(self, path: Path) -> str:
        """Why it was given, by whom and when."""
        row = path.assignment
        return self._told(row.reason, row.granted_by, row.granted_at, row.tenant)

    def _told(self, reason: str, giver: User | None, given_at: datetime, place: Tenant | None) -> str:
        is_known = giver and (self.reader is None or is_named(self.reader, giver, place))
        who = giver.name if giver and is_known else OPERATOR.lower() if giver else ""
        return ", ".join(filter(None, [reason and f"“{reason}”", who, words.date(given_at)]))

    # Stations

    def _stations(self, path: Path) -> list[Station]:
        row = path.assignment
        told = [
            ("You" if self.is_own else self.person.name, str(self.person.tenant)),
            (str(row.group) if row.group else "Directly", _through(path)),
            (str(row.role), "takes it" if path.denies else "holds it"),
            (self._tenants_words(row), self._tenants_fact(row)),
            (_capital(plain(computer_words(row))), self._computers_fact(row)),
        ]
        if path.breaks is None:
            return [Station(*each) for each in told]
        at = BREAKS_AT[path.breaks]
        before = [Station(*each) for each in told[:at]]
        broken = Station(told[at][0], BROKEN[path.breaks](self, path), "breaks")
        return [*before, broken, *(Station(name, "", "beyond") for name, _ in told[at + 1 :])]

    def _tenants_words(self, row: RoleAssignment) -> str:
        said = plain(tenant_words(row))
        return _capital(said.replace("their", "your", 1) if self.is_own and said.startswith("their") else said)

    def _tenants_fact(self, row: RoleAssignment) -> str:
        match row.scope:
            case TenantScopeKind.MSP if row.tenant != self.tenant:
                return f"{self.place} belongs to it"
            case TenantScopeKind.TAG:
                return f"{self.place} bears it"
            case TenantScopeKind.TENANT if row.tenant != self.tenant:
                return f"{self.place} stands below it"
            case TenantScopeKind.OWN_TENANT:
                return str(self.person.tenant)
        return ""

    def _computers_fact(self, row: RoleAssignment) -> str:
        match row.computer_scope, self.obj:
            case ComputerScopeKind.TYPE, Computer():
                return f"{self.obj} is a {self.obj.get_type_display().lower()}"
            case ComputerScopeKind.TAG, Computer():
                return f"{self.obj} bears it"
        return ""

    def outside_tenants(self, row: RoleAssignment) -> str:
        if self.tenant is None:
            return f"{self.obj} belongs to no tenant"
        match row.scope:
            case TenantScopeKind.MSP:
                return f"{self.place} does not belong to it"
            case TenantScopeKind.TAG:
                return f"{self.place} does not bear it"
            case TenantScopeKind.OWN_TENANT:
                return f"{self.person.tenant}, not {self.place}"
        return f"not {self.place}"

    def outside_computers(self, row: RoleAssignment) -> str:
        if isinstance(self.obj, ComputersOf):
            return f"not all {self.obj}"
        if not isinstance(self.obj, Computer):
            return "counts only on all computers"
        match row.computer_scope:
            case ComputerScopeKind.TYPE:
                return f"{self.obj} is a {self.obj.get_type_display().lower()}"
            case ComputerScopeKind.TAG:
                return f"{self.obj} does not bear it"
        return f"not {self.obj}"


def _inert(drawing: Drawing, _path: Path) -> str:
    is_system = Permission(drawing.decision.permission).spec.scoping == Scoping.SYSTEM
    return "counts only at owner, on all computers" if is_system else "counts only on all computers"


def _suspended(drawing: Drawing, _path: Path) -> str:
    return f"suspended by {words.listed(governors(drawing.decision.permission))}"


def _day(moment: datetime | None) -> str:
    return words.date(moment) if moment else ""


BROKEN: dict[Break, Callable[[Drawing, Path], str]] = {
    Break.ACCOUNT: lambda drawing, _: standing_words(drawing.person),
    Break.ROLE: lambda drawing, _: f"lacks {Permission(drawing.decision.permission).label}",
    Break.STARTS: lambda _, path: f"starts on {_day(path.assignment.starts_at)}",
    Break.EXPIRED: lambda _, path: f"expired on {_day(path.assignment.expires_at)}",
    Break.MEMBERSHIP: lambda _, path: f"membership expired on {_day(getattr(path.membership, 'expires_at', None))}",
    Break.INERT: _inert,
    Break.MSP_ONLY: lambda drawing, _: f"counts only for users of an MSP, not of {drawing.person.tenant}",
    Break.SWITCH: _suspended,
    Break.TENANTS: lambda drawing, path: drawing.outside_tenants(path.assignment),
    Break.COMPUTERS: lambda drawing, path: drawing.outside_computers(path.assignment),
}
"""What is so where a path breaks."""


def governors(permission: str) -> list[str]:
    """The preferences that may suspend the permission, as they are called."""
    return [f"“{key.label}”" for key in GOVERNING.get(Permission(permission), ())]


def standing_words(person: User) -> str:
    """Why an account may not act now."""
    if person.removed_at is not None:
        return "removed"
    if not person.is_active:
        return "deactivated"
    if not person.tenant.is_active:
        return "the home tenant is inactive"
    ends = person.access_expires_at
    return f"access ended on {words.date(ends)}" if ends and ends <= timezone.now() else "active"


def _through(path: Path) -> str:
    ends = f"until {words.date(path.ends)}" if path.ends else ""
    return ", ".join(filter(None, ["group", ends])) if path.assignment.group_id else ends or "no end"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
