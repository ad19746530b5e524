"""Licenses: library items of a tenant or of the instance, with a key that is sealed; each reading of it is audited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from computers.library import changing, check, digest_of, making
from computers.models import License, Software
from immyrbac.sealing import seal, unseal
from rbac.audit import Actor
from rbac.delegation import Gate
from rbac.permissions import Permission
from rbac.share_services import shares_going_with
from tenancy.models import Tenant

MANAGE = Permission.LICENSES_MANAGE
LOST = "The SECRET_KEY under which this key was sealed is no longer known to this site. Type the key in anew."
NONE = "It came from a file without its key. Type the key in."
FOREIGN = "A license names software of its own owner, or of the instance."


def create_license(
    *,
    actor: Actor,
    tenant: Tenant | None,
    name: str,
    software: Software | None,
    key: str,
    seats: int | None,
    expires_on: date | None,
    notes: str,
) -> License:
    """A license of the tenant, or of the instance where there is none."""
    made = License(tenant=tenant, name=name.strip(), seats=seats, expires_on=expires_on, notes=notes)
    with making(actor, "license.created", MANAGE, made) as gate:
        made.sealed_key = seal(key)
        _name_software(gate, made, software)
        check(made)
        made.save(force_insert=True)
        gate.record(target=made, tenant=made.tenant_id, after=_described(made))
    return made


def edit_license(
    *,
    actor: Actor,
    license: License,  # noqa: A002  the noun of the design; Python's own is for its prompt
    version: datetime,
    name: str,
    software: Software | None,
    key: str,
    seats: int | None,
    expires_on: date | None,
    notes: str,
) -> License:
    """An empty key leaves the one that is there."""
    with changing(actor, "license.edited", MANAGE, license, version) as (gate, found):
        before = _described(found)
        _name_software(gate, found, software)
        found.name, found.seats, found.expires_on, found.notes = name.strip(), seats, expires_on, notes
        after = _described(found)
        if key:
            found.sealed_key = seal(key)
            after["value"] = "replaced"
        if after != before:
            check(found)
            fields = ("name", "software", "sealed_key", "seats", "expires_on", "notes", "updated_at")
            found.save(update_fields=fields)
            gate.record(target=found, tenant=found.tenant_id, before=before, after=after)
        gate.keeping(found)
    return found


def delete_license(*, actor: Actor, license: License, version: datetime, reason: str) -> None:  # noqa: A002  as above
    with changing(actor, "license.deleted", MANAGE, license, version) as (gate, found):
        target, before = License(pk=found.pk, name=found.name), {**_described(found), **shares_going_with(found)}
        found.delete()
        gate.record(target=target, tenant=found.tenant_id, reason=reason, before=before)


def reveal_license(*, actor: Actor, license: License) -> str:  # noqa: A002  as above
    """The key, told once for each time that it is read. Raises ValidationError where it cannot be opened."""
    with changing(actor, "license.revealed", Permission.LICENSES_DOWNLOAD, license) as (gate, found):
        key = unseal(found.sealed_key)
        if not key:
            raise ValidationError(LOST if key is None else NONE)
        gate.record(target=found, tenant=found.tenant_id)
    return key


def _name_software(gate: Gate, made: License, software: Software | None) -> None:
    """What is newly named must be seen, and be of the same owner or of the instance: others read its name here."""
    if software is not None and software.pk != made.software_id:
        software = gate.lock(software)
        if software.tenant_id not in (None, made.tenant_id):
            raise ValidationError({"software": FOREIGN})
    made.software = software


def _described(made: License) -> dict[str, Any]:
    """What audit says: nothing of the key, not even its hash, and of the notes, which may repeat it, no text."""
    return {
        "name": made.name,
        "software": str(made.software or ""),
        "seats": made.seats,
        "expires_on": made.expires_on,
        "notes": digest_of(made.notes) if made.notes else "",
    }
