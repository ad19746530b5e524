"""The page "who can do what" of one computer or tenant in words: rows and cells, and what explains one cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import Group, User
from computers.models import Computer
from immyrbac import markup, words
from immyrbac.filters import Filters
from immyrbac.lists import Choice, Listing, Sort
from immyrbac.searching import holding
from rbac.access import Decision
from rbac.deeds import deed
from rbac.matrix import Matrix, Members, Place, Reaching, State
from rbac.naming import OPERATOR
from rbac.permissions import Permission
from rbac.sentences import plain, sentence
from rbac.verdicts import verdict_of
from tenancy.models import Tenant
from tenancy.scopes import tenant_words

MOST_GROUPS = 50
HEADS: dict[type[Place], dict[Permission, str]] = {
    Computer: {
        Permission.COMPUTERS_VIEW: "See",
        Permission.COMPUTERS_MANAGE: "Edit",
        Permission.COMPUTERS_MANAGE_NOTES: "Notes",
        Permission.COMPUTERS_MANAGE_TAGS: "Tags",
        Permission.COMPUTERS_DELETE: "Delete",
        Permission.COMPUTERS_CHANGE_TENANT: "Move",
    },
    Tenant: {
        Permission.TENANTS_VIEW: "See it",
        Permission.TENANTS_MANAGE: "Manage it",
        Permission.TAGS_MANAGE: "Tags",
        Permission.USERS_VIEW: "See people",
        Permission.USERS_MANAGE: "Manage people",
        Permission.COMPUTERS_VIEW: "See computers",
        Permission.COMPUTERS_MANAGE: "Edit computers",
        Permission.SCRIPTS_MANAGE: "Scripts",
        Permission.AUDIT_VIEW: "Audit log",
    },
}
"""Each action as the head of its column; one without words says its label."""

ROUTES: dict[type[Place], str] = {Computer: "computers:computer", Tenant: "tenancy:tenant"}
"""What the names of the pages of each begin with."""

VERDICTS = {
    State.ALLOW: "may",
    State.DENY: "denied",
    State.SOON: "may, ends within 7 days",
    State.SUSPENDED: "suspended by a switch",
    State.PART: "may, on some of the computers",
    State.NONE: "no assignment gives it",
}


class WhoFilters(Filters):
    q = forms.CharField(required=False, max_length=200)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(holding(self.cleaned_data["q"], "name"))


class WhoListing(Listing[User]):
    nouns = ("person", "people")
    sorts = (Sort("name", "Name"),)


class Cell(NamedTuple):
    state: str
    address: str
    label: str


class Row(NamedTuple):
    """One person or group; `address` is their own page, where there is one that the reader may open."""

    name: str
    address: str
    second: str
    cells: list[Cell]


def address_of(place: Place, page: str, *more: object) -> str:
    return reverse(f"{ROUTES[type(place)]}-{page}", args=[place.pk, *more])


def question(place: Place) -> str:
    return f"Who can do what on {place}" if isinstance(place, Computer) else f"Who can touch {place}"


# The matrix


def matrix_page(matrix: Matrix, listing: WhoListing, *, by_group: bool) -> dict[str, Any]:
    """Groups stand before people on the first page, whoever stays unnamed after them on the last."""
    words_typed = listing.filters.cleaned_data["q"]
    groups = matrix.groups(words_typed, MOST_GROUPS) if by_group and not listing.previous_url else []
    last, heads = not listing.next_url and not words_typed, HEADS[type(matrix.place)]
    return {
        "listing": listing,
        "actions": [(heads.get(each, each.label), each.spec.great_power) for each in matrix.actions],
        "people": [
            *_group_rows(matrix, groups),
            *_person_rows(matrix, listing.rows),
            *(_operator(matrix) if last else ()),
        ],
        "caption": question(matrix.place),
        "nothing": f"No assignment that is live now reaches {matrix.place}.",
        "partly": isinstance(matrix.place, Tenant),
        "views": [
            Choice("By group", address_of(matrix.place, "who"), by_group),
            Choice("By person", address_of(matrix.place, "who-people"), not by_group),
        ],
        "beside": f"people, below {words.counted(len(groups), 'group')}" if groups else "",
        "has_more_groups": len(groups) == MOST_GROUPS,
        "most_groups": MOST_GROUPS,
    }


def _person_rows(matrix: Matrix, users: Sequence[User]) -> Iterator[Row]:
    reaching = matrix.of_people(users)
    visible = matrix.visible(each for found in reaching.values() for each in found)
    matrix.access.know(users)
    for user in users:
        found = reaching.get(user.pk, [])
        page = reverse("accounts:user-detail", args=[user.pk]) if matrix.access.can(User.VIEW, user) else ""
        cells = list(_cells(matrix, user.name, found, "why", user.pk))
        yield Row(user.name, page, _person_words(user, found, visible), cells)


def _group_rows(matrix: Matrix, groups: Sequence[Group]) -> Iterator[Row]:
    reaching = matrix.of_groups(groups)
    members = matrix.members_of([group.pk for group in groups])
    visible = matrix.visible(each for found in reaching.values() for each in found)
    for group in groups:
        found = reaching.get(group.pk, [])
        cells = list(_cells(matrix, group.name, found, "why-group", group.pk))
        yield Row(group.name, "", _group_words(members[group.pk], found, visible), cells)


def _operator(matrix: Matrix) -> Iterator[Row]:
    states = matrix.operator_states()
    if states is not None:
        cells = [Cell(state.value, "", _label(matrix, OPERATOR, p, state)) for p, state in states.items()]
        yield Row(OPERATOR, "", "People outside your view", cells)


def _cells(matrix: Matrix, name: str, found: Sequence[Reaching], route: str, pk: int) -> Iterator[Cell]:
    for permission in matrix.actions:
        state = matrix.state(permission, found)
        address = address_of(matrix.place, route, pk, permission.value)
        yield Cell(state.value, address, _label(matrix, name, permission, state))


def _label(matrix: Matrix, name: str, permission: Permission, state: State) -> str:
    return f"{name} can {deed(permission, matrix.place)}: {VERDICTS[state]}"


def _person_words(user: User, found: Sequence[Reaching], visible: frozenset[int]) -> str:
    """Through what the person comes: an assignment of their own before a group; their home where neither is seen."""
    seen = [each for each in found if each.assignment.pk in visible]
    through = [_role_words(each) for each in seen if each.allows and each.assignment.user_id]
    through += [f"in {each.assignment.group}" for each in seen if each.allows and each.assignment.group_id]
    denied = ", with a deny" if any(not each.allows for each in found) else ""
    return (through[0] if through else str(user.tenant)) + denied


def _group_words(members: Members, found: Sequence[Reaching], visible: frozenset[int]) -> str:
    roles = sorted({str(each.assignment.role) for each in found if each.assignment.pk in visible})
    return ", ".join([words.counted(members.named, "person", "people"), *([words.listed(roles)] if roles else [])])


def _role_words(each: Reaching) -> str:
    until = f", until {words.date(each.ends)}" if each.ends else ""
    return f"{each.assignment.role}, {plain(tenant_words(each.assignment))}{until}"


# One cell, explained


def explained(matrix: Matrix, decision: Decision, person: User, permission: Permission) -> dict[str, Any]:
    verdict = verdict_of(matrix.access, decision, person, matrix.place)
    is_part = matrix.state(permission, matrix.of_people([person]).get(person.pk, [])) == State.PART
    return {
        "note": f"Yes on some computers in {matrix.place}, no on others. Ask about one to see why." if is_part else "",
        "verdict": verdict,
        "title": verdict.title,
        "permission": permission,
        "question": question(matrix.place),
        "back_url": address_of(matrix.place, "who"),
    }


class SentenceRow(NamedTuple):
    """One assignment as `parts/sentence_row.html` shows it."""

    kind: str
    sentence: SafeString
    second: str


def _sentence_row(each: Reaching) -> SentenceRow:
    row = each.assignment
    reason = f": “{row.reason}”" if row.reason else ""
    return SentenceRow(row.effect, markup.sentence(sentence(row)), f"Given {words.date(row.granted_at)}{reason}")


def group_page(matrix: Matrix, group: Group, permission: Permission) -> dict[str, Any]:
    """What the group's own assignments say: sentences, since a path has one person."""
    found = [each for each in matrix.of_groups([group]).get(group.pk, []) if permission in each.permissions]
    state = matrix.state(permission, found)
    visible = matrix.visible(found)
    may = state in (State.ALLOW, State.SOON)
    can = f"Yes, {group} can" if may else f"No, {group} cannot"
    title = f"{can} {deed(permission, matrix.place)}"
    return {
        "verdict": {
            "kind": "allow" if may else "deny",
            "title": title,
            "why": f"{permission.label}: {VERDICTS[state]}.",
            "copy": title,
        },
        "title": title,
        "permission": permission,
        "question": question(matrix.place),
        "back_url": address_of(matrix.place, "who"),
        "rows": [_sentence_row(each) for each in found if each.assignment.pk in visible],
        "is_partial": any(each.assignment.pk not in visible for each in found),
        "members": matrix.members_of([group.pk])[group.pk].named,
    }
