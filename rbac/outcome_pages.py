"""The part of a form that says what it does to people, before it is done; and whether that was seen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import User
from immyrbac.arrays import any_of
from immyrbac.requests import Request
from rbac.editing import has_typed
from rbac.effects import Line, lines_of_outcome, lines_of_spread
from rbac.estimates import seen_spread
from rbac.models import RoleAssignment
from rbac.outcomes import GREAT, Outcome
from rbac.previews import preview_ending

NAMED = 20
"""So many people are named; how many more there are is said."""


def shown_of(request: Request, phrase: str) -> str:
    """What was shown, as services take it; nothing yet where great power has to be confirmed and was not."""
    shown = request.POST.get("shown", "")
    return "" if shown.endswith(GREAT) and not has_typed(request, phrase) else shown


def outcome_panel(request: Request, outcome: Outcome, phrase: str) -> dict[str, Any]:
    """For `rbac/_outcome.html`. Four queries."""
    seen = request.access.seen(User).filter(any_of("pk", outcome.people))
    people, every = list(seen.order_by("name", "pk")[:NAMED]), set(seen.order_by().values_list("pk", flat=True))
    lines = [*lines_of_outcome(outcome, people, len(every)), *lines_of_seen_spread(request, outcome, every)]
    return {"lines": lines, "beyond": len(every) < len(outcome.people), **seal_of(request, outcome, phrase)}


def lines_of_seen_spread(request: Request, outcome: Outcome, people: Collection[int]) -> list[Line]:
    """On how many tenants and computers that the reader sees these people gain or lose something. Two queries."""
    if not outcome.people:
        return []
    return lines_of_spread(seen_spread(request.access, outcome, people))


def panel_of_ending(request: Request, rows: Collection[RoleAssignment], phrase: str) -> dict[str, Any]:
    """What ending these does, for `rbac/_outcome_beside.html`. They come with user, group and role."""
    return outcome_panel(request, preview_ending(request.access, rows).outcome, phrase)


def seal_of(request: Request, outcome: Outcome, phrase: str) -> dict[str, Any]:
    """For `rbac/_seal.html`, in a form beside what its page says itself. `phrase` is typed where it gives great power.

    `moved`: it was sent as something else.
    """
    again, great = request.POST.get("shown"), bool(outcome.great_power)
    wrong = again == outcome.mark and great and not has_typed(request, phrase)
    return {
        "mark": outcome.mark,
        "phrase": phrase if great else "",
        "typed": request.POST.get("confirmation", ""),
        "error": f"This is not {phrase}." if wrong else "",
        "moved": bool(again) and again != outcome.mark,
    }
