"""One permission of one Access, compiled from its grants (design 3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from computers.scopes import ComputerScope
from rbac.grants import Grant
from rbac.permissions import Permission
from rbac.switches import SwitchKey
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
    """One permission, compiled: the grants that give and take it, and what it has found out about tenants so far.

    `tightened_by`: the switches that a tenant may turn off for its own objects and that would stop some of `allow`.
    """

    permission: Permission | None
    allow: tuple[Grant, ...]
    deny: tuple[Grant, ...]
    tightened_by: tuple[SwitchKey, ...]
    needs: Need
    here: dict[int | None, Here] = field(default_factory=dict)
