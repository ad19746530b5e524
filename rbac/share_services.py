"""Sharing one library item with one user, and ending it (design 3, 6 and 9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission as Named
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from computers.models import LibraryItem
from immyrbac.words import date
from rbac.audit import Actor, place_of_entry
from rbac.delegation import act
from rbac.models import SHARES, Share, ShareQuerySet
from rbac.permissions import Permission
from rbac.power import reach_of_share
from rbac.shares import Shared, region_of, shareable

GONE = "This share has ended meanwhile."


def share_item(
    *,
    actor: Actor,
    item: LibraryItem,
    user: User,
    permissions: Collection[Permission],
    expires_at: datetime | None,
    reason: str,
    shown: str | None = None,
) -> None:
    """Share these permissions on this item, and on no other, with this user. `shown` as Gate.showing takes it.

    Raises ValidationError for what nobody could share or what is shared already, `Refused` for what this actor may not.
    """
    with act(actor, "share.given", target=item, tenant=item.tenant_id) as gate:
        gate.showing(shown)
        item, user = gate.lock(item), gate.lock(user)
        gate.require(Permission.SOFTWARE_SHARE, item)
        _check(item, user, permissions, expires_at, reason)
        region = region_of(type(item), item.pk, item.tenant_id)
        said = {
            "content_object": item,
            "user": user,
            "expires_at": expires_at,
            "reason": reason,
            "shared_by": actor.user,
        }
        gate.sharing(reach_of_share(Shared(user.pk, each, expires_at, region)) for each in permissions)
        with gate.touching(users=[user.pk]):
            lapsed = _make_room(item, user, permissions)
            rows = [SHARES[type(item)](permission=each, **said) for each in _named(type(item), permissions)]
            for row in rows:
                row.save(force_insert=True)
        place = place_of_entry({item.tenant_id, user.tenant_id})
        after = {**told(rows), "user": user.name, "expires_at": expires_at}
        gate.record(target=item, tenant=place, reason=reason, before=told(lapsed) or None, after=after)


def end_share(*, actor: Actor, item: LibraryItem, share: int, reason: str, shown: str | None = None) -> None:
    """End this share of the item, by its number, with those of the same user that rest on it.

    `shown` as Gate.showing takes it. Raises ValidationError where it has ended.
    """
    with act(actor, "share.ended", target=item, tenant=item.tenant_id) as gate:
        gate.showing(shown)
        item = gate.lock(item)
        gate.require(Permission.SOFTWARE_SHARE, item)
        if not reason.strip():
            raise ValidationError({"reason": "Say why: the person and their auditors will read it."})
        rows = with_resting(item, share)
        if not rows:
            raise ValidationError(GONE)
        with gate.touching(users=[rows[0].user_id]):
            _end(SHARES[type(item)], rows, actor, reason)
        user = rows[0].user
        place = place_of_entry({item.tenant_id, user.tenant_id})
        gate.record(target=item, tenant=place, reason=reason, before={**told(rows), "user": user.name})


def end_shares_of(user: User, *, actor: Actor, reason: str) -> dict[str, Any]:
    """The bare write, inside the gate of a service that removes the user; it judges, and audits what this describes."""
    ended: dict[str, Any] = {}
    for table in SHARES.values():
        rows = list(table.objects.unended().filter(user=user).told())
        _end(table, rows, actor, reason)
        ended |= told(rows)
    return ended


def with_resting(item: LibraryItem, share: int) -> list[Share]:
    """This unended share and what rests on it for the same user; empty where it has ended."""
    unended = list(SHARES[type(item)].objects.unended().of(item.pk).told())
    found = next((row for row in unended if row.pk == share), None)
    if found is None:
        return []
    rests = [each for each in unended if found.shared in each.shared.spec.depends_on]
    return [found, *(each for each in rests if each.user_id == found.user_id)]


def told(rows: Iterable[Share]) -> dict[str, Any]:
    """Shares as an entry names them, by their kind."""
    said: dict[str, Any] = {}
    for row in rows:
        name = f"{row.shared.label} on {row.item} for {row.user}"
        kind = f"{type(row)._meta.model_name}".replace("share", "_shares")
        said.setdefault(kind, []).append({"id": row.pk, "name": name})
    return said


def shares_going_with(item: LibraryItem) -> dict[str, Any]:
    """What is deleted with the item, ended ones among them, for the entry of its deletion."""
    return told(SHARES[type(item)].objects.of(item.pk).told())


def _check(
    item: LibraryItem, user: User, permissions: Collection[Permission], expires_at: datetime | None, reason: str
) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the person and their auditors will read it."})
    if not permissions or not set(permissions) <= set(shareable(type(item))):
        raise ValidationError({"permissions": "Choose what may be done with it."})
    if user.removed_at is not None:
        raise ValidationError({"user": "This person was removed."})
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "It has to end later than now."})
    live = _codenames(SHARES[type(item)].objects.live().of(item.pk).filter(user=user))
    for permission in permissions:
        rests_on = {each for each in permission.spec.depends_on if each in shareable(type(item))}
        if missing := rests_on - {*permissions, *live}:
            need = missing.pop().label
            raise ValidationError({"permissions": f"{permission.label} rests on {need}: share that as well."})


def _codenames(rows: ShareQuerySet) -> set[str]:
    return set(rows.order_by().values_list("permission__codename", flat=True))


def _make_room(item: LibraryItem, user: User, permissions: Collection[Permission]) -> list[Share]:
    """End expired twins as lapsed. A live one is a ValidationError, so that a double submit makes one thing."""
    table = SHARES[type(item)]
    unended = table.objects.unended().of(item.pk).filter(user=user).told()
    twins = [row for row in unended if row.shared in permissions]
    live = [row for row in twins if row.expires_at is None or row.expires_at > timezone.now()]
    if live:
        until = f" until {date(live[0].expires_at)}" if live[0].expires_at else ""
        label = live[0].shared.label
        raise ValidationError(f"{label} is shared with {user} already{until}. End that first.")
    _end(table, twins, None, "lapsed")
    return twins


def _named(model: type[LibraryItem], permissions: Collection[Permission]) -> list[Named]:
    """The permissions as django-guardian's tables name them."""
    kind = ContentType.objects.get_for_model(model)
    return list(Named.objects.filter(content_type=kind, codename__in=permissions).select_related("content_type"))


def _end(table: type[Share], rows: Collection[Share], actor: Actor | None, reason: str) -> None:
    ended = {"ended_at": Now(), "ended_by": actor.user if actor else None, "end_reason": reason}
    table._default_manager.filter(pk__in=[row.pk for row in rows]).update(**ended)  # noqa: SLF001  of whichever kind
