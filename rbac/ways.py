"""The way by which each of several people may do something to one object, in one line."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from accounts.models import User
from immyrbac.words import date
from rbac.access import Access, Decision, Subject
from rbac.explanation import Path, explain, standings_of
from rbac.permissions import Permission
from rbac.sentences import plain
from rbac.sight import sighted
from tenancy.scopes import tenant_words


def ways_of(reader: Access, permission: Permission, obj: Subject, users: Collection[User]) -> dict[int, str]:
    """A line for each of these users, who may do it, by their number; empty where the way lies outside the view.

    At most twelve queries, however many they are.
    """
    question, standings = reader.question(permission, obj), standings_of([user.pk for user in users])
    decisions = {pk: explain(question, standing, allowed=True) for pk, standing in standings.items()}
    visible = _visible(reader, decisions)
    return {pk: _way(decision, visible) for pk, decision in decisions.items()}


def _visible(reader: Access, decisions: Mapping[int, Decision]) -> set[int]:
    rows = {path.assignment.pk: path.assignment for each in decisions.values() for path in each.deciding}
    own = decisions.get(reader.user_id or 0)
    return reader.visible([*map(sighted, rows.values())]) | {
        path.assignment.pk for path in (own.deciding if own else ())
    }


def _way(decision: Decision, visible: set[int]) -> str:
    """What they hold directly comes before groups, what has no end before what has one."""
    if decision.readable:
        return f"Holds {Permission(decision.permission).label}"
    if decision.shared and not decision.deciding:
        ends = [share.expires_at for share in decision.shared]
        return f"It alone is shared with them{'' if None in ends else f', until {date(max(filter(None, ends)))}'}"
    seen = sorted((path for path in decision.deciding if path.assignment.pk in visible), key=_rank)
    if not seen:
        return ""
    more = f", and {len(decision.deciding) - 1} more" if len(decision.deciding) > 1 else ""
    return f"{_words(seen[0])}{more}"


def _rank(path: Path) -> tuple[bool, bool, float]:
    return path.assignment.group_id is not None, path.ends is not None, -(path.ends.timestamp() if path.ends else 0)


def _words(path: Path) -> str:
    row = path.assignment
    through = f" through {row.group}" if row.group else ""
    until = f", until {date(path.ends)}" if path.ends else ""
    return f"{row.role}{through}, {plain(tenant_words(row))}{until}"
