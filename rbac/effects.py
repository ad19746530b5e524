"""What an assignment that is being put together will do, as the lines of its preview (guide, "Assignment editor")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from immyrbac.words import counted, instant, listed
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission, Scoping
from rbac.previews import Preview

INERT = (
    (
        Scoping.TENANT,
        "It belongs to a tenant, and this assignment is narrowed to some computers",
        "They belong to a tenant, and this assignment is narrowed to some computers",
    ),
    (
        Scoping.SYSTEM,
        "It belongs to the whole system, and counts only in the scope Owner on all computers",
        "They belong to the whole system, and count only in the scope Owner on all computers",
    ),
)
"""Why a scope leaves permissions of its role without effect: of one, and of several."""


class Line(NamedTuple):
    """As `parts/effects.html` takes it."""

    kind: str
    icon: str
    text: str
    second: str


def lines_of(preview: Preview, draft: RoleAssignment) -> list[Line]:
    """Great power gained or permissions lost; what is inert; what is held already; whether the actor may give it."""
    name = draft.user.name.split()[0] if draft.user else str(draft.group)
    body = _denying(preview, name) if draft.effect == Effect.DENY else _allowing(preview, draft)
    return [*body, *_inert(preview), *_outside_msp(preview, draft), *_held(preview), *_verdict(preview)]


def _allowing(preview: Preview, draft: RoleAssignment) -> Iterator[Line]:
    if preview.great_power:
        asked = "You will be asked to confirm."
        advice = "" if draft.expires_at else " Great power without an end is rarely needed: choose one."
        second = f"{_labels(preview.great_power)}. {asked}{advice}"
        yield Line("gains", "crown", f"Gains great power: {len(preview.great_power)}", second)
    harmless = [permission for permission in preview.gained if not permission.spec.great_power]
    if harmless:
        yield Line("plain", "plus", f"Gains {counted(len(harmless), 'permission')}", f"{_labels(harmless)}.")


def _denying(preview: Preview, name: str) -> Iterator[Line]:
    gone = [each for each in preview.lost if each.value.endswith((":view", ":view_system"))]
    if gone:
        yield Line("loses", "deny", f"{name} will no longer see some of what they see", f"It takes {_labels(gone)}.")
    if preview.lost:
        count = counted(len(preview.lost), "permission")
        yield Line("loses", "deny", f"{name} loses {count}", f"{_labels(preview.lost)}.")
    else:
        yield Line("plain", "check", "Takes nothing that is held today", "It counts for what is given later.")
    yield Line(
        "plain", "info", "Wins over every allow", "Also over one given later. Only ending this deny gives it back."
    )


def _inert(preview: Preview) -> Iterator[Line]:
    if not preview.effective:
        yield Line("warns", "warn", "Nothing of this role counts here", "Choose other computers, or another role.")
    inert = [permission for permission, _ in preview.inert]
    for scoping, one, many in INERT:
        those = [permission for permission in inert if permission.spec.scoping == scoping]
        if those:
            stay, why = ("stays", one) if len(those) == 1 else ("stay", many)
            yield Line(
                "inert", "dots", f"{counted(len(those), 'permission')} {stay} inert here", f"{why}: {_labels(those)}."
            )


def _outside_msp(preview: Preview, draft: RoleAssignment) -> Iterator[Line]:
    """Rule 4 of design 3: it is given, and does nothing until the person's home is an MSP."""
    sleeping = [permission for permission in preview.effective if permission.spec.msp_only]
    if sleeping and draft.effect == Effect.ALLOW and draft.user is not None and not draft.user.tenant.is_msp:
        text = f"{counted(len(sleeping), 'permission')} only for users of an MSP"
        yield Line("inert", "dots", text, f"{draft.user.tenant} is none, so they do nothing: {_labels(sleeping)}.")


def _held(preview: Preview) -> Iterator[Line]:
    if preview.held:
        every = len(preview.held) == len(preview.effective)
        text = "Everything is already held" if every else f"{counted(len(preview.held), 'permission')} already held"
        yield Line("plain", "check", text, "" if every else f"{_labels(preview.held)}.")


def _verdict(preview: Preview) -> Iterator[Line]:
    for objection in preview.objections:
        yield Line("loses", "lock", "You may not give this", objection)
    if not preview.objections:
        until = f"You hold it until {instant(preview.latest_end)}." if preview.latest_end else ""
        yield Line("fine", "check", "You may give this", until)


def _labels(permissions: Iterable[Permission]) -> str:
    return listed([permission.label for permission in permissions], limit=5)
