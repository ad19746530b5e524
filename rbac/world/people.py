"""Users, groups with their members, and roles of a document."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import Group, GroupMembership, Person, User
from accounts.sessions import end_sessions
from rbac.models import Role, RoleAssignment
from rbac.world import writing
from rbac.world.directory import Directory
from rbac.world.values import WorldError
from rbac.world.writing import Count

BY_A_FILE = {"edited_by": None, "edit_reason": "Loaded from a file"}
"""Who made the version of a role that a load changes, and why."""


def put(directory: Directory) -> dict[str, Count]:
    """Write the three lists and who is in which group."""
    counts = {
        "users": _put_users(directory),
        "groups": writing.put(Group.objects.all(), directory.groups, _groups(directory)),
        "roles": writing.put(Role.objects.all(), directory.roles, _roles(directory), on_change=BY_A_FILE),
    }
    _end_memberships_outside_their_owner()
    Person.objects.filter(user__isnull=False).exclude(tenant=F("user__tenant")).update(user=None)
    end_sessions(list(User.objects.filter(Q(is_active=False) | Q(tenant__is_active=False))))
    return counts | {"members": _put_members(directory)}


def _put_users(directory: Directory) -> Count:
    wanted: dict[str, dict[str, Any]] = {
        row["email"]: {key: row[key] for key in ("email", "name", "is_active", "access_expires_at")}
        | {"tenant_id": directory.tenant(row["tenant"], f"{place}.tenant").pk}
        | _password(directory.users.get(row["email"]), row["password"])
        for place, row in directory.rows("users")
    }
    return writing.put(User.objects.all(), directory.users, wanted)


def _password(user: User | None, password: str | None) -> dict[str, str]:
    """The column, where it has to be written: a known user keeps theirs unless the document says another."""
    if user is not None and (password is None or check_password(password, user.password)):
        return {}
    return {"password": make_password(password)}


def _groups(directory: Directory) -> dict[Any, dict[str, Any]]:
    return {
        (row["tenant"], row["name"]): {"name": row["name"], "tenant_id": directory.owner_id(row, place)}
        for place, row in directory.rows("groups")
    }


def _roles(directory: Directory) -> dict[Any, dict[str, Any]]:
    wanted = {}
    for place, row in directory.rows("roles"):
        known = directory.roles.get((row["tenant"], row["name"]))
        if known and known.deny_only != row["deny_only"] and RoleAssignment.objects.filter(role=known).exists():
            raise WorldError(f"{place}.deny_only", "cannot change any more: the role is or was assigned")
        wanted[row["tenant"], row["name"]] = {
            **{key: row[key] for key in ("name", "deny_only", "permissions")},
            "description": row["description"] or "",
            "tenant_id": directory.owner_id(row, place),
        }
    return wanted


def _put_members(directory: Directory) -> Count:
    """Who is not listed leaves; whose end differs leaves and joins anew, as memberships are history."""
    wanted = []
    for place, row in directory.rows("groups"):
        group = directory.groups[row["tenant"], row["name"]]
        for member in row["members"]:
            user = directory.user(member["user"], f"{place}.members")
            if not directory.is_within(user.tenant_id, group.tenant_id):
                raise WorldError(f"{place}.members", f'"{user.email}" has their home outside "{row["tenant"]}"')
            wanted.append((group.pk, user.pk, member["expires_at"]))
    groups = [directory.groups[row["tenant"], row["name"]] for _, row in directory.rows("groups")]
    present = GroupMembership.objects.unended().filter(group__in=groups)
    return writing.put_set(present, ("group_id", "user_id", "expires_at"), wanted, end=_end)


def _end_memberships_outside_their_owner() -> None:
    """Moves of tenants and people end what no longer fits (design 2)."""
    inside = Q(user__tenant__path__contains=[F("group__tenant")])
    _end(GroupMembership.objects.unended().filter(~inside, group__tenant__isnull=False))


def _end(memberships: QuerySet[GroupMembership]) -> None:
    memberships.update(ended_at=Now())
