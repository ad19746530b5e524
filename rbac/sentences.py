"""The assignment sentence: one function for rows, previews, explain, audit, mail and print (guide, "Words")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from computers.models import ComputerScopeKind
from computers.scopes import computer_words
from immyrbac.attaching import attach
from rbac.models import Effect, RoleAssignment
from tenancy.scopes import Word, tenant_words

OPENINGS = {Effect.ALLOW: "May act as ", Effect.DENY: "May not use anything in "}


def sentence(row: RoleAssignment) -> list[Word]:
    """`May act as {role} on {computers} of {tenants}[, from {start}][, until {end}]`, or `May not use anything in ...`.

    Reads role, tenant, tag, computer and computer tag: select them with the row.
    """
    return [
        Word(OPENINGS[Effect(row.effect)]),
        Word(str(row.role), strong=True, target=row.role),
        Word(" on "),
        *computer_words(row),
        Word(" of "),
        *tenant_words(row),
        *moment_words(", from ", row.starts_at),
        *moment_words(", until ", row.expires_at),
    ]


def told(rows: Sequence[RoleAssignment]) -> Sequence[RoleAssignment]:
    """With what a sentence, a mark and a line read besides the row. A query for each model, seven at most."""
    people = attach(rows, "user", "granted_by", "ended_by")
    groups = attach(rows, "group")
    attach([*rows, *people, *groups], "tenant")
    attach(rows, "role")
    attach(rows, "tag", "computer_tag")
    attach(rows, "computer")
    return rows


def place(row: RoleAssignment) -> list[Word]:
    """Where it counts: the tenants, and before them the computers where it is narrowed to some."""
    everywhere = row.computer_scope == ComputerScopeKind.ALL
    return tenant_words(row) if everywhere else [*computer_words(row), Word(" of "), *tenant_words(row)]


SENTENCE_RELATIONS = ("role", "tenant", "tag", "computer", "computer_tag")
"""What `sentence` reads besides the row."""


def plain(words: Iterable[Word]) -> str:
    """The sentence as text."""
    return "".join(word.text for word in words)


def behind_role(text: str, effect: str, role: str) -> str:
    """Of a sentence as text what follows its role: " on servers of Fabrikam, until …"; empty where it is none."""
    opening = f"{OPENINGS.get(Effect(effect), '') if effect in Effect.values else ''}{role}"
    return text.removeprefix(opening) if role and text.startswith(opening) else ""


def moment_words(lead: str, moment: datetime | None) -> list[Word]:
    """A bound, where there is one."""
    if moment is None:
        return []
    return [Word(lead), Word(f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M}", moment=moment)]
