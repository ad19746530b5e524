"""Who must set up a second factor before anything else: the switch that demands it of great power (design 7).

Asked at each request, of the rights as they are then: a role given a moment ago counts, and one that ended does not.
"""

from __future__ import annotations

from accounts.factors import has_factor
from rbac.access import Access
from rbac.switches import SwitchKey


def is_guarded(access: Access) -> bool:
    """Whether a second factor is demanded of them, as the switches stand and for what they hold."""
    return any(access.stands(key) and any(map(access.holds, key.spec.guards)) for key in SwitchKey if key.spec.guards)


def must_enrol(access: Access) -> bool:
    """Whether it is demanded and they have none. One query, and only for those of whom it is demanded."""
    return is_guarded(access) and not has_factor(access.user_id or 0)


def objections_to(key: SwitchKey, *, enabled: bool, user_id: int | None) -> list[str]:
    """What speaks against this user's flip: who demands a second factor has one, or they would lock themselves out."""
    if not (enabled and key.spec.guards) or user_id is None or has_factor(user_id):
        return []
    return ["Set up a second factor of your own first: you would be the first who can do nothing without one."]
