"""Many questions in a row, each answered by the present state (design 3, "the clock")."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from django.db.models import Model

from accounts.models import User
from computers.models import Computer
from rbac.access import INSTANCE, Access, access_for
from rbac.explanation import standings_of
from rbac.objects import KINDS, Facts
from rbac.permissions import Permission
from rbac.questions.reasons import reasons
from rbac.questions.references import find, find_users
from rbac.world.files import once

MOST_QUESTIONS, MOST_SECONDS = 500, 5.0
"""How long what was looked up may serve before it is asked again."""


@dataclass(frozen=True, slots=True)
class Question:
    """May this user do this? `object` is a reference; None is the instance."""

    user: str
    permission: str
    object: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`unknown`: the question names something that there is not; the answer is no then."""

    allowed: bool
    reasons: list[str]
    unknown: bool = False

    def as_json(self) -> str:
        return json.dumps({"allowed": self.allowed, "reasons": self.reasons})


class BadQuestionError(Exception):
    """The line is no question; the message says why."""


def parse(line: bytes) -> Question:
    """One JSON object with user, permission and, unless the instance is meant, object."""
    try:
        said = json.loads(line, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise BadQuestionError("not JSON, or a key is written twice") from error
    if not isinstance(said, dict):
        raise BadQuestionError("not a JSON object")
    if unknown := said.keys() - {"user", "permission", "object"}:
        raise BadQuestionError(f"unknown key: {min(unknown)}")
    for key in ("user", "permission"):
        if not isinstance(said.get(key), str):
            raise BadQuestionError(f"{key} must be a text")
    if not isinstance(said.get("object"), str | None):
        raise BadQuestionError("object must be a text, or null for the instance")
    return Question(said["user"], said["permission"], said.get("object"))


def answer(question: Question) -> Answer:
    return _Desk([question]).answer(question)


def answers(lines: Sequence[bytes]) -> Iterator[Answer]:
    """One answer for each line, in their order; a line that is no question gets a no with its reason."""
    asked = [_parsed(line) for line in lines]
    desk: _Desk | None = None
    for number, question in enumerate(asked):
        if isinstance(question, Answer):
            yield question
            continue
        if desk is None or not desk.is_fresh():
            ahead = asked[number : number + MOST_QUESTIONS]
            desk = _Desk([each for each in ahead if isinstance(each, Question)])
        yield desk.answer(question)


def _parsed(line: bytes) -> Question | Answer:
    try:
        return parse(line)
    except BadQuestionError as error:
        return Answer(False, [f"Bad question: {error}."], unknown=True)


class _Desk:
    """Has looked up in bulk what these questions name, and keeps each user's access while it is fresh."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.opened = monotonic()
        self.left = len(questions)
        self.users = find_users({question.user for question in questions})
        self.objects = find({question.object for question in questions if question.object is not None})
        self.accesses: dict[int, Access] = {}
        self.facts = _facts(self.objects.values())
        self.standings = standings_of([user.pk for user in self.users.values()])

    def is_fresh(self) -> bool:
        return self.left > 0 and monotonic() - self.opened < MOST_SECONDS

    def answer(self, question: Question) -> Answer:
        self.left -= 1
        user = self.users.get(question.user)
        subject = INSTANCE if question.object is None else self.objects.get(question.object)
        if user is None:
            return Answer(False, [f'No user "{question.user}".'], unknown=True)
        if question.permission not in Permission:
            return Answer(False, [f'No permission "{question.permission}".'], unknown=True)
        if subject is None:
            return Answer(False, [f'No object "{question.object}".'], unknown=True)
        decision = self._access(user).explain(question.permission, subject)
        return Answer(decision.allowed, reasons(decision, str(subject)))

    def _access(self, user: User) -> Access:
        if user.pk not in self.accesses:
            access = self.accesses[user.pk] = access_for(user)
            access.facts, access.standing = self.facts, self.standings.get(user.pk)
        return self.accesses[user.pk]


def _facts(objects: Collection[Model]) -> Facts:
    """Where all of them stand, in at most two queries."""
    facts = Facts()
    facts.learn_computers(each.pk for each in objects if isinstance(each, Computer))
    ids = (getattr(each, KINDS[type(each)].tenant_id) for each in objects)
    facts.learn_tenants(pk for pk in ids if pk is not None)
    return facts
