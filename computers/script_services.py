"""Scripts: library items that a tenant or the instance owns. They give no reach, but take authority as all acts do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError

from computers.models import Script
from immyrbac.words import counted
from rbac.access import INSTANCE
from rbac.audit import Actor
from rbac.delegation import ConflictError, Gate, act
from rbac.permissions import Permission
from tenancy.models import Tenant

TAKEN = "A script with this name is already there."


def create_script(*, actor: Actor, tenant: Tenant | None, name: str, body: str) -> Script:
    """A script of the tenant, or of the instance where there is none."""
    owner = tenant.pk if tenant else None
    with act(actor, "script.created", label=name, tenant=owner) as gate:
        gate.require(Permission.SCRIPTS_MANAGE, gate.lock(tenant) if tenant else INSTANCE)
        script = Script(tenant=tenant, name=name.strip(), body=body)
        _check(script)
        script.save(force_insert=True)
        gate.keeping(script)
        gate.record(target=script, tenant=owner, after=_described(script))
    return script


def edit_script(*, actor: Actor, script: Script, version: datetime, name: str, body: str) -> Script:
    with _acting(actor, "script.edited", script, version) as (gate, found):
        before = _described(found)
        found.name, found.body = name.strip(), body
        after = _described(found)
        if after != before:
            _check(found)
            found.save(update_fields=("name", "body", "updated_at"))
            gate.record(target=found, tenant=found.tenant_id, before=before, after=after)
        gate.keeping(found)
    return found


def delete_script(*, actor: Actor, script: Script, version: datetime, reason: str) -> None:
    with _acting(actor, "script.deleted", script, version) as (gate, found):
        said = {"target": Script(pk=found.pk, name=found.name), "before": _described(found)}
        found.delete()
        gate.record(tenant=found.tenant_id, reason=reason, **said)


@contextmanager
def _acting(actor: Actor, action: str, script: Script, version: datetime) -> Iterator[tuple[Gate, Script]]:
    with act(actor, action, target=script, tenant=script.tenant_id) as gate:
        found = gate.lock(script)
        gate.require(Permission.SCRIPTS_MANAGE, found)
        if found.updated_at != version:
            raise ConflictError(found)
        yield gate, found


def _check(script: Script) -> None:
    script.clean_fields()
    twin = Script.objects.filter(tenant=script.tenant_id, name=script.name).exclude(pk=script.pk)
    if twin.exists():
        raise ValidationError({"name": TAKEN})


def _described(script: Script) -> dict[str, str]:
    """What audit says: of the body its size and hash alone, since scripts may hold what the log must not (design 9)."""
    lines, digest = len(script.body.splitlines()), hashlib.sha256(script.body.encode()).hexdigest()
    return {"name": script.name, "body": f"{counted(lines, 'line')}, SHA-256 {digest[:16]}"}
