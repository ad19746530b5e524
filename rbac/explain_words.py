"""A question in words, answered with the address that asks it: which people and things the names mean to one reader.

What the reader may not see is not there (safety 4). At most two queries for each kind of thing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from computers.models import Computer, ComputerScopeType
from immyrbac.searching import FEWEST, holding
from rbac.access import INSTANCE, Access, Subject
from rbac.explain_forms import Question, option_of
from rbac.objects import ComputersOf
from rbac.permissions import Permission
from rbac.readings import EXAMPLES, Kind, NotUnderstoodError, Reading, readings, undone, words_of
from rbac.subjects import SUBJECTS, THE_INSTANCE, explain_url, who_url
from tenancy.models import Tenant

MOST_READINGS, MOST_NAMESAKES, MOST_CHOICES = 24, 10, 8

_ONESELF = ("i", "me", "you", "myself")
_TYPES = {kind.label.lower(): kind.value for kind in ComputerScopeType}
_SOME = re.compile(rf"(?P<kind>{'|'.join(map(re.escape, _TYPES))}) (?:of|in|at) (?P<tenant>.+)", re.IGNORECASE)
_ALL = re.compile(r"(?:all )?computers (?:of|in|at) (?P<tenant>.+)", re.IGNORECASE)
_KIND = re.compile(rf"(?P<kind>{'|'.join(SUBJECTS)}|person) (?P<name>.+)", re.IGNORECASE)
_OWNED = re.compile(r" (?:of|in|at) ")


class Choice(NamedTuple):
    words: str
    help: str
    address: str


class Answer(NamedTuple):
    """`address` asks the one question that was meant. Otherwise `error` says what was not understood, or there are
    `choices`, which `guessed` from parts of names; `understood` is as much as was.
    """

    address: str = ""
    choices: tuple[Choice, ...] = ()
    error: str = ""
    understood: Question = Question()
    guessed: bool = False


class _Spot(NamedTuple):
    """What words about a thing may mean: a name of one kind, within a tenant of that name where it says so."""

    model: type[Model]
    name: str
    within: str = ""
    computers: str = ""


class _Asked(NamedTuple):
    reading: Reading
    person: User | None
    on: Subject | None


def answer_words(access: Access, reader: User, text: str) -> Answer:
    try:
        found = readings(text)[:MOST_READINGS]
    except NotUnderstoodError as error:
        return _not_understood(access, reader, error)
    if found[0].kind == "who" and not access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS):
        return Answer(error="Who else can is for those who may ask about others. Ask about yourself: “can I …”.")
    names = _Names(access, reader, found)
    asked = _asked(names, found)
    guessed = asked or _asked(_Names(access, reader, found, in_part=True), found)
    choices = {_address(each, reader): each for each in reversed(guessed)}
    if asked and len(choices) == 1:
        return Answer(address=next(iter(choices)))
    if not choices:
        return _lacking(names, found)
    listed = [_choice(each, address, reader) for address, each in reversed(choices.items())][:MOST_CHOICES]
    return Answer(choices=tuple(listed), understood=_understood(names, guessed[0].reading), guessed=not asked)


def _asked(names: _Names, found: Sequence[Reading]) -> list[_Asked]:
    """Every question that it may be, once."""
    return list(dict.fromkeys(each for reading in found for each in names.asked(reading)))


def words_for(question: Question, reader: User, *, who: bool = False) -> str:
    """A whole question as it reads; empty for half of one."""
    person = "I" if question.user in (None, reader) else str(question.user)
    if question.on is None or (who and question.permission is None):
        return ""
    kind: Kind = "who" if who else "can" if question.permission else "what"
    return words_of(kind, person, question.permission, question.on)


def _address(asked: _Asked, reader: User) -> str:
    reading, person = asked.reading, asked.person or reader
    if reading.kind == "who":
        return who_url(permission=reading.permission or "", on=asked.on)
    if reading.kind == "what" and asked.on is None:
        own = person == reader
        return reverse("accounts:profile-access") if own else reverse("rbac:user-access", args=[person.pk])
    return explain_url(user=person, permission=reading.permission or "", on=asked.on)


def _choice(asked: _Asked, address: str, reader: User) -> Choice:
    """With what tells it from the others: who it is, what it is, and where."""
    reading, person = asked.reading, asked.person
    called = "I" if person in (None, reader) else str(person)
    words = words_of(reading.kind, called, reading.permission, asked.on)
    told = [person.email] if person and person != reader else []
    told += [option_of(asked.on).help] if asked.on else []
    told += [reading.permission.label] if reading.permission else []
    return Choice(words, " · ".join(told), address)


# What was not found


def _not_understood(access: Access, reader: User, error: NotUnderstoodError) -> Answer:
    """The words that mean nothing; without the person before them, where the reader may see who that is."""
    message, person = str(error), None
    if error.after_a_name:
        words = error.words.split(" ")
        heads = [" ".join(words[:length]) for length in range(len(words) - 1, 0, -1)][-MOST_READINGS:]
        names = _Names(access, reader, [Reading("can", head, None, "") for head in heads])
        head = next((head for head in heads if names.people(head)), "")
        if head:
            message = undone(error.words[len(head) + 1 :])
            person = names.people(head)[0] if len(names.people(head)) == 1 else None
    return Answer(error=f"{message} Try “{EXAMPLES[0]}” or “{EXAMPLES[1]}”.", understood=Question(person))


def _lacking(names: _Names, found: Sequence[Reading]) -> Answer:
    """What of the best reading is not there: the person, else the thing."""
    reading = next((each for each in found if not each.person or names.people(each.person)), found[0])
    if reading.person and not names.people(reading.person):
        error = f"There is nobody called “{reading.person}” whom you may see."
    else:
        error = f"There is nothing called “{reading.on}” that you may see and that this could be asked about."
    return Answer(error=error, understood=_understood(names, reading))


def _understood(names: _Names, reading: Reading) -> Question:
    """What is certain, for the form."""
    people = names.people(reading.person) if reading.person else []
    things = names.things(reading)
    return Question(
        people[0] if len(people) == 1 else None,
        reading.permission,
        things[0] if len(things) == 1 else None,
    )


# Names


class _Names:
    """All that the readings name, looked up at once. `in_part`: a name is meant by some of its words as well."""

    def __init__(self, access: Access, reader: User, found: Iterable[Reading], *, in_part: bool = False) -> None:
        self.access, self.reader, self.in_part = access, reader, in_part
        wanted: defaultdict[type[Model], set[str]] = defaultdict(set)
        for reading in found:
            wanted[User].update([reading.person] if reading.person else [])
            for spot in _spots(reading):
                wanted[spot.model].add(spot.name)
        self._found = {model: self._look_up(model, names) for model, names in wanted.items()}

    def asked(self, reading: Reading) -> Iterator[_Asked]:
        people = self.people(reading.person) if reading.person else [None]
        things = self.things(reading) if reading.on else [None]
        yield from (_Asked(reading, person, thing) for person in people for thing in things)

    def people(self, words: str) -> list[User]:
        if words.lower() in _ONESELF:
            return [self.reader]
        rows = self._found.get(User, [])
        return [
            row
            for row in rows
            if isinstance(row, User) and (words.lower() == row.email or self._means(words, row.name))
        ]

    def _means(self, words: str, name: str) -> bool:
        said, called = words.lower(), name.lower()
        return said == called or (self.in_part and len(said) >= FEWEST and f" {said}" in f" {called}")

    def things(self, reading: Reading) -> list[Subject]:
        if reading.on.lower() in (THE_INSTANCE, str(INSTANCE)) and reading.model is None:
            return [INSTANCE]
        found = [thing for spot in _spots(reading) for thing in self._at(spot)]
        if reading.on.lower() in _ONESELF and reading.model in (None, User):
            found.append(self.reader)
        return list(dict.fromkeys(found))

    def _at(self, spot: _Spot) -> Iterator[Subject]:
        for row in self._found.get(spot.model, []):
            home = getattr(row, "tenant", None)
            if not self._means(spot.name, str(row)) or (spot.within and not self._means(spot.within, str(home))):
                continue
            yield ComputersOf(row, spot.computers) if spot.computers and isinstance(row, Tenant) else row

    def _look_up(self, model: type[Model], names: set[str]) -> list[Model]:
        named = Q(pk__in=())
        for name in sorted(names):
            named |= holding(name, "name") if self.in_part and len(name) >= FEWEST else Q(name__iexact=name)
            if model is User and "@" in name:
                named |= Q(email=name.lower())
        rows: QuerySet[Model] = self.access.seen(model).filter(named)
        if model is Computer:
            rows = rows.filter(deleted_at=None)
        if model is User:
            rows = rows.filter(removed_at=None)
        if model is not Tenant:
            rows = rows.select_related("tenant")
        return list(rows.order_by("name", "pk")[: MOST_NAMESAKES * len(names)])


def _spots(reading: Reading) -> Iterator[_Spot]:
    """Every way to read what it is asked about."""
    on, model = reading.on, reading.model
    if not on:
        return
    kinds = list(SUBJECTS.values()) if model is None else [model]
    if (match := _SOME.fullmatch(on)) and Computer in kinds:
        yield _Spot(Tenant, match["tenant"], computers=_TYPES[match["kind"].lower()])
    if (match := _ALL.fullmatch(on)) and Tenant in kinds:
        yield _Spot(Tenant, match["tenant"])
    if match := _KIND.fullmatch(on):
        kind = SUBJECTS.get(match["kind"].lower(), User)
        yield from [_Spot(kind, match["name"])] if kind in kinds else []
    for kind in kinds:
        yield _Spot(kind, on)
        if kind is not Tenant:
            yield from (_Spot(kind, on[: at.start()], on[at.end() :]) for at in _OWNED.finditer(on))
