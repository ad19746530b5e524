"""More deliberate defects: of what has ended, of one way of asking alone, and where two points of the rule meet."""

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Q

from accounts.models import Group, GroupMembershipQuerySet, User
from computers.models import Computer
from computers.scopes import AllScope
from rbac import access, holders
from rbac.models import RoleAssignment, RoleAssignmentQuerySet, Switch
from rbac.permissions import Permission
from tests.oracle.planting import fault, unlike

Access = access.Access


# What has ended


@fault("an assignment that was ended lives on", 0)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RoleAssignmentQuerySet, "unended", lambda self: self.all())


@fault("a membership that was ended lives on", 0)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GroupMembershipQuerySet, "unended", lambda self: self.all())


@fault("a membership lasts until after its expiry", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    unlike(
        patch,
        GroupMembershipQuerySet,
        "live",
        lambda rows, now: rows.unended().filter(Q(expires_at=None) | Q(expires_at__gte=now)),
    )


# Computer scopes where no computer is asked about


def on_tenants(patch: pytest.MonkeyPatch, answer: Any) -> None:
    """What `_bare` says about anything but a computer, by what stands at its tenant."""
    bare = Access._bare

    def _bare(self: Any, rule: Any, kind: Any, obj: Any) -> bool:
        said = bare(self, rule, kind, obj)
        here = rule.here[getattr(obj, kind.tenant_id)]
        return said if isinstance(obj, Computer) else bool(answer(here))

    patch.setattr(Access, "_bare", _bare)


@fault("an allow on some computers allows their tenant", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    on_tenants(patch, lambda here: (here.allowed or here.allowed_on) and not here.denied)


@fault("a deny on some computers denies their tenant", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    on_tenants(patch, lambda here: here.allowed and not (here.denied or here.denied_on))


@fault("lists forget which computers a deny is about", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    rows = Access._grant_rows

    def _grant_rows(self: Any, rule: Any, kind: Any, alike: Any) -> Q:
        return rows(self, rule, kind, [each if each.allows else replace(each, computers=AllScope()) for each in alike])

    patch.setattr(Access, "_grant_rows", _grant_rows)


@fault("lists pair the tenants of one grant with the computers of another", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    union = Access._union

    def _union(self: Any, rule: Any, kind: Any, given: Any) -> Q:
        crossed = [replace(one, computers=other.computers) for one in given for other in given]
        return union(self, rule, kind, crossed)

    patch.setattr(Access, "_union", _union)


@fault("who_can forgets which computers an assignment is about", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holders.computer_scopes, "rows_covering", lambda _: Q(role__isnull=False))


# Switches of tenants, in one way of asking


@fault("lists forget the switches of tenants", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "_tightened_tenants", lambda _: Switch.objects.none().values("tenant_id"))


@fault("who_can forgets the switches of tenants", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    states = holders._Question._states
    patch.setattr(holders._Question, "_states", lambda self, _=None: states(self))


# `holds`


@fault("holds is stopped by a deny that is not everywhere", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    def holds(self: Any, permission: str) -> bool:
        rule = self._rules.get(permission) or self._compile(permission)
        return bool(rule.allow) and not rule.deny

    patch.setattr(Access, "holds", holds)


@fault("holds counts what a switch suspends", 17)
def _(patch: pytest.MonkeyPatch) -> None:
    def holds(self: Any, permission: str) -> bool:
        rule = self._rules.get(permission) or self._compile(permission)
        held = any(grant.allows and permission in grant.permissions for grant in self.grants)
        return held and not any(grant.is_everywhere for grant in rule.deny)

    patch.setattr(Access, "holds", holds)


# What is seen of assignments


READ = access._READS[RoleAssignment, Permission.USERS_VIEW]


def holder_seen(mine: Any) -> Q:
    return access._seen_at(mine, "user", User) | access._seen_at(mine, "group", Group)


def seen_by(patch: pytest.MonkeyPatch, condition: Any) -> None:
    """The assignments that are seen, by another condition of the access."""
    patch.setitem(access._READS, (RoleAssignment, Permission.USERS_VIEW), lambda mine, _: condition(mine))


@fault("an assignment is seen with its principal, whatever its scope", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, holder_seen)


@fault("an assignment over everything is seen by whoever sees its holder", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, lambda mine: READ(mine, Q()) | (Q(scope="owner", computer_scope="all") & holder_seen(mine)))
