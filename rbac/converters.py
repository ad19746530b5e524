"""Pieces of addresses: a switch by its key, and where it is to stand; a report by its kind."""

from rbac.reports.kinds import REPORTS
from rbac.switches import SwitchKey


class SwitchConverter:
    regex = "|".join(SwitchKey.values)

    def to_python(self, value: str) -> SwitchKey:
        return SwitchKey(value)

    def to_url(self, value: SwitchKey) -> str:
        return value.value


class PositionConverter:
    regex = "on|off"

    def to_python(self, value: str) -> bool:
        return value == "on"

    def to_url(self, value: bool) -> str:  # noqa: FBT001  Django calls it so
        return "on" if value else "off"


class ReportConverter:
    regex = "|".join(REPORTS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
