"""What people gain and lose when a switch of the instance is flipped (design 6 and 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from rbac.models import RoleAssignment, Switch
from rbac.permissions import Permission
from rbac.power import NO_DIFFERENCE, Difference, Reach, difference, reaches_of
from rbac.regions import Estate
from rbac.shares import users_sharing
from rbac.switches import SwitchKey, keeps


def stands(key: SwitchKey) -> bool:
    """Where the instance's switch stands now."""
    row = Switch.objects.filter(key=key, tenant=None).values_list("enabled", flat=True).first()
    return key.spec.default if row is None else row


def governed_by(key: SwitchKey) -> frozenset[Permission]:
    """The permissions that the switch suspends at one of its positions."""
    return frozenset(permission for suspension in key.spec.suspends for permission in suspension.permissions)


class Flip(NamedTuple):
    """What flows of what the switch governs while it stands as it does and when it is flipped; and G and L."""

    before: list[Reach]
    after: list[Reach]
    change: Difference


def flipped(key: SwitchKey, now: datetime, *, enabled: bool) -> Difference:
    """G and L of putting the switch where it does not stand."""
    return flip_of(key, now, Estate(), enabled=enabled).change


def flip_of(key: SwitchKey, now: datetime, estate: Estate, *, enabled: bool) -> Flip:
    """Of putting the switch where it does not stand; suspension alone counts here (rule 2: as if flipped)."""
    permissions = governed_by(key)
    if not permissions or stands(key) == enabled:
        return Flip([], [], NO_DIFFERENCE)
    rows = RoleAssignment.objects.unexpired().filter(role__permissions__overlap=sorted(permissions)).order_by()
    found = list(rows.values_list("user_id", "group_id"))
    users = {user for user, _ in found if user} | users_sharing(permissions)
    reaches = reaches_of(users, {group for _, group in found if group}, bearing=permissions)
    governed = [cut for reach in reaches if (cut := _cut(reach, reach.permissions & permissions))]
    before, after = (_flowing(governed, key, enabled=position) for position in (not enabled, enabled))
    return Flip(before, after, difference(before, after, now, estate))


def _flowing(reaches: Iterable[Reach], key: SwitchKey, *, enabled: bool) -> list[Reach]:
    """The reaches cut down to what flows while the switch stands so; a deny always does. What is whole stays itself."""
    cut = (
        _cut(reach, _kept(reach.role.key, reach.permissions, key, enabled=enabled)) if reach.allows else reach
        for reach in reaches
    )
    return [reach for reach in cut if reach]


def _cut(reach: Reach, permissions: frozenset[Permission]) -> Reach | None:
    if permissions == reach.permissions:
        return reach
    return reach._replace(permissions=permissions) if permissions else None


@lru_cache(maxsize=1024)
def _kept(
    role_key: str | None, permissions: frozenset[Permission], key: SwitchKey, *, enabled: bool
) -> frozenset[Permission]:
    return frozenset(each for each in permissions if keeps(role_key, each, key, enabled=enabled))
