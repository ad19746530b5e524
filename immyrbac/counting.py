"""Counting up to a cap: in whatever order the rows are found soonest, which a list's own order is not."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Any, TypeGuard

from django.db.models import QuerySet
from django.db.models.lookups import Exact, In
from django.db.models.sql import Query
from django.db.models.sql.where import AND, OR, WhereNode

from immyrbac.arrays import looked_up

MOST_WAYS = 4


def counted(rows: QuerySet[Any], most: int) -> int:
    """How many there are, `most` where there are more. The rows must not repeat an object.

    Of *this or that* the planner takes one half of the table to match, and walks it. So each of the two is looked up,
    and what both find is counted once.
    """
    ways = [_found(rows, conditions)[:most] for conditions in _ways(list(_conditions(rows.query.where)))]
    first, *others = ways
    return first.union(*others)[:most].count() if others else first.count()


def _found(rows: QuerySet[Any], conditions: list[Any]) -> QuerySet[Any, Any]:
    found = rows.order_by().values("pk")
    found.query.where = WhereNode(list(map(_looked_up, conditions)), AND)
    return found


def _conditions(where: WhereNode) -> Iterator[Any]:
    """All that must hold, one by one; a choice with one thing left in it is that thing."""
    if where.negated or where.connector != AND:
        left = _alternatives(where)
        yield from _parts(left[0]) if len(left) == 1 else [where]
        return
    for each in where.children:
        if isinstance(each, WhereNode):
            yield from _conditions(each)
        else:
            yield each


def _ways(conditions: list[Any]) -> list[list[Any]]:
    """What must hold, for each alternative of a choice among things that can be looked up; as it is, without one."""
    choices = [each for each in conditions if _is_choice(each)]
    if len(choices) != 1 or any(_is_found_by(each) for each in conditions):
        return [conditions]
    rest = [each for each in conditions if each is not choices[0]]
    return [[*rest, *_parts(way)] for way in _alternatives(choices[0])]


def _alternatives(where: WhereNode) -> list[Any]:
    """What of a choice may find something: unions of scopes start from nothing. None of what is no choice."""
    if where.negated or where.connector != OR:
        return []
    return [each for each in where.children if not any(map(_finds_nothing, _parts(each)))]


def _finds_nothing(condition: Any) -> bool:
    return isinstance(condition, In) and isinstance(condition.rhs, Sized) and not len(condition.rhs)


def _is_choice(condition: Any) -> bool:
    ways = _alternatives(condition) if isinstance(condition, WhereNode) else []
    if not ways:
        return False
    found = all(any(map(_is_found_by, _parts(way))) for way in ways)
    return found and len(ways) <= MOST_WAYS and any(_is_among(part) for way in ways for part in _parts(way))


def _parts(condition: Any) -> list[Any]:
    return list(_conditions(condition)) if isinstance(condition, WhereNode) else [condition]


def _is_found_by(condition: Any) -> bool:
    return isinstance(condition, Exact | In)


def _is_among(condition: Any) -> TypeGuard[In[Any]]:
    """Whether it asks for what a sub-select finds."""
    return isinstance(condition, In) and isinstance(condition.rhs, Query)


def _looked_up(condition: Any) -> Any:
    """The same, with what a sub-select finds gone to one by one."""
    return looked_up(condition.lhs, condition.rhs) if _is_among(condition) else condition
