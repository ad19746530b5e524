"""Scripts: library items that a tenant or the instance owns. They give no reach, but take authority as all acts do."""

from __future__ import annotations

from datetime import datetime

from computers.library import changing, check, digest_of, making
from computers.models import Script
from rbac.audit import Actor
from rbac.permissions import Permission
from tenancy.models import Tenant

MANAGE = Permission.SCRIPTS_MANAGE


def create_script(*, actor: Actor, tenant: Tenant | None, name: str, body: str) -> Script:
    """A script of the tenant, or of the instance where there is none."""
    script = Script(tenant=tenant, name=name.strip(), body=body)
    with making(actor, "script.created", MANAGE, script) as gate:
        check(script)
        script.save(force_insert=True)
        gate.record(target=script, tenant=script.tenant_id, after=_described(script))
    return script


def edit_script(*, actor: Actor, script: Script, version: datetime, name: str, body: str) -> Script:
    with changing(actor, "script.edited", MANAGE, script, version) as (gate, found):
        before = _described(found)
        found.name, found.body = name.strip(), body
        after = _described(found)
        if after != before:
            check(found)
            found.save(update_fields=("name", "body", "updated_at"))
            gate.record(target=found, tenant=found.tenant_id, before=before, after=after)
        gate.keeping(found)
    return found


def delete_script(*, actor: Actor, script: Script, version: datetime, reason: str) -> None:
    with changing(actor, "script.deleted", MANAGE, script, version) as (gate, found):
        said = {"target": Script(pk=found.pk, name=found.name), "before": _described(found)}
        found.delete()
        gate.record(tenant=found.tenant_id, reason=reason, **said)


def _described(script: Script) -> dict[str, str]:
    return {"name": script.name, "body": digest_of(script.body)}
