"""Licenses: library items of a tenant or of the instance, with a key that is sealed; each reading of it is audited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from computers.models import License
from immyrbac.sealing import seal, unseal
from immyrbac.words import counted
from rbac.access import INSTANCE
from rbac.audit import Actor
from rbac.delegation import ConflictError, Gate, act
from rbac.permissions import Permission
from tenancy.models import Tenant

TAKEN = "A license with this name is already there."
LOST = "The SECRET_KEY under which this key was sealed is no longer known to this site. Type the key in anew."


def create_license(
    *, actor: Actor, tenant: Tenant | None, name: str, key: str, seats: int | None, expires_on: date | None, notes: str
) -> License:
    """A license of the tenant, or of the instance where there is none."""
    owner = tenant.pk if tenant else None
    with act(actor, "license.created", label=name, tenant=owner) as gate:
        gate.require(Permission.LICENSES_MANAGE, gate.lock(tenant) if tenant else INSTANCE)
        made = License(tenant=tenant, name=name.strip(), seats=seats, expires_on=expires_on, notes=notes)
        made.sealed_key = seal(key)
        _check(made)
        made.save(force_insert=True)
        gate.keeping(made)
        gate.record(target=made, tenant=owner, after=_described(made))
    return made


def edit_license(
    *,
    actor: Actor,
    license: License,  # noqa: A002  the noun of the design; Python's own is for its prompt
    version: datetime,
    name: str,
    key: str,
    seats: int | None,
    expires_on: date | None,
    notes: str,
) -> License:
    """An empty key leaves the one that is there."""
    with _acting(actor, "license.edited", Permission.LICENSES_MANAGE, license, version) as (gate, found):
        before = _described(found)
        found.name, found.seats, found.expires_on, found.notes = name.strip(), seats, expires_on, notes
        after = _described(found)
        if key:
            found.sealed_key = seal(key)
            after["value"] = "replaced"
        if after != before:
            _check(found)
            found.save(update_fields=("name", "sealed_key", "seats", "expires_on", "notes", "updated_at"))
            gate.record(target=found, tenant=found.tenant_id, before=before, after=after)
        gate.keeping(found)
    return found


def delete_license(*, actor: Actor, license: License, version: datetime, reason: str) -> None:  # noqa: A002  as above
    with _acting(actor, "license.deleted", Permission.LICENSES_MANAGE, license, version) as (gate, found):
        said = {"target": License(pk=found.pk, name=found.name), "before": _described(found)}
        found.delete()
        gate.record(tenant=found.tenant_id, reason=reason, **said)


def reveal_license(*, actor: Actor, license: License) -> str:  # noqa: A002  as above
    """The key, told once for each time that it is read. Raises ValidationError where it cannot be opened."""
    with _acting(actor, "license.revealed", Permission.LICENSES_DOWNLOAD, license) as (gate, found):
        key = unseal(found.sealed_key)
        if key is None:
            raise ValidationError(LOST)
        gate.record(target=found, tenant=found.tenant_id)
    return key


@contextmanager
def _acting(
    actor: Actor, action: str, permission: Permission, about: License, version: datetime | None = None
) -> Iterator[tuple[Gate, License]]:
    with act(actor, action, target=about, tenant=about.tenant_id) as gate:
        found = gate.lock(about)
        gate.require(permission, found)
        if version is not None and found.updated_at != version:
            raise ConflictError(found)
        yield gate, found


def _check(made: License) -> None:
    made.clean_fields()
    if License.objects.filter(tenant=made.tenant_id, name=made.name).exclude(pk=made.pk).exists():
        raise ValidationError({"name": TAKEN})


def _described(made: License) -> dict[str, Any]:
    """What audit says: nothing of the key, not even its hash, and of the notes, which may repeat it, no text."""
    lines, digest = len(made.notes.splitlines()), hashlib.sha256(made.notes.encode()).hexdigest()
    notes = f"{counted(lines, 'line')}, SHA-256 {digest[:16]}" if made.notes else ""
    return {"name": made.name, "seats": made.seats, "expires_on": made.expires_on, "notes": notes}
