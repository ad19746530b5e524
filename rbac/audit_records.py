"""An audit entry as its exports tell it: for people as CSV, for programs as one JSON object (design 9)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

from rbac.access import Access
from rbac.audit_chain import hashed
from rbac.lists import Line, days_of
from rbac.models import AuditEntry
from rbac.naming import OPERATOR
from rbac.sentences import plain


def withheld(line: Line) -> list[str]:
    """The columns that the reader may not read: who the operator of the system is, and where they sat."""
    people = {"impersonator_id": line.who, "actor_id": line.on_behalf} if line.on_behalf else {"actor_id": line.who}
    hidden = [column for column, name in people.items() if name == OPERATOR]
    return [*hidden, "address"] if hidden else []


def address_of(line: Line) -> str:
    return "" if withheld(line) else line.entry.address


def learn_lines(entries: Sequence[AuditEntry], access: Access) -> None:
    """Put its line beside each entry, for `line_beside`; at once, since names take asking."""
    for line in chain.from_iterable(day.lines for day in days_of(entries, access)):
        line.entry.line = line  # type: ignore[attr-defined]  # for the exports alone


def line_beside(entry: AuditEntry) -> Line:
    line: Line = getattr(entry, "line")  # noqa: B009  `learn_lines` has put it there
    return line


def compact(value: dict[str, Any] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def record_of(entry: AuditEntry) -> dict[str, object]:
    """The entry in words, and its columns as they are hashed; those `withheld` are null.

    Where nothing is withheld, `hash` is the SHA-256 of `entry` as docs/auditor.md spells it.
    """
    line = line_beside(entry)
    hidden = withheld(line)
    return {
        "who": line.who,
        "as": line.on_behalf,
        "what": plain(line.words),
        "tenant": line.place,
        "entry": {name: None if name in hidden else value for name, value in hashed(entry).items()},
        "hash": entry.hash,
        "withheld": hidden,
    }
