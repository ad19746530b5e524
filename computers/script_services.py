"""Scripts: library items that a tenant or the instance owns. They give no reach, but take authority as all acts do."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError

from computers.library import changing, check, digest_of, making
from computers.models import Script, ScriptVersion
from rbac.audit import Actor
from rbac.delegation import Gate
from rbac.permissions import Permission
from rbac.share_services import shares_going_with
from tenancy.models import Tenant

MANAGE = Permission.SCRIPTS_MANAGE
DEPLOYED = "A deployment runs it. Delete that first, or let it run another."
SCHEDULED = "A schedule runs it. Delete that first, or let it run another."
IN_USE = "It is in use outside your view. Ask your provider to take it out of use first."
STANDS = "The script stands like this already."


def create_script(*, actor: Actor, tenant: Tenant | None, name: str, language: str, body: str) -> Script:
    """A script of the tenant, or of the instance where there is none."""
    script = Script(tenant=tenant, name=name.strip(), language=language, body=body, saved_by=actor.user)
    with making(actor, "script.created", MANAGE, script) as gate:
        check(script)
        script.save(force_insert=True)
        gate.record(target=script, tenant=script.tenant_id, after=_described(script))
    return script


def edit_script(*, actor: Actor, script: Script, version: datetime, name: str, language: str, body: str) -> Script:
    """Another text or language makes a new version."""
    with changing(actor, "script.edited", MANAGE, script, version) as (gate, found):
        before = _described(found)
        _write(actor, found, language, body)
        found.name = name.strip()
        after = _described(found)
        if after != before:
            check(found)
            found.save(update_fields=("name", "language", "body", "saved_by", "updated_at"))
            gate.record(target=found, tenant=found.tenant_id, before=before, after=after)
        gate.keeping(found)
    return found


def restore_script_version(*, actor: Actor, script: Script, version: datetime, number: int) -> Script:
    """What it was, as a new version. Raises ValidationError where that is what stands."""
    with changing(actor, "script.restored", MANAGE, script, version) as (gate, found):
        former = ScriptVersion.objects.filter(script=found, number=number).first()
        if former is None or (former.language, former.body) == (found.language, found.body):
            raise ValidationError(STANDS)
        before = _described(found)
        _write(actor, found, former.language, former.body)
        check(found)
        found.save(update_fields=("language", "body", "saved_by", "updated_at"))
        gate.record(target=found, tenant=found.tenant_id, before=before, after={**_described(found), "number": number})
        gate.keeping(found)
    return found


def delete_script(*, actor: Actor, script: Script, version: datetime, reason: str) -> None:
    """Raises ValidationError while a deployment runs it."""
    with changing(actor, "script.deleted", MANAGE, script, version) as (gate, found):
        if found.versions.filter(deployments__isnull=False).exists():
            raise ValidationError(DEPLOYED)
        if found.versions.filter(schedules__isnull=False).exists():
            raise ValidationError(SCHEDULED if _sees_schedules(gate) else IN_USE)
        target, before = Script(pk=found.pk, name=found.name), {**_described(found), **shares_going_with(found)}
        found.delete()
        gate.record(target=target, tenant=found.tenant_id, reason=reason, before=before)


def _sees_schedules(gate: Gate) -> bool:
    """People of tenants never hear of them."""
    return gate.access is None or gate.access.holds(Permission.SCHEDULES_VIEW)


def _write(actor: Actor, script: Script, language: str, body: str) -> None:
    """Whoever changes what would run is its author from then on."""
    if (language, body) != (script.language, script.body):
        script.language, script.body, script.saved_by = language, body, actor.user


def _described(script: Script) -> dict[str, str]:
    return {"name": script.name, "language": script.get_language_display(), "body": digest_of(script.body)}
