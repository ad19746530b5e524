"""One permission of one Access, compiled from its grants, and the rows that it covers (design 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from computers import scopes as computer_scopes
from computers.scopes import ComputerFacts, ComputerScope
from rbac.grants import Grant
from rbac.models import Switch
from rbac.objects import Kind
from rbac.permissions import Permission
from rbac.switches import SwitchKey, keeps
from tenancy.scopes import Need, SingleScope, TenantScope, union_rows

NOTHING = Q(pk__in=())  # no row at all: where every union of rows starts, since an empty `Q` means everything


@dataclass(frozen=True, slots=True)
class Here:
    """What one permission's grants say of one tenant: on all its computers, and on some."""

    allowed: bool
    denied: bool
    allowed_on: tuple[ComputerScope, ...]
    denied_on: tuple[ComputerScope, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One permission, compiled: the grants that give and take it, and what it has found out so far: about tenants,
    and how its rows of each kind of object are asked for (`reads`: with what may be read beyond them).

    `tightened_by`: the switches that a tenant may turn off for its own objects and that would stop some of what allows.
    `shared`: what allows one library item alone.
    """

    permission: Permission | None
    allow: tuple[Grant, ...]
    deny: tuple[Grant, ...]
    tightened_by: tuple[SwitchKey, ...]
    needs: Need
    shared: tuple[Grant, ...] = ()
    here: dict[int | None, Here] = field(default_factory=dict)
    rows: dict[Kind, Q] = field(default_factory=dict)
    reads: dict[Kind, Q] = field(default_factory=dict)

    def stops(self, grant: Grant) -> tuple[SwitchKey, ...]:
        """The switches that stop this grant wherever a tenant has turned them off; none stops a deny."""
        return tuple(
            key
            for key in self.tightened_by
            if grant.allows and self.permission and not keeps(grant.role_key, self.permission, key, enabled=False)
        )


def any_covers(scopes: tuple[ComputerScope, ...], computer: ComputerFacts) -> bool:
    for scope in scopes:  # noqa: SIM110  it runs for each row of a page, and any() costs twice as much
        if scope.covers(computer):
            return True
    return False


def rows_of_rule(rule: Rule, kind: Kind) -> Q:
    """The rows of this kind that the bare rule covers: what is allowed or shared, without what is denied."""
    if kind not in rule.rows:
        allow, deny = (union_of(rule, kind, grants) for grants in (rule.allow, rule.deny))
        if kind.item and rule.shared:
            allow |= _shared_rows(rule, kind)
        rule.rows[kind] = allow if deny is NOTHING else allow & ~deny
    return rule.rows[kind]


def union_of(rule: Rule, kind: Kind, grants: Sequence[Grant]) -> Q:
    """Those that say nothing but where are one condition for each kind of scope, which the planner can look up."""
    whole, narrowed = list[TenantScope](), defaultdict[Hashable, list[Grant]](list)
    for grant in grants:
        stops = rule.stops(grant)
        if grant.computers.is_everything and not stops:
            whole.append(grant.tenants)
        elif grant.computers.is_everything or kind.has_computers:
            narrowed[grant.tenants, stops].append(grant)
    pieces = [grant_rows(rule, kind, alike) for alike in narrowed.values()]
    if whole:
        pieces.append(union_rows(whole, kind.columns))
    return reduce(or_, pieces) if pieces else NOTHING


def grant_rows(rule: Rule, kind: Kind, alike: Sequence[Grant]) -> Q:
    """Of grants alike but for their computers: each stays with its tenants and its switches (safety, rule 4)."""
    rows = alike[0].tenants.rows(kind.columns)
    if not any(grant.computers.is_everything for grant in alike):
        among_few = isinstance(alike[0].tenants, SingleScope)
        rows &= computer_scopes.union_rows((grant.computers for grant in alike), among_few=among_few)
    return _where_untightened(rows, kind, rule.stops(alike[0]))


def _shared_rows(rule: Rule, kind: Kind) -> Q:
    """The items of this kind that are shared; the same switches stop each, since none has a role."""
    ids = [grant.item.pk for grant in rule.shared if grant.item and grant.item.model is kind.item]
    return _where_untightened(Q(pk__in=ids), kind, rule.stops(rule.shared[0])) if ids else NOTHING


def _where_untightened(rows: Q, kind: Kind, stops: Iterable[SwitchKey]) -> Q:
    for key in stops:
        rows &= ~Q(**{f"{kind.columns.tenant}__in": tightened_tenants(key)})
    return rows


def tightened_tenants(key: SwitchKey) -> QuerySet[Switch, Any]:
    """The tenants that turned this switch off for their own objects (design 7), as a sub-select of ids."""
    return Switch.objects.filter(key=key, tenant__isnull=False, enabled=False).values("tenant_id")
