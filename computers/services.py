"""Every change of a computer: each asks its own permission, passes the gate, and is audited (design 6, 9 and 11).

`version` is the computer's `updated_at` as the form was drawn: another one now means that somebody was quicker, which
is told and never overwritten. An act that changes nothing writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from computers.models import Computer, ComputerPerson, ComputerTag
from immyrbac.words import counted
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import ConflictError, Gate, Refused, act
from rbac.moves import Moving
from rbac.permissions import Permission
from tenancy.models import Tag, Tenant

TAKEN = "A computer with this name is already there."


class TagsLostError(Exception):
    """The move would remove these tags, and not those that the form announced."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        super().__init__("These tags are not usable there.")
        self.tags = tags


def edit_computer(
    *, actor: Actor, computer: Computer, version: datetime, name: str, os: str, serial_number: str
) -> Computer:
    with _acting(actor, "computer.edited", computer, Permission.COMPUTERS_MANAGE, version) as (gate, found):
        values = {"name": name.strip(), "os": os.strip(), "serial_number": serial_number.strip()}
        _write(gate, found, **values)
    return found


def write_notes(*, actor: Actor, computer: Computer, version: datetime, notes: str) -> Computer:
    with _acting(actor, "computer.noted", computer, Permission.COMPUTERS_MANAGE_NOTES, version) as (gate, found):
        _write(gate, found, notes=notes.strip())
    return found


def set_computer_type(
    *,
    actor: Actor,
    computer: Computer,
    version: datetime,
    type: str,  # noqa: A002  the column
    shown: str | None = None,
) -> Computer:
    """What kind of device it is: scopes by type cover it or no longer. `shown` is what the actor saw (Gate.showing)."""
    acting = _acting(actor, "computer.type_changed", computer, Permission.COMPUTERS_MANAGE, version)
    with acting as (gate, found), gate.moving(Moving(computers=[found.pk])):
        gate.showing(shown)
        _write(gate, found, type=type)
    return found


def set_computer_tags(
    *, actor: Actor, computer: Computer, version: datetime, tags: Collection[Tag], shown: str | None = None
) -> Computer:
    """Let the computer bear exactly these tags; those that come must be usable here, and seen by the actor.

    `shown` is what the actor saw (Gate.showing).
    """
    acting = _acting(actor, "computer.tagged", computer, Permission.COMPUTERS_MANAGE_TAGS, version)
    with acting as (gate, found):
        gate.showing(shown)
        borne = list(found.tags.all())
        come = [tag for tag in tags if tag not in borne]
        gone = [tag for tag in borne if tag not in tags]
        if come or gone:
            with gate.moving(Moving(computers=[found.pk])):
                _retag(gate, [found], put=come, take=gone)
            said = {"before": {"tags": _named(borne)}, "after": {"tags": _named(tags)}}
            gate.record(target=found, tenant=found.tenant_id, **said)
    return found


def tag_computers(
    *,
    actor: Actor,
    computers: Collection[Computer],
    put: Collection[Tag] = (),
    take: Collection[Tag] = (),
    shown: str | None = None,
) -> int:
    """Put these tags on all of these computers and take those from them; all or none. Returns how many changed.

    `shown` is what the actor saw (Gate.showing).
    """
    label, place = counted(len(computers), "computer"), place_of_entry(computer.tenant_id for computer in computers)
    with act(actor, "computer.tagged", label=label, tenant=place) as gate:
        gate.showing(shown)
        rows = all_of(gate, computers, Permission.COMPUTERS_MANAGE_TAGS)
        with gate.moving(Moving(computers=[computer.pk for computer in rows])):
            changed = _retag(gate, rows, put=put, take=take)
        if changed:
            names = [
                {
                    "id": each.computer.pk,
                    "name": each.computer.name,
                    "put": _named(each.put),
                    "taken": _named(each.taken),
                }
                for each in changed
            ]
            after = {"computers": names, "put": _named(put), "taken": _named(take)}
            place = place_of_entry(each.computer.tenant_id for each in changed)
            gate.record(label=counted(len(changed), "computer"), tenant=place, after=after)
        gate.keeping(*(each.computer for each in changed))
    return len(changed)


def move_computer(
    *,
    actor: Actor,
    computer: Computer,
    version: datetime,
    tenant: Tenant,
    dropping: Collection[Tag] = (),
    shown: str | None = None,
) -> Computer:
    """Give the computer to another tenant; the permission is asked on both. `shown`: what the actor saw (Gate.showing).

    Tags that cannot be used there are removed in the same act. They must be those that were announced to the actor,
    `dropping`: raises TagsLostError where they are not.
    """
    permission = Permission.COMPUTERS_CHANGE_TENANT
    with _acting(actor, "computer.moved", computer, permission, version) as (gate, found):
        gate.showing(shown)
        tenant, source = gate.lock(tenant), found.tenant
        gate.require(permission, tenant)
        lost = list(tags_lost(found, tenant))
        if set(lost) != set(dropping):
            raise TagsLostError(lost)
        if tenant == source:
            return found
        _check(found, {"tenant": tenant})
        borne = list(found.tags.all())
        with gate.moving(Moving(computers=[found.pk])):
            ComputerTag.objects.filter(computer=found, tag__in=lost).delete()
            parted = _part_people(found)
            found.tenant = tenant
            found.save(update_fields=("tenant", "updated_at"))
        kept = [tag for tag in borne if tag not in lost]
        before = {"tenant": str(source), "tags": _named(borne), **parted}
        after = {"tenant": str(tenant), "tags": _named(kept)}
        gate.record(target=found, tenant=place_of_entry([source.pk, tenant.pk]), before=before, after=after)
    return found


def delete_computer(*, actor: Actor, computer: Computer, version: datetime, reason: str) -> None:
    """Take the computer out of every list; whoever may restore it still sees it."""
    with _acting(actor, "computer.deleted", computer, Permission.COMPUTERS_DELETE, version) as (gate, found):
        _stamp(found, Now())
        gate.record(target=found, tenant=found.tenant_id, reason=reason, before={"name": found.name})


def restore_computer(*, actor: Actor, computer: Computer, version: datetime) -> Computer:
    acting = _acting(actor, "computer.restored", computer, Permission.COMPUTERS_DELETE, version, is_deleted=True)
    with acting as (gate, found):
        if _is_taken(found, found.tenant_id, found.name):
            raise ValidationError("A computer with this name is there now. Rename that one first.")
        _stamp(found, None)
        gate.record(target=found, tenant=found.tenant_id, after={"name": found.name})
    return found


def put_name(gate: Gate, computer: Computer, name: str) -> None:
    """Within an act whose entry tells of it: rename the locked computer. Raises ValidationError."""
    gate.require(Permission.COMPUTERS_MANAGE, computer)
    _check(computer, {"name": name})
    computer.name = name
    computer.clean_fields()
    computer.save(update_fields=("name", "updated_at"))


# Which tags


def tags_of(computer: Computer) -> QuerySet[Tag]:
    return computer.tags.all()


def tags_on(computers: Collection[Computer]) -> QuerySet[Tag]:
    """The tags that some of these computers bear."""
    return Tag.objects.filter(computers__in=computers).distinct()


def tags_usable_on(computers: Collection[Computer], tags: QuerySet[Tag]) -> QuerySet[Tag]:
    """Those of these tags that every one of the computers may bear (design 2)."""
    paths = [set(computer.tenant.path) for computer in computers]
    owners = set.intersection(*paths) if paths else set()
    return tags.filter(Q(tenant=None) | Q(tenant__in=owners), removed_at=None)


def offered_tags(computer: Computer, seen: QuerySet[Tag]) -> QuerySet[Tag]:
    """What a form offers for the computer: those of the tags seen that it may bear, and those that it bears."""
    usable = tags_usable_on([computer], seen).order_by().values("pk")
    return Tag.objects.filter(Q(pk__in=usable) | Q(pk__in=tags_of(computer).order_by().values("pk")))


def tags_lost(computer: Computer, tenant: Tenant) -> QuerySet[Tag]:
    """The tags that the computer could not bear in this tenant."""
    return tags_of(computer).exclude(Q(tenant=None) | Q(tenant__in=tenant.path))


# Inside an act


@contextmanager
def _acting(
    actor: Actor,
    action: str,
    computer: Computer,
    permission: Permission,
    version: datetime,
    *,
    is_deleted: bool = False,
) -> Iterator[tuple[Gate, Computer]]:
    """One act on one computer: locked, as the form saw it, and still in the actor's sight when it is done."""
    with act(actor, action, target=computer, tenant=computer.tenant_id) as gate:
        found = gate.lock(computer)
        gate.require(permission, found)
        if found.updated_at != version or (found.deleted_at is not None) != is_deleted:
            raise ConflictError(found)
        yield gate, found
        if found.deleted_at is None:
            gate.keeping(found)


def _part_people(computer: Computer) -> dict[str, Any]:
    """A computer that moves leaves its people: they are of the tenant that it was in. As the entry names them."""
    rows = ComputerPerson.objects.filter(computer=computer)
    people = [row.person for row in rows.select_related("person").order_by("pk")]
    rows.delete()
    return {"persons": named(people)} if people else {}


def _write(gate: Gate, computer: Computer, **values: str) -> None:
    """Write what differs, and record it."""
    before = {name: getattr(computer, name) for name, value in values.items() if getattr(computer, name) != value}
    if not before:
        return
    after = {name: values[name] for name in before}
    _check(computer, after)
    for name, value in after.items():
        setattr(computer, name, value)
    computer.clean_fields()
    computer.save(update_fields=(*after, "updated_at"))
    gate.record(target=computer, tenant=computer.tenant_id, before=before, after=after)


def _check(computer: Computer, after: dict[str, Any]) -> None:
    """The name stays unique where the computer will stand; the access lock keeps it so until the end of the act."""
    tenant = after.get("tenant", computer.tenant)
    field = "tenant" if "tenant" in after else "name"
    if field in after and _is_taken(computer, tenant.pk, after.get("name", computer.name)):
        raise ValidationError({field: TAKEN})


def _is_taken(computer: Computer, tenant_id: int, name: str) -> bool:
    return Computer.objects.live().filter(tenant=tenant_id, name=name).exclude(pk=computer.pk).exists()


def all_of(gate: Gate, computers: Collection[Computer], *permissions: Permission) -> list[Computer]:
    """These computers as they are now, locked, with each of the permissions on every one of them (safety 16)."""
    rows = Computer.objects.live().filter(pk__in=[computer.pk for computer in computers]).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True).select_related("tenant"))
    if gate.access:
        seen = set(gate.access.scope(rows, Computer.VIEW).order_by().values_list("pk", flat=True))
        gate.access.know(found)
        found = [computer for computer in found if computer.pk in seen]
        for computer, permission in product(found, permissions):
            gate.require(permission, computer)
    if len(found) != len({computer.pk for computer in computers}):
        raise Refused(["Some of them are no longer there."])
    return found


class Retagged(NamedTuple):
    """A computer with the tags that came and went."""

    computer: Computer
    put: list[Tag]
    taken: list[Tag]


def _retag(gate: Gate, computers: Sequence[Computer], *, put: Collection[Tag], take: Collection[Tag]) -> list[Retagged]:
    """Put and take tags; returns the computers that changed."""
    for tag in put:
        _require_usable(gate, tag, computers)
    borne = set(
        ComputerTag.objects.filter(computer__in=computers, tag__in=[*put, *take]).values_list("computer_id", "tag_id")
    )
    changed = [
        Retagged(
            computer,
            [tag for tag in put if (computer.pk, tag.pk) not in borne],
            [tag for tag in take if (computer.pk, tag.pk) in borne],
        )
        for computer in computers
    ]
    ComputerTag.objects.filter(computer__in=computers, tag__in=take).delete()
    ComputerTag.objects.bulk_create(
        ComputerTag(computer=each.computer, tag=tag) for each in changed for tag in each.put
    )
    touched = [each for each in changed if each.put or each.taken]
    Computer.objects.filter(pk__in=[each.computer.pk for each in touched]).update(updated_at=Now())
    return touched


def _require_usable(gate: Gate, tag: Tag, computers: Sequence[Computer]) -> None:
    if gate.access and not gate.access.can(Permission.TAGS_VIEW, tag):
        raise Refused(["A tag is no longer there."])
    if tag.removed_at is not None or any(tag.tenant_id not in (None, *computer.tenant.path) for computer in computers):
        raise ValidationError({"tags": f"{tag} can only be used at its owner and below."})


def _stamp(computer: Computer, moment: Any) -> None:
    Computer.objects.filter(pk=computer.pk).update(deleted_at=moment, updated_at=Now())
    computer.refresh_from_db(fields=("deleted_at", "updated_at"))


def _named(tags: Collection[Tag]) -> list[dict[str, Any]]:
    return named(sorted(tags, key=str))
