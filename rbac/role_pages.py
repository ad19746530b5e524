"""What the pages of roles show: the list, one role, who has it and where, and several beside each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from accounts.models import User
from immyrbac.requests import Request
from immyrbac.widgets import Combobox
from immyrbac.words import counted, listed, number
from rbac.access import INSTANCE, Access
from rbac.models import Role, RoleAssignment
from rbac.naming import name_for
from rbac.permissions import Category, Permission, Scoping
from rbac.role_blocks import Comparison, blocks_of
from rbac.role_changes import Version
from rbac.role_forms import names
from rbac.role_lists import MOST_COMPARED, TYPES, Asked, Compared, owner_of, type_of
from rbac.role_use import (
    NOBODY,
    Holder,
    Reach,
    Suspended,
    Use,
    holders,
    reach_of,
    sees_holders,
    suspended_of,
    uses_of,
    youngest_of,
)
from rbac.sentences import told

FEW = 5
"""So many of those who have a role stand beside it."""


class Kind(NamedTuple):
    """How many roles there are of one type, and the list of them."""

    number: int
    words: str
    address: str


def kinds(access: Access) -> list[Kind]:
    """The first sentence of the list, in pieces. One query."""
    counts = {name: Count("pk", filter=condition) for name, (_, condition) in TYPES.items()}
    found = access.seen(Role).order_by().aggregate(**counts)
    page = reverse("rbac:role-list")
    return [
        Kind(found[name], label.lower(), f"{page}?type={name}") for name, (label, _) in TYPES.items() if found[name]
    ]


class Row(NamedTuple):
    """One line of the list. `great` is how many permissions of great power the role holds."""

    role: Role
    type: str
    owner: str
    great: int
    use: Use
    people_url: str


def rows_of(access: Access, roles: Collection[Role]) -> list[Row]:
    uses = uses_of(access, roles)
    return [
        Row(role, type_of(role), owner_of(role), _great(role), uses.get(role.pk, Use()), people_url(role))
        for role in roles
    ]


def people_url(role: Role) -> str:
    return f"{reverse('accounts:user-list')}?{urlencode({'role': role.pk})}"


def _held(role: Role) -> list[Permission]:
    return [permission for permission in Permission if permission in role.permissions]


GREAT = frozenset(permission for permission in Permission if permission.spec.great_power)


def _great(role: Role) -> int:
    return len(GREAT.intersection(role.permissions))


# One role


class Answer(NamedTuple):
    """What a page about a role says first: what it holds, who has it, and on how much."""

    held: int
    all: int
    people: str = ""
    people_url: str = ""
    where: str = ""


def answer_of(access: Access, role: Role, reach: Reach) -> Answer:
    said = Answer(len(_held(role)), len(Permission))
    if not sees_holders(access) or role.deny_only:
        return said
    if reach.use.people == NOBODY:
        nobody = "nobody" if access.is_total(User.VIEW) else "nobody whom you may see"
        return said._replace(people=nobody)
    where = "every tenant" if reach.tenants is None else reach.tenants.of("tenant")
    people = reach.use.people.of("person", "people")
    return said._replace(people=people, people_url=people_url(role), where=where)


def role_page(request: Request, role: Role) -> dict[str, Any]:
    """What every page about one role shows. The role comes from `roles_listed`."""
    reach = reach_of(request.access, role) if sees_holders(request.access) else Reach()
    return {
        "role": role,
        "reach": reach,
        "answer": answer_of(request.access, role, reach),
        "sees_holders": sees_holders(request.access),
        "sees_all": request.access.is_total(User.VIEW),
        "manages": manages_role(request.access, role),
        "may_create": request.access.holds(Permission.ROLES_MANAGE),
    }


def manages_role(access: Access, role: Role) -> bool:
    """Whether the reader may edit it: a public role takes its own permission, a built-in one nobody's."""
    if role.key is not None:
        return False
    if role.tenant_id is None:
        return access.can(Permission.ROLES_MANAGE_PUBLIC, INSTANCE)
    return access.can(Permission.ROLES_MANAGE, role)


def permissions_page(request: Request, role: Role, asked: Asked) -> dict[str, Any]:
    """The permissions of the role, as they are asked for."""
    suspended = suspended_of(request.access, role)
    said = asked.cleaned_data
    blocks = blocks_of(role, words=said["q"], granted_only=said["granted"], suspended=suspended.words)
    return {
        "role": role,
        "asked": asked,
        "blocks": blocks,
        "announcement": counted(sum(len(entries) for block in blocks for entries in block[3:]), "permission"),
        "suspended": list(dict.fromkeys(suspended.words.values())),
    }


def detail_page(request: Request, role: Role) -> dict[str, Any]:
    """Beside the permissions: how many they are, and a few of those who have them."""
    page = role_page(request, role)
    page |= {"figures": _figures(role)}
    return page | _panel(request.access, role, page["reach"]) if page["sees_holders"] else page


def _figures(role: Role) -> list[tuple[str, str, str, str]]:
    """Rows as `parts/figures.html` takes them."""
    specs = [permission.spec for permission in _held(role)]
    counts = [
        *((str(category.label), sum(spec.category == category for spec in specs)) for category in Category),
        ("Great power", sum(spec.great_power for spec in specs)),
        ("MSP users only", sum(spec.msp_only for spec in specs)),
        ("Inert below Owner", sum(spec.scoping == Scoping.SYSTEM for spec in specs)),
    ]
    granted = f"{reverse('rbac:role-detail', args=[role.pk])}?granted=on"
    first = ("Permissions", number(len(specs)), granted, f"of {number(len(Permission))}")
    return [first, *((caption, number(count), "", "") for caption, count in counts)]


def _panel(access: Access, role: Role, reach: Reach) -> dict[str, Any]:
    youngest = told([*youngest_of(access, role, reach, FEW)])
    page = reverse("rbac:role-holder-list", args=[role.pk])
    people = [] if role.deny_only else [("People", str(reach.use.people), people_url(role), "")]
    return {
        "holders": lines_of(access, youngest, Suspended()),
        "holders_url": page,
        "all_holders": f"All {reach.use.assignments} assignments" if reach.use.assignments.count > FEW else "",
        "use_figures": [
            *people,
            ("To groups", str(reach.to_groups), f"{page}?to=groups", ""),
            ("Denies", str(reach.denies), f"{page}?effect=deny", ""),
        ],
    }


# Who has it, and where


class Line(NamedTuple):
    """One assignment of a role, by whom it is given to and their page; `members` leads to those of a group."""

    holder: Holder
    name: str
    address: str
    second: str
    members: str
    members_url: str


def lines_of(access: Access, rows: Sequence[RoleAssignment], suspended: Suspended) -> list[Line]:
    """These rows, which come with `HOLDER_RELATIONS` or from `told`."""
    return [_line(holder) for holder in holders(access, rows, suspended)]


def _line(holder: Holder) -> Line:
    user, group = holder.row.user, holder.row.group
    if user is not None:
        return Line(holder, user.name, reverse("accounts:user-detail", args=[user.pk]), user.email, "", "")
    members = f"{reverse('accounts:user-list')}?{urlencode({'group': holder.row.group_id or 0})}"
    page = reverse("accounts:group-detail", args=[holder.row.group_id])
    return Line(holder, str(group), page, "", counted(holder.members, "member"), members)


# Versions


class VersionLine(NamedTuple):
    """One version with who made it and why, and what it changed, in words."""

    version: Version
    by: str
    changes: list[str]


def version_lines(access: Access, versions: Sequence[Version]) -> list[VersionLine]:
    makers = [maker for each in versions if (maker := each.row.edited_by) is not None]
    access.know(makers)
    place = versions[0].owner
    return [
        VersionLine(each, "The system" if maker is None else name_for(access, maker, place), _changes(each))
        for each in versions
        for maker in [each.row.edited_by]
    ]


def _changes(version: Version) -> list[str]:
    if version.number == 1:
        return ["Created"]
    said = [
        f"Renamed from {version.renamed}" if version.renamed else "",
        f"Added {names(version.added)}" if version.added else "",
        f"Removed {names(version.removed)}" if version.removed else "",
    ]
    return [each for each in said if each] or ["Described anew"]


def version_page(access: Access, role: Role, version: Version) -> dict[str, Any]:
    """What the role held then, and what is otherwise now."""
    (line,) = version_lines(access, [version])
    then, now = version.permissions, frozenset(role.permissions)
    more, less = ([each for each in Permission if each in side] for side in (then - now, now - then))
    held = Role(permissions=sorted(then), deny_only=role.deny_only)
    return {"role": role, "line": line, "more": more, "less": less, "blocks": blocks_of(held)}


# Several roles


def describe_role(role: Role) -> Mapping[str, object]:
    """What stands beside a role that may be chosen."""
    return {
        "help": role.description,
        "power": _great(role) or "",
        "marks": "deny_only" if role.deny_only else "",
        "count": len(_held(role)),
        "unit": "permissions",
    }


def compare_page(request: Request, form: Compared) -> dict[str, Any]:
    """The pickers; the roles beside each other as soon as there are two."""
    roles: list[Role] = form.cleaned_data["role"]
    context: dict[str, Any] = {"slots": list(_slots(request.access, roles)), "roles": roles}
    if len(roles) < 2:
        return context
    comparison = Comparison(roles)
    every = form.cleaned_data["all"]
    differing, shared = comparison.differing, comparison.shared
    return context | {
        "first_sentence": _compared(differing, shared, len(roles)),
        "names": listed([role.name for role in roles], limit=MOST_COMPARED),
        "only": [(role, number(count)) for role, count in comparison.only()],
        "sides": comparison.sides() if len(roles) == 2 and not every else None,
        "groups": comparison.groups(Permission if every else differing),
        "views": [
            (counted(len(differing), "difference"), _address(roles), not every),
            (f"All {number(len(Permission))}", _address(roles, all="on"), every),
        ],
        "turned": _address(roles[::-1], **({"all": "on"} if every else {})),
    }


def _compared(differing: Sequence[Permission], shared: Sequence[Permission], count: int) -> str:
    held = f"{number(len(shared))} {'is' if len(shared) == 1 else 'are'} held by {'both' if count == 2 else 'all'}"
    if not differing:
        return f"They hold the same {counted(len(shared), 'permission')}."
    return f"They differ in {number(len(differing))} of {counted(len(Permission), 'permission')}; {held}."


def _address(roles: Iterable[Role], **more: str) -> str:
    query = urlencode([*(("role", role.pk) for role in roles), *more.items()])
    return f"{reverse('rbac:role-compare')}?{query}"


class Slot(NamedTuple):
    id: str
    label: str
    picker: str


def _slots(access: Access, chosen: Sequence[Role]) -> Iterator[Slot]:
    """A picker for each role, and one more while there is room; one query for what all of them offer first."""
    first = list(access.seen(Role).order_by("name", "pk")[:20])
    known = {role.pk: role for role in (*chosen, *first)}
    for index in range(min(max(len(chosen) + 1, 2), MOST_COMPARED)):
        role = chosen[index] if index < len(chosen) else None
        picker = Combobox(describe=lambda pk: describe_role(known[pk]), source=reverse("rbac:role-pick"), noun="roles")
        others = {pk: each for pk, each in known.items() if each == role or each not in chosen}
        picker.choices = [("", "Choose a role"), *((pk, each.name) for pk, each in others.items())]
        attrs = {"id": f"compare-{index}", "data-submit": True, "placeholder": "Choose a role"}
        label = f"Role {index + 1}" if role or index < 2 else "One more role"
        yield Slot(f"compare-{index}", label, picker.render("role", role.pk if role else "", attrs))
