"""Which tags carry access: an assignment covers whatever tenant, or whatever computer, bears them."""

from __future__ import annotations

from collections.abc import Collection

from rbac.models import RoleAssignment


def tags_that_carry_access(on: str = "computers", among: Collection[int] | None = None) -> frozenset[int]:
    """Ids of the tags that some assignment, not ended and not expired, names; `among` bounds the search. One query.

    `on`: which bearers it covers by the tag, "tenants" or "computers".
    """
    column = {"tenants": "tag", "computers": "computer_tag"}[on]
    rows = RoleAssignment.objects.unexpired().filter(**{f"{column}__isnull": False}).order_by()
    if among is not None:
        rows = rows.filter(**{f"{column}__in": among})
    return frozenset(rows.values_list(f"{column}_id", flat=True).distinct())
