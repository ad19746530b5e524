"""Deliberate defects of the engine, each applied to the running process: what the oracle must not overlook."""

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import F, Func, Q

from accounts.models import Group, GroupMembershipQuerySet, UserQuerySet
from computers import scopes as computer_scopes
from computers.models import ComputerScopeType, Script
from rbac import access, beyond, explanation, grants, holders, rules
from rbac.models import Role, RoleAssignmentQuerySet, Switch
from rbac.permissions import Permission
from tenancy import scopes as tenant_scopes
from tenancy.models import Tag, Tenant, TenantTag
from tenancy.scopes import MspScope, OwnerScope, TenantScope
from tests.oracle.planting import compiled, fault, granted, scoped, unlike

EVERYTHING = ~Q(pk__in=())
Access = access.Access


# Allow and deny


@fault("a deny counts for nothing", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    compiled(patch, lambda _, rule: replace(rule, deny=()))


@fault("a deny through a group counts for nothing", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    compiled(patch, lambda _, rule: replace(rule, deny=tuple(grant for grant in rule.deny if grant.group_id is None)))


@fault("lists forget denies", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Access, "_rows", lambda self, rule, kind: rules.union_of(rule, kind, rule.allow))


@fault("who_can forgets denies", 51)
def _(patch: pytest.MonkeyPatch) -> None:
    people = holders.Reach.people
    patch.setattr(holders.Reach, "people", lambda self, condition: people(self, condition)._replace(denied=set()))


@fault("holds overlooks a deny at owner", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Access, "holds", lambda self, p: bool((self._rules.get(p) or self._compile(p)).allow))


@fault("a deny of an MSP-only permission counts for nothing", 25)
def _(patch: pytest.MonkeyPatch) -> None:
    def change(self: Any, rule: Any) -> Any:
        return replace(rule, deny=()) if rule.permission and rule.permission.spec.msp_only else rule

    compiled(patch, change)


# Scopes


@fault("tenant scope or computer scope, where it is and", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    def rows(rule: Any, kind: Any, alike: Any) -> Q:
        tenants, computers = alike[0].tenants.rows(kind.columns), [grant.computers for grant in alike]
        is_whole = any(scope.is_everything for scope in computers)
        return tenants if is_whole else tenants | computer_scopes.union_rows(computers)

    patch.setattr(rules, "grant_rows", rows)


@fault("no grant at all means every row", 10)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "NOTHING", Q())


@fault("a permission of one grant goes with the scope of another", 7)
def _(patch: pytest.MonkeyPatch) -> None:
    def change(self: Any, rule: Any) -> Any:
        return replace(rule, allow=tuple(grant for grant in self.grants if grant.allows)) if rule.allow else rule

    compiled(patch, change)


@fault("an MSP covers the MSPs nested below it", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    def rows(self: MspScope, columns: Any) -> Q:
        return Q(**{f"{columns.tenant}__in": Tenant.objects.at_or_below(self.tenant_id).order_by().values("pk")})

    patch.setattr(MspScope, "rows", rows)


@fault("an MSP does not cover itself", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    covers = MspScope.covers
    patch.setattr(MspScope, "covers", lambda self, tenant: covers(self, tenant) and tenant.id != self.tenant_id)


@fault("owner does not cover the instance", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OwnerScope, "covers", lambda _, tenant: tenant is not None)


@fault("every scope covers the instance", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    for scope in TenantScope.__subclasses__():
        covers = scope.covers
        patch.setattr(scope, "covers", lambda self, tenant, covers=covers: tenant is None or covers(self, tenant))


@fault("a tag covers what stands below its bearers", 77)
def _(patch: pytest.MonkeyPatch) -> None:
    def rows(self: Any, columns: Any) -> Q:
        bearers = TenantTag.objects.filter(tag=self.tag_id).values("tenant_id")
        ancestors = Func(F("path"), function="unnest")
        pairs = Tenant.objects.order_by().annotate(ancestor=ancestors).values_list("pk", "ancestor")
        bearing = set(bearers.values_list("tenant_id", flat=True))
        return Q(**{f"{columns.tenant}__in": [pk for pk, ancestor in pairs if ancestor in bearing]})

    patch.setattr(tenant_scopes.TagScope, "rows", rows)


@fault("children are never included", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    scoped(patch, lambda columns: [*columns[:3], False, *columns[4:]])


@fault("children are always included", 17)
def _(patch: pytest.MonkeyPatch) -> None:
    scoped(patch, lambda columns: [*columns[:3], True, *columns[4:]])


@fault("own tenant is that of the group, not of its member", 31)
def _(patch: pytest.MonkeyPatch) -> None:
    grant = grants._grant

    def _grant(row: tuple[Any, ...]) -> Any:
        owner = Group.objects.filter(pk=row[1]).values_list("tenant_id", flat=True).first()
        home = row[8] | {"tenant": owner} if owner else row[8]
        return grant((*row[:8], home, *row[9:]))

    patch.setattr(grants, "_grant", _grant)


@fault("servers include domain controllers", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    kinds = computer_scopes.TYPES
    both = kinds[ComputerScopeType.SERVERS] | kinds[ComputerScopeType.DOMAIN_CONTROLLERS]
    patch.setitem(kinds, ComputerScopeType.SERVERS, both)


@fault("portables are forgotten beside workstations", 20)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(computer_scopes.TYPES, ComputerScopeType.WORKSTATIONS_AND_PORTABLES, frozenset({"workstation"}))


@fault("a computer tag is looked for on the tenant", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    def rows(self: Any) -> Q:
        return Q(tenant__in=TenantTag.objects.filter(tag=self.tag_id).values("tenant_id"))

    patch.setattr(computer_scopes.ComputerTagScope, "rows", rows)


# What counts


@fault("narrowed computers leave tenant permissions alive", 0)
def _(patch: pytest.MonkeyPatch) -> None:
    granted(patch, lambda **facts: facts | {"every": True})


@fault("a system permission leaks out of a narrower scope", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    granted(patch, lambda **facts: facts | {"whole": True})


@fault("an MSP-only permission counts for customers", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    granted(patch, lambda **facts: facts | {"msp_only": True})


@fault("who_can lets MSP-only permissions count for customers", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holders._Question, "_able", Q())


# Time


@fault("an assignment lasts until after its expiry", 17)
def _(patch: pytest.MonkeyPatch) -> None:
    unlike(
        patch,
        RoleAssignmentQuerySet,
        "unexpired",
        lambda rows, now: rows.unended().filter(Q(expires_at=None) | Q(expires_at__gte=now)),
    )


@fault("an assignment starts only after its start", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    unlike(
        patch,
        RoleAssignmentQuerySet,
        "live",
        lambda rows, now: rows.unexpired(now).filter(Q(starts_at=None) | Q(starts_at__lt=now)),
    )


@fault("a start is ignored", 10)
def _(patch: pytest.MonkeyPatch) -> None:
    unlike(patch, RoleAssignmentQuerySet, "live", lambda rows, now: rows.unexpired(now))


@fault("a membership never expires", 1)
def _(patch: pytest.MonkeyPatch) -> None:
    unlike(patch, GroupMembershipQuerySet, "live", lambda rows, now: rows.unended())


# Who may act at all


def able(patch: pytest.MonkeyPatch, expiry: str = "gt", **conditions: object) -> None:
    """Who is able to act, by other conditions."""

    def where(rows: Any, now: Any) -> Any:
        return rows.filter(Q(access_expires_at=None) | Q(**{f"access_expires_at__{expiry}": now}), **conditions)

    unlike(patch, UserQuerySet, "able_to_act", where)


@fault("access lasts until after its expiry", 8)
def _(patch: pytest.MonkeyPatch) -> None:
    able(patch, "gte", is_active=True, tenant__is_active=True)


@fault("an inactive user acts", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    able(patch, tenant__is_active=True)


@fault("users of an inactive tenant act", 3)
def _(patch: pytest.MonkeyPatch) -> None:
    able(patch, is_active=True)


# Switches


@fault("a suspended permission is no longer denied", 51)
def _(patch: pytest.MonkeyPatch) -> None:
    def change(self: Any, rule: Any) -> Any:
        return replace(rule, deny=tuple(g for g in rule.deny if not self._suspends(rule.permission, g)))

    compiled(patch, change)


@fault("a suspended permission is kept by no role", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    keeps = access.keeps
    patch.setattr(access, "keeps", lambda _, permission, key, *, enabled: keeps(None, permission, key, enabled=enabled))


@fault("a suspended permission is kept by every role", 17)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "keeps", lambda *_, enabled: True)


@fault("a tenant's switch is ignored", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    compiled(patch, lambda _, rule: replace(rule, tightened_by=()))


@fault("a tenant's switch binds the tenants below it", 23)
def _(patch: pytest.MonkeyPatch) -> None:
    def tightened(key: str) -> Any:
        rows = Switch.objects.filter(key=key, tenant__isnull=False, enabled=False)
        return Tenant.objects.filter(path__overlap=list(rows.values_list("tenant_id", flat=True))).values("pk")

    patch.setattr(rules, "tightened_tenants", tightened)


@fault("a tenant's switch loosens the instance's", 17)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Access, "stands", lambda self, key: key.spec.tenant_may_tighten or key.spec.default)


# Reading, and asking otherwise


@fault("a role is seen at its owner alone", 56)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(beyond.READS, (Role, Permission.ROLES_VIEW), beyond.read_if_held)


@fault("members do not read their group of the instance", 2)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(beyond.READS, (Group, Permission.GROUPS_VIEW))


@fault("library items of the instance are read at owner alone", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(beyond.READS, (Script, Permission.SCRIPTS_VIEW))


@fault("tags of a tenant are read by whoever reads tags anywhere", 7)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(beyond.READS, (Tag, Permission.TAGS_VIEW), lambda *_: EVERYTHING)


@fault("what is reachable need not be visible", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Access, "reachable", lambda self, model, permission: self.scope(model, permission))


@fault("within takes either access, not both", 4)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access._Both, "can", lambda self, p, obj: self._one.can(p, obj) or self._other.can(p, obj))


@fault("an explanation takes an expired assignment for live", 5)
def _(patch: pytest.MonkeyPatch) -> None:
    breaks = explanation._breaks

    def _breaks(*asked: Any) -> Any:
        found = breaks(*asked)
        return found and [each for each in found if each is not explanation.Break.EXPIRED]

    patch.setattr(explanation, "_breaks", _breaks)
