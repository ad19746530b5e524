"""The audit log: one entry for each change and each refused guarded act, chained by hash (design 9)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from accounts.models import User
from rbac.locks import take_audit_lock
from rbac.models import AuditEntry
from tenancy.models import Tenant

GENESIS = "0" * 64
SECRETS = ("password", "token", "secret")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, from where; an argument of every service, never a global (safety 20)."""

    user: User | None
    impersonator: User | None = None
    request_id: str = ""
    address: str = ""


SYSTEM = Actor(None)
"""The shell, migrations and jobs of the system itself."""


def record(
    actor: Actor,
    action: str,
    *,
    target: models.Model | None = None,
    label: str = "",
    tenant: Tenant | int | None = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry, as the last statement of the act that it tells.

    `action` is a dotted past fact. `tenant` is where the entry is asked about (`place_of_entry`). Secrets are refused.
    """
    _refuse_secrets(before)
    _refuse_secrets(after)
    with transaction.atomic():
        take_audit_lock()
        last = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first()
        entry = AuditEntry(
            at=_clock(),
            actor=actor.user,
            impersonator=actor.impersonator,
            action=action,
            target_type="" if target is None else target._meta.model_name or "",
            target_id=None if target is None else target.pk,
            target_label=(label or ("" if target is None else str(target)))[:300],
            tenant_id=tenant.pk if isinstance(tenant, Tenant) else tenant,
            reason=reason,
            before=_plain(before),
            after=_plain(after),
            request_id=actor.request_id,
            address=actor.address,
            prev_hash=last or GENESIS,
        )
        entry.hash = digest(entry)
        entry.save(force_insert=True)
    return entry


def digest(entry: AuditEntry) -> str:
    """SHA-256 over all that the entry says and the hash before it, in one canonical form, times in UTC."""
    said = {
        field.attname: getattr(entry, field.attname)
        for field in AuditEntry._meta.concrete_fields
        if field.attname not in ("id", "hash")
    }
    said["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def place_of_entry(tenant_ids: Iterable[int | None]) -> int | None:
    """Where an entry that names these tenants is asked about (design 3, "Objects").

    The tenant, if all lies there; else the MSP that they all belong to; else the instance, which is None.
    """
    ids = set(tenant_ids)
    if len(ids) == 1:
        return ids.pop()
    if None in ids or not ids:
        return None
    msps = set(Tenant.objects.filter(pk__in=[pk for pk in ids if pk is not None]).values_list("msp_id", flat=True))
    return msps.pop() if len(msps) == 1 else None


def _clock() -> datetime:
    """The database's clock at this moment, not that of the transaction's start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _plain(said: Mapping[str, Any] | None) -> Any:
    """As JSON will give it back, so that the hash of what is read equals that of what was written."""
    return None if said is None else json.loads(json.dumps(said, cls=DjangoJSONEncoder))


def _refuse_secrets(said: Mapping[str, Any] | None) -> None:
    for key in said or ():
        if any(secret in key.lower() for secret in SECRETS):
            raise ValueError(f"{key} must not enter the audit log.")
