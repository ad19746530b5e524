"""Objects by the references of design 10: `computer:slug/NAME`, `tenant:slug`, `user:email`, `group:…`, `role:…`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet

from accounts.models import Group, User, normal_email
from computers.models import Computer, License, Script, Software
from rbac.models import Role
from rbac.world.values import is_storable
from tenancy.models import Tag, Tenant

Rows = Callable[[], QuerySet[Any]]

OWNED: dict[str, Rows] = {
    "group": Group.objects.live,
    "role": Role.objects.all,
    "tag": Tag.objects.live,
    "computer": Computer.objects.live,
    "script": Script.objects.all,
    "license": License.objects.all,
    "software": Software.objects.all,
}
"""What is named within its owner: `NAME` of the instance's, `tenant-slug/NAME` of a tenant's."""

KINDS = ("tenant", "user", *OWNED)


def find(references: Iterable[str]) -> dict[str, Model]:
    """The objects of these references; what there is not, is not in the answer. One query for each kind."""
    names: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for reference in references:
        kind, _, name = reference.partition(":")
        if kind in names and is_storable(name):
            names[kind].add(name)
    found: dict[str, Model] = {
        f"tenant:{tenant.slug}": tenant for tenant in Tenant.objects.filter(slug__in=names["tenant"])
    }
    found |= {f"user:{email}": user for email, user in find_users(names["user"]).items()}
    for kind, rows in OWNED.items():
        found |= {f"{kind}:{name}": row for name, row in _find_owned(rows(), names[kind]).items()}
    return found


def find_users(emails: Iterable[str]) -> dict[str, User]:
    """The users with these addresses, by the address as it was given."""
    given = {email: normal_email(email) for email in emails if is_storable(email)}
    users = {user.email: user for user in User.objects.present().filter(email__in=set(given.values()))}
    return {email: users[normal] for email, normal in given.items() if normal in users}


def _find_owned(rows: QuerySet[Any], references: set[str]) -> dict[str, Model]:
    parted = {reference: reference.rpartition("/") for reference in references}
    owners = {owner for owner, _, _ in parted.values()}
    candidates = rows.filter(
        Q(tenant=None) | Q(tenant__slug__in=owners), name__in={name for _, _, name in parted.values()}
    )
    by_name = {
        f"{row.tenant.slug}/{row.name}" if row.tenant_id else row.name: row
        for row in candidates.select_related("tenant")
    }
    return {reference: by_name[reference] for reference in references if reference in by_name}
