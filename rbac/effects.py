"""What an assignment that is being put together will do, as the lines of its preview (guide, "Assignment editor")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from accounts.models import User
from immyrbac.words import counted, instant, listed
from rbac.handovers import Handover
from rbac.models import Effect, RoleAssignment
from rbac.outcomes import Outcome
from rbac.permissions import Permission, Scoping
from rbac.previews import Crowd, Passage, Preview
from rbac.spreads import Spread

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


ASKED = "You will be asked to confirm."


def lines_of(preview: Preview, draft: RoleAssignment) -> list[Line]:
    """What it does to people; whether the actor may give it."""
    return [*foreseen(preview, draft, ASKED), *_verdict(preview, "give this")]


def foreseen(preview: Preview, draft: RoleAssignment, asked: str = "") -> list[Line]:
    """Great power gained or permissions lost; what is inert; what is held already. `asked` is what confirms power."""
    body = _denying(preview, draft) if draft.effect == Effect.DENY else _gains(preview, draft.expires_at, asked)
    sleeping = preview.effective if draft.effect == Effect.ALLOW else []
    crowd = preview.crowd
    if draft.user is not None:
        asleep = _outside_msp(sleeping, draft.user)
    else:
        asleep = _members_outside_msp(sleeping, crowd) if crowd else iter(())
    members = _members(crowd, "lose" if draft.effect == Effect.DENY else "gain") if crowd else ()
    held = _held(preview.held, every=len(preview.held) == len(preview.effective))
    return [*body, *members, *_inert(preview), *asleep, *held]


def lines_of_joining(passage: Passage, user: User, expires_at: datetime | None) -> list[Line]:
    """The same of somebody who comes into a group."""
    return [*lines_of_coming(passage, user, expires_at, ASKED), *_verdict(passage, "add them")]


def lines_of_coming(passage: Passage, user: User, expires_at: datetime | None, asked: str = "") -> list[Line]:
    """Without whether the actor may let them."""
    loss = [_loss(user.name.split()[0], "loses", passage.lost)] if passage.lost else []
    nothing = not (passage.gained or passage.held or passage.lost)
    return [
        *loss,
        *_gains(passage, expires_at, asked),
        *([Line("plain", "info", "The group holds nothing yet", "What it is given later reaches them.")] * nothing),
        *_outside_msp(passage.gained, user),
        *_held(passage.held, every=not passage.gained),
    ]


def lines_of_arrival(passage: Passage, newcomer: User, expires_at: datetime | None) -> list[Line]:
    """The same of somebody who is invited."""
    bare = Line("plain", "info", "They may sign in, and nothing else", "Choose a role or a group, or give it later.")
    return [
        *_gains(passage, expires_at),
        *([bare] * (not passage.gained)),
        *_outside_msp(passage.gained, newcomer),
        *_verdict(passage, "invite them"),
    ]


def line_of_leaving(passage: Passage, user: User) -> Line:
    """What one person loses out of a group, or gains again because a deny no longer reaches them."""
    again = f"Gains {counted(len(passage.gained), 'permission')}: {_labels(passage.gained)}." if passage.gained else ""
    if passage.lost:
        lost = f"Loses {counted(len(passage.lost), 'permission')}: {_labels(passage.lost)}."
        return Line("loses", "deny", user.name, " ".join(filter(None, [lost, again])))
    if again:
        return Line(*(("gains", "crown") if passage.great_power else ("warns", "plus")), user.name, again)
    return Line("plain", "check", user.name, "Loses nothing: they hold all of it otherwise, or there is nothing.")


def lines_of_handover(handover: Handover, people: Iterable[User], user: User) -> list[Line]:
    """What each successor gains, great power first, or loses by a deny, and what ends; then the gate's verdict."""
    great, harmless, nothing = [], [], []
    for person in people:
        gained, lost = (each.get(person.pk, ()) for each in (handover.gained, handover.lost))
        strong, plain = lines_of_person(person.name, gained, lost)
        great += strong
        harmless += plain
        if not (gained or lost):
            nothing.append(
                Line(
                    "plain", "check", f"{person} gains nothing new", "They hold all of it already, or it gives nothing."
                )
            )
    losing = handover.losing
    ends = [counted(len(losing.assignments), "assignment"), counted(len(losing.memberships), "membership")]
    loses = Line("loses", "deny", f"{user} loses everything", f"{' and '.join(ends)} end, and the account is disabled.")
    barred = [Line("loses", "lock", "You may not do this", objection) for objection in handover.objections]
    allowed = (
        [] if barred else [Line("fine", "check", "You may do this", "Activating the account later restores nothing.")]
    )
    return [*great, *harmless, *nothing, loses, *barred, *allowed]


def lines_of_outcome(outcome: Outcome, people: Sequence[User], total: int) -> list[Line]:
    """What each of these people gains or loses, great power first; how many more there are of `total`."""
    great, harmless = [], []
    for person in people:
        strong, plain = lines_of_person(person.name, outcome.gained.get(person.pk, ()), outcome.lost.get(person.pk, ()))
        great += strong
        harmless += plain
    if not outcome.people:
        return [
            Line("plain", "check", "Nobody loses or gains anything", "They hold it otherwise, or nobody has it now.")
        ]
    rest = total - len(people)
    more = [Line("plain", "groups", f"And {counted(rest, 'person', 'people')} more", f"{outcome.sentence} in all.")]
    return [*great, *harmless, *(more if rest else [])]


def lines_of_spread(spread: Spread) -> list[Line]:
    """On how many tenants and computers; none where it is on no tenant."""
    words = str(spread)
    return [Line("plain", "tenants", f"{words[0].upper()}{words[1:]}", "Of those that you may see.")] if words else []


def line_of_log(said: str) -> Line:
    """The very words that the audit entry will keep."""
    second = "Whoever cannot act now is counted as well, and what starts later."
    return Line("plain", "audit", f"The log will say: {said}", second)


def lines_of_person(
    name: str, gained: Sequence[Permission], lost: Sequence[Permission]
) -> tuple[list[Line], list[Line]]:
    """What matters most of one person, great power gained and what is lost; and what else they gain."""
    power = [permission for permission in gained if permission.spec.great_power]
    rest = [permission for permission in gained if permission not in power]
    great = [Line("gains", "crown", f"{name} gains great power: {len(power)}", f"{_labels(power)}.")] if power else []
    plain = [Line("plain", "plus", f"{name} gains {counted(len(rest), 'permission')}", f"{_labels(rest)}.")]
    return [*great, *([_loss(name, "loses", lost)] if lost else [])], plain if rest else []


def _gains(preview: Preview | Passage, expires_at: datetime | None, asked: str = ASKED) -> Iterator[Line]:
    if preview.great_power:
        advice = "" if expires_at else "Great power without an end is rarely needed: choose one."
        second = " ".join(filter(None, [f"{_labels(preview.great_power)}.", asked, advice]))
        yield Line("gains", "crown", f"Gains great power: {len(preview.great_power)}", second)
    harmless = [permission for permission in preview.gained if not permission.spec.great_power]
    if harmless:
        yield Line("plain", "plus", f"Gains {counted(len(harmless), 'permission')}", f"{_labels(harmless)}.")


def _members(crowd: Crowd, verb: str) -> Iterator[Line]:
    """How many of a group's members it touches now; whoever joins later is touched as well."""
    later = "It reaches whoever joins later."
    if not crowd.members:
        yield Line("plain", "groups", "Nobody is in this group now", later)
        return
    of = counted(crowd.members, "member")
    text = f"{crowd.touched:,} of {of} {verb if crowd.touched != 1 else verb + 's'} something"
    others = {"gain": "The others hold all of it already. ", "lose": "The others hold none of it. "}[verb]
    yield Line("plain", "groups", text, later if crowd.touched == crowd.members else others + later)


def _denying(preview: Preview, draft: RoleAssignment) -> Iterator[Line]:
    who, loses = (draft.user.name.split()[0], "loses") if draft.user else ("Members", "lose")
    gone = [each for each in preview.lost if each.value.endswith((":view", ":view_system"))]
    if gone:
        yield Line("loses", "deny", f"{who} will no longer see some of what they see", f"It takes {_labels(gone)}.")
    if preview.lost:
        yield _loss(who, loses, preview.lost)
    else:
        yield Line("plain", "check", "Takes nothing that is held today", "It counts for what is given later.")
    yield Line(
        "plain", "info", "Wins over every allow", "Also over one given later. Only ending this deny gives it back."
    )


def _loss(who: str, loses: str, lost: Sequence[Permission]) -> Line:
    return Line("loses", "deny", f"{who} {loses} {counted(len(lost), 'permission')}", f"{_labels(lost)}.")


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


def _outside_msp(permissions: Iterable[Permission], user: User) -> Iterator[Line]:
    """Rule 4 of design 3: it is given, and does nothing until the person's home is an MSP."""
    sleeping = [permission for permission in permissions if permission.spec.msp_only]
    if sleeping and not user.tenant.is_msp:
        text = f"{counted(len(sleeping), 'permission')} only for users of an MSP"
        yield Line("inert", "dots", text, f"{user.tenant} is none, so they do nothing: {_labels(sleeping)}.")


def _members_outside_msp(permissions: Iterable[Permission], crowd: Crowd) -> Iterator[Line]:
    sleeping = [permission for permission in permissions if permission.spec.msp_only]
    if sleeping and crowd.outside_msp:
        text = f"{counted(len(sleeping), 'permission')} only for users of an MSP"
        whom = counted(crowd.outside_msp, "member")
        yield Line("inert", "dots", text, f"They do nothing for {whom} with another home: {_labels(sleeping)}.")


def _held(held: Sequence[Permission], *, every: bool) -> Iterator[Line]:
    if held:
        text = "Everything is already held" if every else f"{counted(len(held), 'permission')} already held"
        yield Line("plain", "check", text, "" if every else f"{_labels(held)}.")


def _verdict(preview: Preview | Passage, act: str) -> Iterator[Line]:
    for objection in preview.objections:
        yield Line("loses", "lock", f"You may not {act}", objection)
    if not preview.objections:
        until = f"You hold it until {instant(preview.latest_end)}." if preview.latest_end else ""
        yield Line("fine", "check", f"You may {act}", until)


def _labels(permissions: Iterable[Permission]) -> str:
    return listed([permission.label for permission in permissions], limit=5)
