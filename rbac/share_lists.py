"""Shares as pages show them: those of one item, and those of one person."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import User
from computers.models import LibraryItem
from immyrbac import words
from immyrbac.markup import sentence
from immyrbac.words import Status, lifetime
from rbac.access import Access, access_for
from rbac.models import SHARES, Share
from rbac.naming import name_for
from rbac.sentences import moment_words
from tenancy.scopes import Word

Action = tuple[str, str, bool]


class Line(NamedTuple):
    """One share as `parts/sentence_row.html` takes it. `over`: it has ended."""

    sentence: SafeString
    second: str
    status: Status
    over: bool
    action: Action | None = None


class ItemShares(NamedTuple):
    """`beyond`: there are some with people outside the reader's view."""

    live: list[Line]
    over: list[Line]
    beyond: bool


def shares_of_item(access: Access, item: LibraryItem) -> ItemShares:
    """With whom the item is and was shared, as far as the reader may see these people."""
    rows = list(SHARES[type(item)].objects.of(item.pk).told())
    seen = set(access.seen(User).filter(pk__in={row.user_id for row in rows}).values_list("pk", flat=True))
    access.know([row.shared_by for row in rows])
    lines, kind = [], f"computers:{type(item)._meta.model_name}"
    for row in (each for each in rows if each.user_id in seen):
        line = _line(access, row, [Word(row.user.name, strong=True), Word(" has "), *_what(row)])
        end = reverse(f"{kind}-share-end", args=[item.pk, row.pk])
        lines.append(line if line.over else line._replace(action=("End…", end, True)))
    live, over = ([line for line in lines if line.over == gone] for gone in (False, True))
    return ItemShares(live, over, len(lines) < len(rows))


def shares_of_user(reader: Access, user: User) -> list[Line]:
    """What of the library is shared with the user alone, as far as the reader sees the items; one's own all of it.

    Two queries for each kind of item, and one for what counts.
    """
    theirs, lines = access_for(user), []
    rows = [row for table in SHARES.values() for row in table.objects.live().filter(user=user.pk).told()]
    theirs.know([row.item for row in rows])
    reader.know([row.shared_by for row in rows])
    for row in rows if reader.user_id == user.pk else _seen(reader, rows):
        said = [*_what(row), Word(" on "), Word(str(row.item), strong=True), Word(", and on nothing else by this")]
        line = _line(reader, row, said)
        counts = theirs.can(row.shared, row.item)
        lines.append(line if counts else line._replace(status=Status("suspended", "Does not count now")))
    return lines


def _seen(reader: Access, rows: list[Share]) -> list[Share]:
    ids = {model: {row.item.pk for row in rows if type(row.item) is model} for model in SHARES}
    seen = {
        model: set(reader.seen(model).filter(pk__in=each).values_list("pk", flat=True))
        for model, each in ids.items()
        if each
    }
    return [row for row in rows if row.item.pk in seen[type(row.item)]]


def _what(row: Share) -> list[Word]:
    return [Word(row.shared.label, strong=True), *moment_words(", until ", row.expires_at)]


def _line(access: Access, row: Share, said: list[Word]) -> Line:
    giver = name_for(access, row.shared_by, row.item.tenant)
    second, status = (
        f"Shared {words.date(row.shared_at)} by {giver}: {row.reason}",
        lifetime(timezone.now(), None, row.expires_at),
    )
    if row.ended_at is not None:
        status, second = Status("off", "Ended"), f"{second}. Ended {words.date(row.ended_at)}: {row.end_reason}"
    return Line(sentence(said), second, status, row.ended_at is not None)
