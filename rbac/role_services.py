"""Custom roles: made, edited, restored, deleted; each act passes the gate (design 5 and 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from rbac.access import INSTANCE
from rbac.audit import Actor, place_of_entry
from rbac.delegation import ConflictError, Gate, act
from rbac.drafts import lapse_expired
from rbac.models import Role, RoleAssignment, RoleVersion
from rbac.permissions import Permission, closure
from rbac.role_ripples import ripple_of
from rbac.roles import RESERVED_NAMES
from rbac.services import is_in_use
from tenancy.models import Tenant

COLUMNS = ("name", "description", "permissions")
"""What an edit changes; the owner and what a role is for never do (docs/decisions/custom-roles.md)."""


def create_role(
    *,
    actor: Actor,
    tenant: Tenant | None,
    name: str,
    permissions: Collection[str],
    description: str = "",
    deny_only: bool = False,
    copied_from: Role | None = None,
) -> Role:
    """A role of the tenant, or a public one where there is none; nobody has it yet, so that nobody gains by it."""
    owner = tenant.pk if tenant else None
    with act(actor, "role.created", label=name, tenant=owner) as gate:
        role = Role(tenant=gate.lock(tenant) if tenant else None, deny_only=deny_only, edited_by=actor.user)
        _require(gate, role)
        _fill(role, name, description, permissions)
        if copied_from is not None:
            gate.require(Permission.ROLES_VIEW, copied_from)
        role.save(force_insert=True)
        gate.keeping(role)
        copied = {"copied_from": str(copied_from)} if copied_from else {}
        after = {**_described(role), "for_denying_only": deny_only, **copied}
        gate.record(target=role, tenant=owner, after=after)
    return role


def edit_role(
    *,
    actor: Actor,
    role: Role,
    version: int,
    name: str,
    description: str,
    permissions: Collection[str],
    reason: str = "",
    expected: str | None = None,
) -> Role:
    """Change what a role is called and holds, for everybody who has it.

    `version` is what the actor saw, `expected` the numbers of the ripple that they were shown. Raises `ConflictError`
    where either is no longer so.
    """
    with _acting(actor, "role.edited", role, version) as (gate, found):
        before = _described(found)
        _fill(found, name, description, permissions)
        _write(gate, found, before, reason, expected)
    return found


def restore_role_version(
    *, actor: Actor, role: Role, number: int, version: int, reason: str = "", expected: str | None = None
) -> Role:
    """Make the role what it was in that version: a new version, which passes the gate as every edit does."""
    with _acting(actor, "role.restored", role, version) as (gate, found):
        former = RoleVersion.objects.filter(role=found, number=number).first()
        if former is None:
            raise ValidationError("There is no such version.")
        before = _described(found)
        _fill(found, former.name, former.description, restored(found, former.permissions))
        _write(gate, found, before, reason, expected, number=number)
    return found


def delete_role(*, actor: Actor, role: Role, version: int, reason: str) -> None:
    """Remove a role that no assignment uses which is not over; its history stays."""
    with _acting(actor, "role.deleted", role, version) as (gate, found):
        lapsed = lapse_expired(role=found.pk)
        if is_in_use(role=found.pk):
            raise ValidationError("Assignments still use this role. End them first.")
        Role.objects.filter(pk=found.pk).update(removed_at=Now())
        before = {**_described(found), "assignments": lapsed}
        gate.record(target=found, tenant=found.tenant_id, reason=reason, before=before)


def restored(role: Role, listed: Collection[str]) -> frozenset[Permission]:
    """What a version that held these holds of today's catalogue, with what that depends on today."""
    known = frozenset(permission for permission in Permission if permission in listed)
    return known if role.deny_only else closure(known)


@contextmanager
def _acting(actor: Actor, action: str, role: Role, version: int) -> Iterator[tuple[Gate, Role]]:
    with act(actor, action, target=role, tenant=role.tenant_id) as gate:
        found = gate.lock(role)
        if found.key is not None:
            raise ValidationError("Built-in roles change with the product alone.")
        _require(gate, found)
        if found.version != version:
            raise ConflictError(found)
        yield gate, found


def _require(gate: Gate, role: Role) -> None:
    """A tenant's role takes *Manage Roles* there, a public one its own permission (design 3, "Objects")."""
    if role.tenant is None:
        gate.require(Permission.ROLES_MANAGE_PUBLIC, INSTANCE)
    else:
        gate.require(Permission.ROLES_MANAGE, role.tenant)


def check_role(role: Role) -> None:
    """Raises ValidationError beside the field for what no custom role may be."""
    if role.name.casefold() in RESERVED_NAMES:
        raise ValidationError({"name": "A built-in role is called so. Choose another name."})
    if not role.deny_only and closure(map(Permission, role.permissions)) != set(role.permissions):
        raise ValidationError({"permissions": "Something that these depend on is missing."})
    role.clean_fields(exclude=("edited_by", "permissions"))
    if Role.objects.live().filter(tenant=role.tenant_id, name=role.name).exclude(pk=role.pk).exists():
        raise ValidationError({"name": "A role with this name is already there."})


def _fill(role: Role, name: str, description: str, permissions: Collection[str]) -> None:
    role.name, role.description = name.strip(), description.strip()
    role.permissions = sorted({Permission(each) for each in permissions if each in Permission})
    if len(role.permissions) < len(set(permissions)):
        raise ValidationError({"permissions": "One of these is no permission."})
    check_role(role)


def _write(gate: Gate, role: Role, before: dict[str, Any], reason: str, expected: str | None, **said: int) -> None:
    """Nothing where nothing changes. Whoever has the role is judged, and told in the entry as it was shown."""
    after = _described(role)
    if after == before:
        return
    moves = after["permissions"] != before["permissions"]
    ripple = ripple_of(gate.access, role, before["permissions"]) if moves and gate.access else None
    if ripple and expected is not None and ripple.expected != expected:
        raise ConflictError(role)
    with gate.touching(*_holders(role) if moves else ((), ())):
        _save(role, gate.actor, reason)
    gate.keeping(role)
    after |= {**said, **(ripple.told() if ripple else {})}
    place = place_of_entry({role.tenant_id, *(ripple.homes if ripple else ())})
    gate.record(target=role, tenant=place, reason=reason, before=before, after=after)


def _save(role: Role, actor: Actor, reason: str) -> None:
    """The version is counted by the database."""
    role.edited_by, role.edit_reason = actor.user, reason
    role.save(update_fields=(*COLUMNS, "edited_by", "edit_reason"))
    role.refresh_from_db(fields=("version", "edited_at"))


def _holders(role: Role) -> tuple[set[int], set[int]]:
    """The users and groups whose assignments of it are not over."""
    rows = list(RoleAssignment.objects.unexpired().filter(role=role).order_by().values_list("user_id", "group_id"))
    return {user for user, _ in rows if user}, {group for _, group in rows if group}


def _described(role: Role) -> dict[str, Any]:
    return {column: getattr(role, column) for column in COLUMNS}
