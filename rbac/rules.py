"""One permission of one Access, compiled from its grants (design 3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q

from computers.scopes import ComputerFacts, ComputerScope
from rbac.grants import Grant
from rbac.objects import Kind
from rbac.permissions import Permission
from rbac.switches import SwitchKey, keeps
from tenancy.scopes import Need


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

    `tightened_by`: the switches that a tenant may turn off for its own objects and that would stop some of `allow`.
    """

    permission: Permission | None
    allow: tuple[Grant, ...]
    deny: tuple[Grant, ...]
    tightened_by: tuple[SwitchKey, ...]
    needs: Need
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
