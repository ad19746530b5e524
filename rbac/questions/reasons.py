"""A decision in sentences: what decided, what it overrules, and what came close."""

from __future__ import annotations

from rbac.explanation import Break, Decision, Path
from rbac.permissions import Permission
from rbac.sentences import plain, sentence


def reasons(decision: Decision, subject: str) -> list[str]:
    """One sentence for each path, the deciding ones first; never empty. `subject` is how the object is called."""
    told = [_path(path) for path in decision.deciding]
    told += [f"Overruled: {_path(path)}" for path in decision.others]
    overruled = "Overruled: " if any(path.denies for path in decision.deciding) else ""
    told += [f"{overruled}{subject} alone is shared with them." for _ in decision.shared]
    if decision.readable:
        told.append(f"Whoever holds {Permission(decision.permission).label} may read this.")
    if not decision.allowed:
        told += [
            f"Comes close: it is shared with them: {path.breaks.label}." for path in decision.shares if path.breaks
        ]
        told += [f"Comes close: {_path(path)}" for path in decision.near_misses if path.breaks != Break.ROLE]
    return told or [f"No assignment gives {Permission(decision.permission).label} on {subject}."]


def _path(path: Path) -> str:
    row = path.assignment
    through = f", through the group {row.group}" if row.group else ""
    stops = f": {path.breaks.label}" if path.breaks else ""
    return f"{plain(sentence(row))}{through}{stops}."
