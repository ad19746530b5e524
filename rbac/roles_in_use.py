"""The roles that somebody may use now, as far as a reader may see it: for a page that names the first few of them."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from immyrbac.lists import Total
from rbac.access import Access
from rbac.models import Role
from rbac.role_use import NOBODY, Use, held_now, uses_of
from rbac.rosters import great_power


class InUse(NamedTuple):
    """`power`: how many of its great powers count somewhere; `people`: who may use it, as the list of roles counts."""

    role: Role
    power: int
    people: Total


def roles_in_use(access: Access, *, only_great: bool) -> list[InUse]:
    """The most powerful first, as the reader may see them. Four queries at most.

    An assignment may end between two of them: its role is not in use any more.
    """
    scopes = set(held_now(access).values_list("role_id", "scope", "computer_scope").distinct())
    roles = access.seen(Role).in_bulk({pk for pk, *_ in scopes})
    power: defaultdict[int, int] = defaultdict(int)
    for pk, *scope in scopes:
        if pk in roles:
            power[pk] = max(power[pk], great_power(roles[pk].permissions, *scope, msp_only=True))
    named = [role for role in roles.values() if power[role.pk] or not only_great]
    uses = uses_of(access, named)
    found = [InUse(role, power[role.pk], uses.get(role.pk, Use()).people) for role in named]
    held = [each for each in found if each.people != NOBODY]
    return sorted(held, key=lambda each: (-each.power, -len(each.role.permissions), each.role.name))
