"""What an act really changes, as triggers see it, beside what its audit entry names.

The triggers stand in the test's transaction alone. A row counts as changed where more of it differs than what the
database keeps itself (`Tenant.path`, `msp`) or what nobody decides (when somebody was last seen).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection
from django.db.models import Model

from accounts.models import GroupMembership, Identity, Impersonation, PasswordLink, SavedView
from computers.deployments.models import (
    OF_ONE_TENANT,
    ChangeRequestNote,
    CrossTenantDeployment,
    Deployment,
    DeploymentComputer,
    TenantDeployment,
)
from computers.maintenance.models import Stage
from computers.models import ComputerPerson, ComputerTag, ScriptVersion
from computers.schedules.models import ScheduleRun
from rbac.models import AuditEntry, PendingAssignment, RoleVersion, Switch
from tenancy.models import Branding, TenantPreferences, TenantTag
from tests.source import LABELS

Json = dict[str, Any]


class Row(NamedTuple):
    """A row by the name of its model and what identifies it there: its number, or two of a tag on something."""

    kind: str
    identity: Any


UNTOLD = {
    AuditEntry: "it is the log",
    Deployment: "entries tell of it as one of its two kinds",
    TenantDeployment: "its rows are those of the other kind, below",
    SavedView: "what it says is asked anew of every reader, so that no act on it is audited",
}
"""Models whose rows no entry names, and why. Sessions are told by their number: their keys are secrets."""

DERIVED = ("path", "msp_id", "last_seen_at", "last_login")

IDENTITY: dict[type[Model], Callable[[Json], Row]] = {
    TenantTag: lambda row: Row("tenanttag", (row["tenant_id"], row["tag_id"])),
    ComputerTag: lambda row: Row("computertag", (row["computer_id"], row["tag_id"])),
    ComputerPerson: lambda row: Row("computer", row["computer_id"]),  # who uses it is a part of it
    Identity: lambda row: Row("user", row["user_id"]),  # how they sign in
    PasswordLink: lambda row: Row("user", row["user_id"]),  # a part of the account, as its password is
    PendingAssignment: lambda row: Row("invitation", row["invitation_id"]),  # what it offers is a part of it
    Impersonation: lambda row: Row("user", row["user_id"]),  # told to them, as done to their account
    RoleVersion: lambda row: Row("role", row["role_id"]),  # what the role was, kept by a trigger
    ScriptVersion: lambda row: Row("script", row["script_id"]),  # what the script was, kept by a trigger
    ScheduleRun: lambda row: Row("schedule", row["schedule_id"]),  # what came of it is a part of it
    Stage: lambda row: Row("maintenancesession", row["session_id"]),  # a part of the session
    Switch: lambda row: Row("switch", row["key"]),
    CrossTenantDeployment: lambda row: Row(
        "tenantdeployment" if row["target"] in OF_ONE_TENANT else "crosstenantdeployment", row["id"]
    ),
    ChangeRequestNote: lambda row: Row("changerequest", row["request_id"]),  # what was said is a part of it
    DeploymentComputer: lambda row: Row("tenantdeployment", row["deployment_id"]),
    TenantPreferences: lambda row: Row("tenant", row["tenant_id"]),  # what the tenant chose
    Branding: lambda row: Row("tenant", row["tenant_id"]),
}
"""How an entry names rows of these, where not by their own number."""

LISTS = {
    "users": "user",
    "groups": "group",
    "memberships": GroupMembership._meta.model_name,
    "assignments": "roleassignment",
    "tenants": "tenant",
    "computers": "computer",
    "invitations": "invitation",
    "access_requests": "accessrequest",
    "files": "softwarefile",
    "license_shares": "licenseshare",
    "script_shares": "scriptshare",
    "software_shares": "softwareshare",
    "enrolments": "enrolment",
    "persons": "person",
    "deployments": "crosstenantdeployment",
    "tenant_deployments": "tenantdeployment",
    "schedules": "schedule",
    "maintenance": "maintenancesession",
    "runs": "run",
}
"""The keys of before and after under which an entry names rows, and of which model."""

REACHED = {
    "role_assignment.ended": {"user", "group"},
    "group.members_removed": {"user"},
    "user.left": {"user"},
    "run.asked": {"computer"},
    "computer.moved": {"person"},
    "computer.person_added": {"person"},
    "computer.person_removed": {"person"},
    "computer.primary_person_set": {"person"},
    "onboarding.started": {"person"},
    "run.stopped": {"computer"},
    "schedule.ran": {"computer"},
    "schedule.run_by_hand": {"computer"},
    "schedule.went_on": {"computer"},
    **{
        f"maintenance.{act}": {"computer"} for act in ("asked", "inventory_asked", "repeated", "cancelled", "postponed")
    },
}
"""Whom an act reached without a change of their own row, where not under the key `reached`: by the entry's action."""


def told_models() -> list[type[Model]]:
    """Every model of the product that entries tell of; a new one is among them until `UNTOLD` says why not."""
    return [model for app in LABELS if app in apps.app_configs for model in _models(app) if model not in UNTOLD]


def _models(app: str) -> Iterator[type[Model]]:
    yield from apps.get_app_config(app).get_models()


@contextmanager
def witnessing() -> Iterator[set[Row]]:
    """The rows that change inside, in a set that is filled on leaving."""
    seen: set[Row] = set()
    connection.check_constraints()  # or what waits for the end of the transaction would bar new triggers
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.witnessed')")
        if cursor.fetchone() == (None,):
            post_witnesses()
        cursor.execute("DELETE FROM witnessed")
        yield seen
        connection.check_constraints()
        cursor.execute("SELECT name, seen FROM witnessed")
        models = {model._meta.db_table: model for model in told_models()}
        for name, row in cursor.fetchall():
            seen.add(_row_of(models[name], json.loads(row)))


def post_witnesses() -> None:
    """The triggers, to the end of the transaction: a module's, where each of its tests would make them anew."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE witnessed (place bigserial, name text, seen jsonb) ON COMMIT DROP")
        cursor.execute(
            """CREATE FUNCTION pg_temp.witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP <> 'UPDATE' OR to_jsonb(OLD) - TG_ARGV IS DISTINCT FROM to_jsonb(NEW) - TG_ARGV THEN
                INSERT INTO witnessed (name, seen) VALUES (TG_TABLE_NAME, to_jsonb(coalesce(NEW, OLD)));
            END IF;
            RETURN NULL;
            END $$"""
        )
        derived = ", ".join(f"'{name}'" for name in DERIVED)
        for model in told_models():
            cursor.execute(
                f"CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON {model._meta.db_table} "
                f"FOR EACH ROW EXECUTE FUNCTION pg_temp.witness({derived})"
            )


def _row_of(model: type[Model], row: Any) -> Row:
    identity = IDENTITY.get(model)
    return identity(row) if identity else Row(model._meta.model_name or "", row["id"])


# What an entry names


def target_of(entry: AuditEntry) -> Row:
    return Row(entry.target_type, entry.target_id)


def named_by(entry: AuditEntry) -> set[Row]:
    """The rows that an entry says were changed, besides its target: that may have changed, or only what hangs on it."""
    sides = [side or {} for side in (entry.before, entry.after)]
    found = {row for side in sides for row in _listed(entry, side)}
    found |= {Row("switch", side["key"]) for side in sides if "key" in side}
    if entry.after and "id" in entry.after:
        found.add(Row(entry.action.partition(".")[0].replace("_", ""), entry.after["id"]))
    if entry.target_type in ("tenant", "computer"):
        was, became = ({tag["id"] for tag in side.get("tags", ())} for side in sides)
        found |= {Row(f"{entry.target_type}tag", (entry.target_id, tag)) for tag in was ^ became}
    return {row for row in found if row.kind not in REACHED.get(entry.action, ())}


def _listed(entry: AuditEntry, side: Json) -> Iterator[Row]:
    yield from (Row("switch", each["key"]) for each in side.get("switches", ()))
    for key, kind in LISTS.items():
        for each in side.get(key, ()):
            moved = [tag["id"] for way in ("put", "taken") for tag in each.get(way, ())]
            yield from (Row(f"{kind}tag", (each["id"], tag)) for tag in moved)
            if "taken" not in each or (kind == "computer" and entry.action == "computer.tagged"):
                yield Row(str(kind), each["id"])
