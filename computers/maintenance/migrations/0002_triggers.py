from django.db import migrations

from immyrbac.triggers import id_is_for_ever, refused

SESSION = "OLD.state = 'queued' AND NEW.state IN ('running', 'failed', 'cancelled')"
SESSION += " OR OLD.state = 'running' AND NEW.state IN ('done', 'failed', 'cancelled')"
STAGE = "OLD.state = 'waiting' AND NEW.state IN ('sent', 'skipped')"
STAGE += " OR OLD.state = 'sent' AND NEW.state IN ('done', 'failed')"
ASKED = ("computer_id", "tenant_id", "kind", "asked_by_id", "asked_at", "repeats_id")
FOUND = ("computer_id", "tenant_id", "stage_id", "taken_at", "lines")
WORK = ("session_id", "position", "kind")


def stays(name, table, columns, message):
    old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("OLD", "NEW"))
    event = f"BEFORE UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new}))"
    return refused(name, event, message)


def goes_forward(name, table, forward, message):
    when = f"OLD.state <> NEW.state AND NOT ({forward})"
    return refused(name, f"BEFORE UPDATE OF state ON {table} FOR EACH ROW WHEN ({when})", message)


class Migration(migrations.Migration):
    """Nothing is done twice, whatever writes: sessions and stages go forward, and stay what was asked for."""

    dependencies = [("maintenance", "0001_initial"), ("rbac", "0004_triggers")]
    operations = [
        *(id_is_for_ever(f"maintenance_{name}") for name in ("maintenancesession", "stage", "inventory")),
        goes_forward("session_goes_forward", "maintenance_maintenancesession", SESSION, "A session goes forward."),
        goes_forward("stage_goes_forward", "maintenance_stage", STAGE, "A stage goes forward."),
        stays(
            "session_is_what_was_asked", "maintenance_maintenancesession", ASKED, "What was asked for never changes."
        ),
        stays("stage_is_what_was_asked", "maintenance_stage", WORK, "What was asked for never changes."),
        stays("inventory_stays", "maintenance_inventory", FOUND, "What an inventory found never changes."),
    ]
