"""The audit log: one entry for each change and each refused guarded act, chained by hash (design 9; stack.md, trap 4).

A service calls `record` as its last statement. Nothing else writes entries: the database takes only one that follows
the last one and carries its hash, and lets none be changed or deleted.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import CharField, F, Func, Model

from accounts.models import User
from rbac.locks import take_audit_lock
from rbac.models import AuditEntry
from tenancy.models import Tenant

BEFORE_THE_FIRST = "0" * 64
HASHED = (
    "id",
    "at",
    "actor_id",
    "impersonator_id",
    "action",
    "target_type",
    "target_id",
    "target_label",
    "tenant_id",
    "reason",
    "before",
    "after",
    "request_id",
    "address",
    "prev_hash",
)
"""All columns but the hash itself. One that comes later goes in only where it is set, or every older hash breaks."""

SECRET = re.compile("password|token|secret", re.IGNORECASE)
UTC_TEXT = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
CLOCK_AND_LAST = f"""
    SELECT {UTC_TEXT % {"expressions": "clock_timestamp()"}}, last.id, last.hash FROM (VALUES (0)) AS always
    LEFT JOIN (SELECT id, hash FROM rbac_auditentry ORDER BY id DESC LIMIT 1) AS last ON true
"""  # noqa: S608  no part of it comes from outside


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where; an argument of every service, never a global (safety 20)."""

    user: User | None
    impersonator: User | None = None
    request_id: str = ""
    address: str = ""


SYSTEM = Actor(None)
"""The shell, migrations and jobs of the system itself."""


class Head(NamedTuple):
    """The last entry at some instant, kept elsewhere: it shows later that the end of the log was not cut off."""

    id: int
    hash: str


def record(
    actor: Actor,
    action: str,
    *,
    target: Model | None = None,
    label: str = "",
    tenant: Tenant | int | None = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry, as the last statement of the act that it tells.

    `action` is a dotted past fact. `tenant` is where the entry is asked about (`place_of_entry`), None the instance.
    `before` and `after` hold what JSON can, dates and sets, but no float: the database would spell it anew. Raises
    ValueError for a float, and for a key that names a secret.
    """
    entry = AuditEntry(
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
    )
    with transaction.atomic(savepoint=False):
        _append(entry)
    return entry


def verify(expected: Head | None = None) -> int | None:
    """Recompute the chain from its beginning and return the id of the first entry that does not hold, or None.

    With a head that was kept elsewhere its id is returned where the chain does not lead through it.
    """
    previous, missing = BEFORE_THE_FIRST, expected
    utc = Func(F("at"), template=UTC_TEXT, output_field=CharField())
    for entry in AuditEntry.objects.order_by("id").values(*HASHED, "hash", utc=utc).iterator(chunk_size=1000):
        head = Head(entry["id"], entry.pop("hash"))
        entry["at"] = entry.pop("utc")
        if entry["prev_hash"] != previous or head.hash != _hash(entry):
            return head.id
        previous = head.hash
        if head == missing:
            missing = None
    return missing.id if missing else None


def is_intact(entry: AuditEntry) -> bool:
    """Whether the entry is what its hash says, and its neighbours in the chain hold to it."""
    at = entry.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    before = AuditEntry.objects.filter(pk=entry.pk - 1).values_list("hash", flat=True).first()
    after = AuditEntry.objects.filter(pk=entry.pk + 1).values_list("prev_hash", flat=True).first()
    return (
        entry.hash == _hash({name: getattr(entry, name) for name in HASHED} | {"at": at})
        and entry.prev_hash == (before or BEFORE_THE_FIRST)
        and after in (None, entry.hash)
    )


def place_of_entry(tenant_ids: Iterable[int | None]) -> int | None:
    """Where an entry is asked about that names things of these tenants (design 3, Objects); None is the instance.

    The tenant if all lies there, else the MSP to which all of them belong, else the instance.
    """
    named = set(tenant_ids)
    if len(named) == 1:
        return named.pop()
    belongs_to = dict(Tenant.objects.filter(id__in=[pk for pk in named if pk]).values_list("id", "msp_id"))
    msps = {belongs_to.get(pk or 0) for pk in named}
    return msps.pop() if len(msps) == 1 else None


def _append(entry: AuditEntry) -> None:
    """Give the entry its place, instant and hash, all inside the lock of the chain, and write it."""
    take_audit_lock()
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_AND_LAST)
        at, last_id, last_hash = cursor.fetchone()
    entry.id = (last_id or 0) + 1
    entry.at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    entry.prev_hash = last_hash or BEFORE_THE_FIRST
    entry.hash = _hash({name: getattr(entry, name) for name in HASHED} | {"at": at})
    entry.save(force_insert=True)


def _hash(fields: Mapping[str, Any]) -> str:
    """SHA-256 of the columns as JSON in one form: keys sorted, no spaces, the instant in UTC to the microsecond."""
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The value as the database will give it back."""
    plain: dict[str, Any] | None = json.loads(
        json.dumps(value, default=_as_json),
        object_pairs_hook=_without_secrets,
        parse_float=_refuse_float,
        parse_constant=_refuse_float,
    )
    return plain


def _as_json(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"The audit log cannot hold a {type(value).__name__}.")


def _without_secrets(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, _ in pairs:
        if SECRET.search(key):
            raise ValueError(f"Secrets never enter the audit log: {key}")
    return dict(pairs)


def _refuse_float(text: str) -> None:
    raise ValueError(f"The database would spell this number anew: {text}")
