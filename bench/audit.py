"""How long `audit_verify` takes for a million entries, and how much memory.

    script/setup && .venv/bin/python bench/audit.py [--entries 1000000] [--json FILE]

Writes the entries behind those that are there, as the gate writes them, then checks the whole chain against the head;
all of it in one transaction that is rolled back. Bar: a million in 2 minutes. Memory is the growth of this process
while it checks: the entries are streamed, so that it does not depend on how many there are.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
os.environ.setdefault("DJANGO_DEBUG", "1")

from immyrbac.postgres import of_checkout

BAR_SECONDS, BAR_ENTRIES = 120, 1_000_000
SAID = {
    "id": 4711,
    "principal": "Dana Whitfield",
    "sentence": "May act as Field Technician on servers of Contoso MSP and its customers, until Wed 3 Mar 2027, 09:00",
    "role": "Field Technician",
    "effect": "allow",
    "scope": "msp",
    "tenant_id": 12,
    "tag_id": None,
    "include_children": False,
    "computer_scope": "type",
    "computer_id": None,
    "computer_tag_id": None,
    "computer_type": "servers",
    "starts_at": None,
    "expires_at": "2027-03-03T09:00:00+00:00",
}
"""What the entry of a granted assignment says, which is among the longest."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=BAR_ENTRIES)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    wanted = parser.parse_args()
    with of_checkout():
        import django  # noqa: PLC0415  the database's address is known only here
        from django.core.management import call_command  # noqa: PLC0415  likewise

        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        figures = measure(wanted.entries)
    print(
        f"{figures['entries']:,} entries in {figures['seconds']:.1f} s ({figures['cpu_seconds']:.1f} s of processor "
        f"in this process), {figures['per_second']:,} a second, {figures['mib']:.0f} MiB more memory"
    )
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n")
    return figures["seconds"] / figures["entries"] > BAR_SECONDS / BAR_ENTRIES


def measure(entries: int) -> dict[str, Any]:
    """Write, check and roll back; the figures of the check alone."""
    from django.db import connection, transaction  # noqa: PLC0415

    from rbac.audit_chain import verify  # noqa: PLC0415

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("ALTER TABLE rbac_auditentry DISABLE TRIGGER USER")
            head = write(cursor, entries)
            cursor.execute("ANALYZE rbac_auditentry")
        before, began, worked = peak_mib(), time.perf_counter(), time.process_time()
        found = verify([head])
        seconds, cpu, mib = time.perf_counter() - began, time.process_time() - worked, peak_mib() - before
        if found.broken_at is not None:
            raise SystemExit(f"The chain breaks at {found.broken_at}: {found.why}")
        transaction.set_rollback(True)
    return {
        "entries": found.entries,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "per_second": round(found.entries / seconds),
        "mib": mib,
    }


def write(cursor: Any, entries: int) -> Any:
    """Put these many entries behind the last one by COPY, and return the new head."""
    from rbac.audit_chain import HASHED, Head  # noqa: PLC0415

    columns = (*HASHED, "hash")
    cursor.execute("SELECT id, hash FROM rbac_auditentry ORDER BY id DESC LIMIT 1")
    head = Head(*(cursor.fetchone() or (0, "0" * 64)))
    with cursor.copy(f"COPY rbac_auditentry ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows(head, entries):
            copy.write_row([*row.values()])
            head = Head(row["id"], row["hash"])
    return head


def rows(head: Any, entries: int) -> Iterator[dict[str, Any]]:
    """Entries that follow the head, each with its columns as COPY takes them."""
    from rbac.audit_chain import HASHED, hash_of  # noqa: PLC0415

    start, previous = datetime(2031, 1, 1, tzinfo=UTC), head.hash
    for number in range(head.id + 1, head.id + 1 + entries):
        at = start + timedelta(milliseconds=number)
        said = {"before": None, "after": SAID | {"id": number}} if number % 2 else {"before": {}, "after": {"n": 1}}
        fields = {
            "id": number,
            "at": at.replace(tzinfo=None).isoformat(timespec="microseconds"),
            "actor_id": None,
            "impersonator_id": None,
            "action": "role_assignment.granted",
            "target_type": "user",
            "target_id": number % 10_000,
            "target_label": "Dana Whitfield",
            "tenant_id": number % 100,
            "reason": f"INC-{number} cover for the night shift",
            **said,
            "request_id": f"{number:032x}",
            "address": "203.0.113.24",
            "prev_hash": previous,
        }
        previous = hash_of(fields)
        as_text = {key: None if said[key] is None else json.dumps(said[key]) for key in said}
        yield {name: fields[name] for name in HASHED} | as_text | {"at": at, "hash": previous}


def peak_mib() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
