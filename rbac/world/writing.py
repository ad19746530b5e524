"""How a load writes: what is missing is made, what differs is changed, all in bulk."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

K = TypeVar("K", bound=Hashable)
M = TypeVar("M", bound=Model)

BATCH = 2000


@dataclass
class Count:
    """What became of the rows of one list."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged)


def put(
    rows: QuerySet[M], found: dict[K, M], wanted: Mapping[K, dict[str, Any]], *, on_change: dict[str, Any] | None = None
) -> Count:
    """Bring `found` to the columns that are `wanted`; `on_change` is set beside what differs.

    Afterwards `found` has all that is wanted. Changes are one statement, so that they may pass each other.
    """
    new = {key: rows.model(**columns) for key, columns in wanted.items() if key not in found}
    changed, touched = [], set(on_change or ())
    for key in wanted.keys() - new.keys():
        row, columns = found[key], wanted[key]
        if differing := {name for name, value in columns.items() if getattr(row, name) != value}:
            touched |= differing
            changed.append(row)
            for name, value in {**columns, **(on_change or {})}.items():
                setattr(row, name, value)
    rows.bulk_create(new.values(), batch_size=BATCH)
    if changed:
        rows.bulk_update(changed, sorted(touched))
    found.update(new)
    return Count(len(new), len(changed), len(wanted) - len(new) - len(changed))


def put_set(
    present: QuerySet[M],
    columns: Sequence[str],
    wanted: Iterable[tuple[Any, ...]],
    *,
    end: Callable[[QuerySet[M]], object] = QuerySet.delete,
    identity: int | None = None,
    make: Callable[..., M] | None = None,
) -> Count:
    """Make the rows of `present` be those that are wanted, each known by its columns alone; `end` ends the others.

    With `identity` only those end that share so many first columns with a wanted one. `make` makes one of its columns.
    """
    listed = dict.fromkeys(wanted)
    identities = {key[:identity] for key in listed}
    there = {tuple(key): pk for pk, *key in present.order_by().values_list("pk", *columns)}
    gone = [pk for key, pk in there.items() if key not in listed and (identity is None or key[:identity] in identities)]
    made = make or present.model
    new = [made(**dict(zip(columns, key, strict=True))) for key in listed if key not in there]
    end(present.filter(pk__in=gone))
    present.bulk_create(new, batch_size=BATCH)
    return Count(len(new), len(gone), len(listed) - len(new))
