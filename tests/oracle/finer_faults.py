"""More deliberate defects: of what has ended, of one way of asking alone, and where two points of the rule meet."""

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Q

from accounts.models import Group, GroupMembershipQuerySet, User
from computers.models import Computer, Script
from computers.scopes import AllScope
from rbac import access, beyond, holders, rules
from rbac.models import RoleAssignment, RoleAssignmentQuerySet, ShareQuerySet, Switch
from rbac.permissions import Permission
from rbac.regions import Item
from tests.oracle.planting import compiled, fault, unlike

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


@fault("an allow on some computers allows their tenant", 10)
def _(patch: pytest.MonkeyPatch) -> None:
    on_tenants(patch, lambda here: (here.allowed or here.allowed_on) and not here.denied)


@fault("a deny on some computers denies their tenant", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    on_tenants(patch, lambda here: here.allowed and not (here.denied or here.denied_on))


@fault("lists forget which computers a deny is about", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    rows = rules.grant_rows

    def grant_rows(rule: Any, kind: Any, alike: Any) -> Q:
        return rows(rule, kind, [each if each.allows else replace(each, computers=AllScope()) for each in alike])

    patch.setattr(rules, "grant_rows", grant_rows)


@fault("lists pair the tenants of one grant with the computers of another", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    union = rules.union_of

    def union_of(rule: Any, kind: Any, given: Any) -> Q:
        crossed = [replace(one, computers=other.computers) for one in given for other in given]
        return union(rule, kind, crossed)

    patch.setattr(rules, "union_of", union_of)


@fault("who_can forgets which computers an assignment is about", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holders.computer_scopes, "rows_covering", lambda _: Q(role__isnull=False))


# Switches of tenants, in one way of asking


@fault("lists forget the switches of tenants", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "tightened_tenants", lambda _: Switch.objects.none().values("tenant_id"))


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


# Shares


def shared(patch: pytest.MonkeyPatch, change: Any) -> None:
    """What an Access compiles of shares, changed by `change(access, grant, rule)`: None is none."""

    def of_rule(self: Any, rule: Any) -> Any:
        changed = [change(self, grant, rule) for grant in rule.shared]
        return replace(rule, shared=tuple(grant for grant in changed if grant))

    compiled(patch, of_rule)


@fault("a share beats a deny", 10, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    compiled(patch, lambda _, rule: replace(rule, deny=()) if rule.shared else rule)


@fault("a share that has expired lives on", 5, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    unlike(patch, ShareQuerySet, "live", lambda rows, _: rows.unended())


@fault("a share that was ended lives on", 1, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ShareQuerySet, "unended", lambda self: self.all())


@fault("a share of one item covers its neighbours", 1, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    compiled(patch, lambda _, rule: replace(rule, allow=(*rule.allow, *rule.shared)))


@fault("a share of one item is a share of another", 5, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    other = Script.objects.order_by("-pk").values_list("pk", flat=True)
    shared(patch, lambda _, grant, __: replace(grant, item=Item(Script, other[0])))


@fault("whoever has one item of a library reads the instance's", 22, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    can_read = Access._can_read

    def _can_read(self: Any, rule: Any, kind: Any, permission: str, obj: Any) -> bool:
        is_read = isinstance(obj, Script) and obj.tenant_id is None and self.holds(permission)
        return is_read or can_read(self, rule, kind, permission, obj)

    patch.setattr(Access, "_can_read", _can_read)


@fault("a tenant's switch leaves shares alone", 23, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_where_untightened", lambda rows, *_: rows)


@fault("the instance's switch leaves shares alone", 17, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    suspends = Access._suspends
    patch.setattr(Access, "_suspends", lambda self, p, grant: not grant.item and suspends(self, p, grant))


@fault("lists forget shares", 5, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_shared_rows", lambda *_: rules.NOTHING)


@fault("who_can forgets shares", 1, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holders._Question, "_sharing", lambda *_: set())


@fault("who_can forgets that a share is suspended", 2, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    flows = holders._Question._flows
    patch.setattr(holders._Question, "_flows", lambda self, key, states: key is None or flows(self, key, states))


@fault("an explanation forgets shares", 1, sharing=True)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "shares_on", lambda *_: [])


# What is seen of assignments


READ = beyond.READS[RoleAssignment, Permission.USERS_VIEW]


def holder_seen(mine: Any) -> Q:
    return beyond.seen_at(mine, "user", User) | beyond.seen_at(mine, "group", Group)


def seen_by(patch: pytest.MonkeyPatch, condition: Any) -> None:
    """The assignments that are seen, by another condition of the access."""
    patch.setitem(beyond.READS, (RoleAssignment, Permission.USERS_VIEW), lambda mine, _: condition(mine))


@fault("an assignment is seen with its principal, whatever its scope", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, holder_seen)


@fault("an assignment over everything is seen by whoever sees its holder", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    seen_by(patch, lambda mine: READ(mine, Q()) | (Q(scope="owner", computer_scope="all") & holder_seen(mine)))
