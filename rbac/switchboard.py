"""Where every switch stands, for the instance and in the tenants that tightened it, as one reader may read it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from rbac.access import Access
from rbac.models import Switch
from rbac.naming import name_for
from rbac.switches import SwitchKey
from tenancy.models import Tenant


class Position(NamedTuple):
    """Where the instance's switch stands; since when and by whom, where it was ever set."""

    enabled: bool
    since: datetime | None = None
    by: str = ""


class Switchboard:
    """All switches. `tightened` are the tenants that turned one off for their own objects, seen or not."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._set: dict[str, Switch] = {}
        self.tightened: defaultdict[str, set[int]] = defaultdict(set)
        for row in Switch.objects.select_related("set_by__tenant"):
            if row.tenant_id is None:
                self._set[row.key] = row
            elif not row.enabled:
                self.tightened[row.key].add(row.tenant_id)
        access.know(row.set_by for row in self._set.values() if row.set_by)

    def stands(self, key: SwitchKey) -> bool:
        row = self._set.get(key)
        return key.spec.default if row is None else row.enabled

    def position(self, key: SwitchKey) -> Position:
        row = self._set.get(key)
        if row is None:
            return Position(key.spec.default)
        return Position(row.enabled, row.set_at, name_for(self._access, row.set_by, None) if row.set_by else "")

    def tighteners(self) -> dict[SwitchKey, list[str]]:
        """The tenants that tightened each switch, as far as the reader sees them, by name. One query."""
        wanted = {pk for tenants in self.tightened.values() for pk in tenants}
        names = dict(self._access.seen(Tenant).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
        return {
            key: sorted(names[pk] for pk in self.tightened[key] if pk in names)
            for key in SwitchKey
            if key.spec.tenant_may_tighten
        }
