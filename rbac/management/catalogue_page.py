"""The catalogue as a page of `docs/`: `manage.py catalogue --markdown` writes it, a test holds it up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rbac.permissions import Category, Permission, Scoping
from rbac.roles import BUILT_IN_ROLES, BuiltInRole
from rbac.switches import SwitchKey

INTRODUCTION = """\
# Permissions

Every permission that there is, what it needs, which built-in roles hold it, and which switches suspend it. Written by
`script/manage catalogue --markdown` from the code itself; a test fails where the two differ.

A *tenant* permission is asked of a tenant, a *computer* permission of one computer, a *system* permission counts under
scope *owner* on all computers alone. *MSP only*: it counts for users whose home is an MSP. *Great power* can do lasting
harm. *Administrative*: it can raise somebody’s reach. A role that allows holds with each permission what that one
needs.
"""
ASKED = {Scoping.TENANT: "tenant", Scoping.COMPUTER: "computer", Scoping.SYSTEM: "system"}
DEGREES = {Category.VIEW: "View", Category.CORE: "Core", Category.ADVANCED: "Advanced"}


def page() -> str:
    return "\n".join([INTRODUCTION, *_subjects(), *_roles(), *_switches()])


def _subjects() -> Iterator[str]:
    by_subject: defaultdict[str, list[Permission]] = defaultdict(list)
    for permission in Permission:
        by_subject[permission.spec.subject].append(permission)
    for subject, permissions in by_subject.items():
        yield f"## {subject}\n"
        rows = [_row(permission) for permission in sorted(permissions, key=_degree)]
        yield from _table(("Permission", "What it lets somebody do", "Asked of", "Degree", "Marks", "Needs"), rows)


def _degree(permission: Permission) -> int:
    return list(DEGREES).index(permission.spec.category)


def _row(permission: Permission) -> tuple[str, ...]:
    spec = permission.spec
    marks = {
        "MSP only": spec.msp_only,
        "great power": spec.great_power,
        "administrative": spec.administrative,
    }
    return (
        f"{permission.label} `{permission.value}`",
        spec.help_text,
        ASKED[spec.scoping],
        DEGREES[spec.category].lower(),
        ", ".join(mark for mark, is_so in marks.items() if is_so),
        ", ".join(f"`{needed.value}`" for needed in spec.depends_on),
    )


def _roles() -> Iterator[str]:
    yield "## Built-in roles\n"
    yield from (f"- **{role.name}** ({len(role.permissions)}): {role.description}" for role in BUILT_IN_ROLES)
    yield ""
    heads = ("Permission", *(role.name for role in BUILT_IN_ROLES))
    yield from _table(heads, [(f"`{each.value}`", *_held(each, BUILT_IN_ROLES)) for each in Permission])


def _held(permission: Permission, roles: Iterable[BuiltInRole]) -> Iterator[str]:
    return ("yes" if permission in role.permissions else "" for role in roles)


def _switches() -> Iterator[str]:
    yield "## Switches\n"
    heads = ("Switch", "Unless it is set", "What it does", "Suspends, and for which roles not")
    yield from _table(heads, [_switch(key) for key in SwitchKey])


def _switch(key: SwitchKey) -> tuple[str, ...]:
    names = {role.key: role.name for role in BUILT_IN_ROLES}
    suspends = [
        f"while {'on' if each.when else 'off'} {', '.join(f'`{name}`' for name in sorted(each.permissions))}; "
        f"kept by {', '.join(sorted(names[role] for role in each.kept_by)) or 'nobody'}"
        for each in key.spec.suspends
        if each.permissions
    ]
    return key.label, "on" if key.spec.default else "off", key.spec.help_text, "; ".join(suspends)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
    yield ""
