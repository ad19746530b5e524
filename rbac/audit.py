"""The audit log: one entry for each change and each refused guarded act, chained by hash (design 9; stack.md, trap 4).

A service calls `record` as its last statement. Nothing else writes entries: the database takes only one that follows
the last one and carries its hash, and lets none be changed or deleted.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import User
from rbac.audit_chain import BEFORE_THE_FIRST, UTC_TEXT, Head, hash_of, hashed
from rbac.locks import take_audit_lock
from rbac.models import AuditEntry
from tenancy.models import Tenant

SECRET = re.compile("password|token|secret", re.IGNORECASE)
CLOCK_AND_LAST = f"""
    SELECT {UTC_TEXT % {"expressions": "clock_timestamp()"}}, last.id, last.hash FROM (VALUES (0)) AS always
    LEFT JOIN (SELECT id, hash FROM rbac_auditentry ORDER BY id DESC LIMIT 1) AS last ON true
"""  # noqa: S608  no part of it comes from outside

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where; an argument of every service, never a global (safety 20)."""

    user: User | None
    impersonator: User | None = None
    request_id: str = ""
    address: str = ""
    browser: str = ""


OPEN_NOUNS = frozenset({"agent", "computer", "door", "license", "script", "software", "tag", "tenant"})
"""What somebody who acts as another may act on: everything else is about people, or would go on in their name."""


def is_barred(actor: Actor, action: str) -> bool:
    """Whether nobody does this as somebody else. A refusal is told of everything."""
    noun, _, past = action.partition(".")
    return actor.impersonator is not None and noun not in OPEN_NOUNS and past != "refused"


SYSTEM = Actor(None)
"""The shell, migrations and jobs of the system itself."""


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
    ValueError for a float, and for a key that names a secret; PermissionDenied for what nobody does as somebody else.
    """
    if is_barred(actor, action):
        raise PermissionDenied(f"Nobody does this as somebody else: {action}")
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


def named(rows: Iterable[Model]) -> list[dict[str, Any]]:
    """Rows as an entry names them, so that each is found again by its number and read by its name."""
    return [{"id": row.pk, "name": str(row)} for row in rows]


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
    entry.hash = hash_of(hashed(entry))
    entry.save(force_insert=True)
    transaction.on_commit(partial(_publish, Head(entry.id, entry.hash), entry.action))


def _publish(head: Head, action: str) -> None:
    """Into the log, which is kept elsewhere: what shows later that nothing was cut off or written anew (design 9)."""
    log.info("audit entry written", head=str(head), action=action)


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
