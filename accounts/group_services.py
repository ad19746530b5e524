"""Groups and their members; each act passes the gate (design 6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from accounts.models import Group, GroupMembership, User
from immyrbac.versions import check_version
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, Refused, act
from rbac.drafts import lapse_expired
from rbac.offers import to_change_members
from rbac.services import is_in_use
from tenancy.models import Tenant


def create_group(*, actor: Actor, tenant: Tenant | None, name: str, description: str = "") -> Group:
    """A group without members, of a tenant or of the instance."""
    with act(actor, "group.created", label=name, tenant=tenant.pk if tenant else None) as gate:
        tenant = gate.lock(tenant) if tenant else None
        group = Group(tenant=tenant, name=name.strip(), description=description)
        _require(gate, group)
        group.full_clean()
        group.save(force_insert=True)
        gate.keeping(group)
        gate.record(target=group, tenant=group.tenant_id, after={"name": group.name, "description": description})
    return group


def values_of(group: Group) -> dict[str, object]:
    """What a form about the group shows, for its version."""
    return {"name": group.name, "description": group.description}


def edit_group(*, actor: Actor, group: Group, name: str, description: str, version: str | None = None) -> Group:
    """Rename or describe anew; the owner never changes. `version` is that of the values which the actor was shown."""
    with act(actor, "group.edited", target=group, tenant=group.tenant_id) as gate:
        group = gate.lock(group)
        _require(gate, group)
        before, said = values_of(group), {"name": name.strip(), "description": description}
        check_version(version, before, said)
        group.name, group.description = name.strip(), description
        group.full_clean()
        group.save(update_fields=("name", "description"))
        gate.record(target=group, tenant=group.tenant_id, before=before, after=said)
    return group


def remove_group(*, actor: Actor, group: Group, reason: str) -> None:
    """Remove a group that no assignment uses which is not over; its memberships end."""
    with act(actor, "group.removed", target=group, tenant=group.tenant_id) as gate:
        group = gate.lock(group)
        _require(gate, group)
        lapsed = lapse_expired(group=group.pk)
        if is_in_use(group=group.pk):
            raise ValidationError("Assignments still use this group. End them first.")
        left = named(GroupMembership.objects.filter(group=group).end())
        Group.objects.filter(pk=group.pk).update(removed_at=Now())
        before = {"name": group.name, "memberships": left, "assignments": lapsed}
        gate.record(target=group, tenant=group.tenant_id, reason=reason, before=before)


def add_member(
    *,
    actor: Actor,
    group: Group,
    user: User,
    expires_at: datetime | None = None,
    reason: str = "",
    shown: str | None = None,
) -> GroupMembership:
    """Put somebody into the group: all that the group holds reaches them. Their home lies in its owner or below.

    `shown` is what the actor saw (Gate.showing).
    """
    with act(actor, "group.member_added", target=group, tenant=group.tenant_id) as gate:
        gate.showing(shown)
        group, user = gate.lock(group), gate.lock(user)
        with gate.touching(users=[user.pk]):
            membership, over = join(gate, group, user, expires_at)
        place = place_of_entry((group.tenant_id, user.tenant_id))
        after = {"user": user.name, "user_id": user.pk, "expires_at": expires_at, "memberships": named([membership])}
        before = {"memberships": over} if over else None
        gate.record(target=group, tenant=place, reason=reason, before=before, after=after)
    return membership


def join(
    gate: Gate, group: Group, user: User, expires_at: datetime | None
) -> tuple[GroupMembership, list[dict[str, Any]]]:
    """The bare write, inside a gate that touches the user: their membership, and those that were over, as audit says.

    Group and user come locked. Raises ValidationError for who is in it, or may not be.
    """
    _require(gate, group)
    if group.tenant_id is not None and group.tenant_id not in user.tenant.path:
        raise ValidationError({"user": f"{user} does not belong to {group.tenant}."})
    rows = GroupMembership.objects.unended().filter(group=group, user=user)
    over = named(rows.filter(expires_at__lte=Now()).end())
    if rows.exists():
        raise ValidationError({"user": f"{user} is in this group already."})
    added = GroupMembership.objects.create(group=group, user=user, added_by=gate.actor.user, expires_at=expires_at)
    return added, over


def end_memberships(
    *, actor: Actor, group: Group, users: Collection[User], reason: str, shown: str | None = None
) -> int:
    """Take people out of the group, all or none. Leaving by oneself is free. `shown`: what the actor saw."""
    with act(actor, "group.members_removed", target=group, tenant=group.tenant_id) as gate:
        gate.showing(shown)
        people = sorted({user.pk for user in users})
        if actor.user is None or people != [actor.user.pk]:
            group = gate.lock(group)
            _require(gate, group)
        rows = GroupMembership.objects.unended().filter(group=group, user__in=people)
        if rows.count() != len(people):
            raise Refused(["One of these people is no longer in the group."])
        with gate.touching(users=people):
            left = named(rows.end())
        place = place_of_entry((group.tenant_id, *(user.tenant_id for user in users)))
        before = {"users": named(users), "memberships": left}
        gate.record(target=group, tenant=place, reason=reason, before=before)
    return len(people)


def _require(gate: Gate, group: Group) -> None:
    gate.require(*to_change_members(group))
