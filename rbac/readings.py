"""Questions in words, read by the same words in which pages answer them (guide, "Words"). Pure.

    Who can edit servers of Contoso MSP?        Can Ana Lopez edit WEB-01?        What can Ana Lopez do on WEB-01?

A reading names people and things as they were written; several are possible, since names may hold any word. Whoever
knows the names decides between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from rbac.deeds import ON_ITS_OWN, deed, plain_deed
from rbac.objects import Subject
from rbac.permissions import Permission, Scoping
from rbac.subjects import THE_INSTANCE

Kind = Literal["can", "who", "what"]

MOST_LETTERS = 200
EXAMPLES = ("who can edit computers of Fabrikam", "can Ana Lopez edit WEB-01", "what can I do on WEB-01")

_ALIKE = (("view", "see", "read", "show", "look at"), ("manage", "edit", "change"), ("delete", "remove"))
"""Verbs that mean the same; pages say one of them."""

_CALLED = {"use the terminal": Permission.COMPUTERS_USE_TERMINAL}
"""What people say where neither a verdict nor a label does."""

_CAN = r"(?:can|could|may)"
_CANNOT = r"(?:can|could|may|cannot|can['’]t|can not|may not)"
_AT = r"(?:on|in|for|of|at|within|to)"
_WHO = re.compile(rf"who {_CAN} (?P<deed>.+)", re.IGNORECASE | re.DOTALL)
_WHAT = re.compile(rf"what {_CAN} (?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_DO = re.compile(r" do(?= |$)", re.IGNORECASE)
_WHETHER = re.compile(rf"(?:why )?{_CANNOT} (?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_TELLS = re.compile(r"(?= (can|could|may|cannot|can['’]t) )", re.IGNORECASE)
_TELLS_NOT = re.compile(r"(?= ((?:can|may) not) )", re.IGNORECASE)
"""Found at every space: of two that share one, neither hides the other."""

_OPENING = re.compile(r"(?:yes|no), ", re.IGNORECASE)
_ON = re.compile(rf" {_AT} (?P<on>.+)", re.IGNORECASE | re.DOTALL)


class Reading(NamedTuple):
    """One way to understand it. `person` is empty in "who"; `permission` None in "what"; `on` empty where unsaid.

    `model`: the one kind of thing that the words can be about, where they can be about one alone. `weight`: how much
    of the text is words of ours; more is the better reading.
    """

    kind: Kind
    person: str
    permission: Permission | None
    on: str
    model: type | None = None
    weight: int = 0


class NotUnderstoodError(ValueError):
    """`words` are those which mean nothing here, `after_a_name` where they may begin with whom it is about."""

    def __init__(self, words: str, message: str, *, after_a_name: bool = False) -> None:
        super().__init__(message)
        self.words, self.after_a_name = words, after_a_name


class _Phrase(NamedTuple):
    """Words of a permission: `before` and `after` what they are done to; `joint`: a preposition stands between."""

    before: str
    after: str
    permission: Permission
    model: type | None
    joint: bool


def readings(text: str) -> list[Reading]:
    """Every way to understand the text, the best first. Raises NotUnderstoodError."""
    said = " ".join(text.split())
    found = [each for variant in dict.fromkeys((said.removesuffix("?").rstrip(), said)) for each in _read(variant)]
    if found:
        return sorted(dict.fromkeys(found), key=lambda each: -each.weight)
    raise _not_understood(said)


def words_of(kind: Kind, person: str, permission: Permission | None, on: Subject | None) -> str:
    """The question as it reads; `person` is a name, or "I"."""
    if kind == "what" or permission is None:
        return f"What can {person} do on {on}?"
    done = deed(permission, on)
    return f"Who can {done}?" if kind == "who" else f"Can {person} {done}?"


def _read(said: str) -> Iterator[Reading]:
    said = _OPENING.sub("", said, count=1) if _OPENING.match(said) else said
    if match := _WHO.fullmatch(said):
        yield from _deeds("who", "", match["deed"])
    if match := _WHAT.fullmatch(said):
        yield from _everything(match["rest"])
    if match := _WHETHER.fullmatch(said):
        yield from _somebody(match["rest"])
    for match in (*_TELLS.finditer(said), *_TELLS_NOT.finditer(said)):
        yield from _deeds("can", said[: match.start()], said[match.end(1) + 1 :])


def _everything(rest: str) -> Iterator[Reading]:
    """The person, and what they would do anything on: a name may say "do" as well."""
    for do in _DO.finditer(rest):
        place = rest[do.end() :]
        match = _ON.fullmatch(place)
        if match or not place:
            yield Reading("what", rest[: do.start()], None, match["on"] if match else "")


def _somebody(rest: str) -> Iterator[Reading]:
    """The person and what they may do: the words of a permission begin after any of the spaces."""
    for space in re.finditer(" ", rest):
        yield from _deeds("can", rest[: space.start()], rest[space.end() :])


def _deeds(kind: Kind, person: str, said: str) -> Iterator[Reading]:
    for phrase in _phrases():
        before, after = said[: len(phrase.before)], said[len(said) - len(phrase.after) :]
        if (before.lower(), after.lower()) == (phrase.before, phrase.after):
            on = _on(phrase, said)
            if on is not None:
                weight = len(phrase.before) + len(phrase.after)
                yield Reading(kind, person, phrase.permission, on, phrase.model, weight)


def _on(phrase: _Phrase, said: str) -> str | None:
    """What it is done to; None where the rest of the words is no such thing."""
    rest = said[len(phrase.before) : len(said) - len(phrase.after)]
    if not phrase.joint:
        return rest.strip() or None
    if not rest:
        return THE_INSTANCE if phrase.permission.spec.scoping == Scoping.SYSTEM else ""
    match = _ON.fullmatch(rest)
    return match["on"] if match else None


@cache
def _phrases() -> tuple[_Phrase, ...]:
    """As pages say it first, so that of readings that weigh the same these come before others."""
    said = [_Phrase(plain_deed(permission), "", permission, None, joint=True) for permission in Permission]
    for (permission, model), own in ON_ITS_OWN.items():
        before, _, after = own.partition("{}")
        said.append(_Phrase(before, after, permission, model, joint=False))
    said = [each._replace(before=each.before.lower(), after=each.after.lower()) for each in said]
    alike = [each._replace(before=words) for each in said for words in _alike(each.before)]
    called = [
        _Phrase(words, "", permission, None, joint=True)
        for permission in Permission
        for words in (permission.label.lower(), permission.value)
    ]
    called += [_Phrase(words, "", permission, None, joint=True) for words, permission in _CALLED.items()]
    return tuple(dict.fromkeys([*said, *alike, *called]))


def _alike(words: str) -> Iterator[str]:
    for verbs in _ALIKE:
        for verb in verbs:
            if words.startswith(f"{verb} "):
                yield from (f"{other}{words.removeprefix(verb)}" for other in verbs if other != verb)


def undone(words: str) -> str:
    return f"“{words}” names nothing that somebody may do here."


def _not_understood(said: str) -> NotUnderstoodError:
    if not said:
        return NotUnderstoodError("", "Ask something.")
    for pattern, part in ((_WHO, "deed"), (_WHETHER, "rest")):
        if match := pattern.fullmatch(said.removesuffix("?")):
            return NotUnderstoodError(match[part], undone(match[part]), after_a_name=pattern is _WHETHER)
    return NotUnderstoodError(said, f"“{said}” is no question that can be read here.")
