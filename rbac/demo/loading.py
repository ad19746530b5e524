"""The demo world into the database."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from rbac.demo import Demo, small
from rbac.demo.crowd import Progress, Size, gather
from rbac.demo.deployments import write_deployments
from rbac.demo.history import live_through
from rbac.demo.library import write_library
from rbac.demo.maintenance import write_sessions
from rbac.demo.persons import write_people
from rbac.demo.schedules import write_schedules
from rbac.world import load
from tenancy.models import Tenant

COMPUTERS = """
UPDATE computers_computer AS computer
SET os = said.os, serial_number = said.serial, notes = said.notes, last_seen_at = said.seen
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS said (slug, name, os, serial, notes, seen)
JOIN tenancy_tenant AS tenant USING (slug)
WHERE computer.tenant_id = tenant.id AND computer.name = said.name
"""
USERS = """
UPDATE accounts_user AS person SET last_seen_at = said.seen
FROM unnest(%s::text[], %s::timestamptz[]) AS said (email, seen) WHERE person.email = said.email
"""


def is_empty() -> bool:
    """Whether nobody has put anything into this instance yet."""
    return not Tenant.objects.exists()


def load_demo(size: Size | None = None, progress: Progress = lambda _: None) -> Demo:
    """Load the small demo world as of now, with the crowd round it that fills it up to the size, if one is given."""
    now = timezone.now().replace(microsecond=0)
    demo = small(now)
    with transaction.atomic():
        load(demo.document, source="the demo world")
        _furnish(demo)
        write_library(timezone.localdate())
        write_deployments()
        write_sessions(now)
        write_people()
        write_schedules(now)
        if size is not None:
            gather(size, now, progress)
    progress("planning ahead ...")
    _plan_ahead("VACUUM (ANALYZE)" if size is not None else "ANALYZE")
    live_through(now)
    return demo


def _plan_ahead(how: str) -> None:
    """Or the first pages would be planned as if the tables were empty, and read from tables what indexes know."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(how)
        cursor.execute("RESET statement_timeout")


def _furnish(demo: Demo) -> None:
    """The columns that a world document has no keys for."""
    machines = [
        (each.row["tenant"], each.row["name"], each.os, each.serial_number, each.notes, each.last_seen_at)
        for each in demo.machines
    ]
    with connection.cursor() as cursor:
        cursor.execute(COMPUTERS, [list(column) for column in zip(*machines, strict=True)])
        cursor.execute(USERS, [list(demo.seen), list(demo.seen.values())])
