"""The answer to one question as every page and the command tell it: verdict, why, paths, and what would change it."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import NamedTuple

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString

from accounts.models import User
from immyrbac.markup import sentence as marked
from immyrbac.words import counted, date, listed
from rbac.access import Access, Decision, Subject
from rbac.deeds import deed
from rbac.explanation import Break, Path
from rbac.permissions import Permission
from rbac.sentences import sentence
from rbac.stations import Drawing, Lines, governors, standing_words
from rbac.switches import GOVERNING


class Verdict(NamedTuple):
    """`change`: what would turn a no into a yes; empty where it is a yes."""

    kind: str
    title: str
    why: SafeString
    lines: Lines
    change: str

    @property
    def allowed(self) -> bool:
        return self.kind == "allow"

    @property
    def copy(self) -> str:
        """The answer as text."""
        return f"{self.title}. {plain_text(self.why)}"


def verdict_of(reader: Access | None, decision: Decision, person: User, obj: Subject) -> Verdict:
    """The decision about this person and object, as far as this reader may read of it; None is the system."""
    drawing = Drawing(reader, decision, person, obj)
    return Verdict(
        "allow" if decision.allowed else "deny",
        _title(drawing),
        _why(drawing),
        drawing.lines(),
        "" if decision.allowed else _change(drawing),
    )


def plain_text(marked_up: SafeString) -> str:
    return unescape(strip_tags(marked_up))


def _title(drawing: Drawing) -> str:
    who = "you" if drawing.is_own else drawing.person.name
    done = deed(Permission(drawing.decision.permission), drawing.obj)
    return f"Yes, {who} can {done}" if drawing.decision.allowed else f"No, {who} cannot {done}"


def _why(drawing: Drawing) -> SafeString:
    decision, label = drawing.decision, Permission(drawing.decision.permission).label
    if not decision.able:
        return format_html("The account may not act: <b>{}</b>.", standing_words(drawing.person))
    if decision.readable:
        return format_html("Whoever holds <b>{}</b> may read this.", label)
    if decision.deciding:
        return _denied(drawing) if decision.deciding[0].denies else _allowed(drawing)
    return _shared(drawing) if decision.shared else _missed(drawing)


def _missed(drawing: Drawing) -> SafeString:
    """What came nearest, an assignment before a share."""
    decision, label = drawing.decision, Permission(drawing.decision.permission).label
    nearest = _nearest(drawing)
    if nearest is not None and nearest.breaks is not None:
        return format_html("Closest is “{}”, but {}.", marked(sentence(nearest.assignment)), nearest.breaks.label)
    if decision.shares and decision.shares[0].breaks is not None:
        to = "you" if drawing.is_own else drawing.person.name
        return format_html("It alone is shared with {}, but {}.", to, SHARE_BREAKS[decision.shares[0].breaks])
    here = " here" if any(path.breaks != Break.ROLE for path in decision.near_misses) else ""
    who = "you hold" if drawing.is_own else f"{drawing.person.name} holds"
    return format_html("Nothing that {} gives <b>{}</b>{}.", who, label, here)


def _denied(drawing: Drawing) -> SafeString:
    """The deny that won, what it beats, and until when."""
    first, others = drawing.decision.deciding[0], drawing.decision.others
    won = {"allow": len(others), "share": len(drawing.decision.shared)}
    beaten = [counted(number, noun) for noun, number in won.items() if number]
    beats = f"wins over {listed(beaten)}" if beaten else "decides"
    ends = format_html(" It ends on <b>{}</b>.", date(first.ends)) if first.ends else ""
    if not drawing.shows(first):
        return format_html("A <b>deny</b> outside your view {}.", beats)
    return format_html(
        "A <b>deny</b> of <b>{}</b>, {}, {}.{}", first.assignment.role, _given(drawing, first), beats, ends
    )


def _allowed(drawing: Drawing) -> SafeString:
    deciding = drawing.decision.deciding
    seen = [path for path in deciding if drawing.shows(path)]
    match = f"{counted(len(deciding), 'allow')} {'matches' if len(deciding) == 1 else 'match'}"
    ways = listed(list(dict.fromkeys(_given(drawing, path) for path in seen)))
    free = "No deny matches, and no preference suspends it." if _is_governed(drawing) else "No deny matches."
    until = "" if None in (ends := [path.ends for path in deciding]) else f", until {date(max(filter(None, ends)))}"
    return format_html("{}, {}{}. {}", match, ways or "outside your view", until, free)


def _shared(drawing: Drawing) -> SafeString:
    """Exactly this item, and nobody else has it by that."""
    ends = [share.expires_at for share in drawing.decision.shared]
    until = "" if None in ends else f", until {date(max(filter(None, ends)))}"
    to = "you" if drawing.is_own else drawing.person.name
    free = "No deny matches, and no preference suspends it." if _is_governed(drawing) else "No deny matches."
    return format_html("<b>{}</b> alone is shared with {}{}. {}", drawing.obj, to, until, free)


def _given(drawing: Drawing, path: Path) -> str:
    to = "you" if drawing.is_own else drawing.person.name
    return f"through {path.assignment.group}" if path.assignment.group else f"given to {to} directly"


def _is_governed(drawing: Drawing) -> bool:
    return Permission(drawing.decision.permission) in GOVERNING


def _nearest(drawing: Drawing) -> Path | None:
    holding = (path for path in drawing.decision.near_misses if path.breaks != Break.ROLE)
    return next(filter(drawing.shows, holding), None)


def _change(drawing: Drawing) -> str:
    label = Permission(drawing.decision.permission).label
    return barrier_of(drawing) or f"Give a role that holds {label}, at a scope that covers {drawing.obj}."


def barrier_of(drawing: Drawing) -> str:
    """What would turn the no into a yes where more access alone would not, in one or two sentences; or nothing.

    As far as the reader may see what stands in the way.
    """
    decision = drawing.decision
    if not decision.able:
        return "The account has to be able to act again before anything that it holds counts."
    if decision.deciding:
        ends = decision.deciding[0].ends if drawing.shows(decision.deciding[0]) else None
        wait = f", or wait until {date(ends)}" if ends else ""
        return f"End the deny{wait}. Giving another role changes nothing while the deny lives."
    nearest = _nearest(drawing)
    if nearest is not None and nearest.breaks in CHANGES:
        return CHANGES[nearest.breaks](drawing, nearest)
    return ""


SHARE_BREAKS = {each: str(each.label) for each in Break} | {Break.EXPIRED: "the share has expired"}
"""Why a share counts for nothing, as it ends a sentence."""

CHANGES: dict[Break, Callable[[Drawing, Path], str]] = {
    Break.SWITCH: lambda drawing, _: (
        f"{listed(governors(drawing.decision.permission))} decides whether it counts; "
        "a role that the preference keeps counts in any case."
    ),
    Break.MSP_ONLY: lambda *_: "Only somebody whose home tenant is an MSP can use this.",
    Break.STARTS: lambda *_: "Wait until the assignment starts.",
    Break.EXPIRED: lambda *_: "Give the role again, with a later end.",
    Break.MEMBERSHIP: lambda _, path: f"Add them to {path.assignment.group} again, with a later end.",
}
"""What would help where the nearest path breaks; at other breaks a wider assignment would."""
