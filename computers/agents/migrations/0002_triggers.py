from django.db import migrations

from immyrbac.triggers import id_is_for_ever, refused

FORWARD = "OLD.state = 'queued' AND NEW.state IN ('sent', 'refused')"
FORWARD += " OR OLD.state = 'sent' AND NEW.state IN ('finished', 'refused', 'stopped')"


class Migration(migrations.Migration):
    """Nothing runs twice, whatever writes: a run goes forward, and what was asked to run stays what it was."""

    dependencies = [("agents", "0001_initial"), ("rbac", "0004_triggers")]
    operations = [
        id_is_for_ever("agents_agent"),
        id_is_for_ever("agents_enrolment"),
        id_is_for_ever("agents_run"),
        refused(
            "run_goes_forward",
            f"BEFORE UPDATE OF state ON agents_run FOR EACH ROW WHEN (OLD.state <> NEW.state AND NOT ({FORWARD}))",
            "A run goes forward.",
        ),
        refused(
            "run_is_what_was_asked",
            "BEFORE UPDATE OF computer_id, tenant_id, asked_by_id, asked_at, script, language, body ON agents_run FOR EACH ROW "
            "WHEN ((OLD.computer_id, OLD.tenant_id, OLD.asked_by_id, OLD.asked_at, OLD.script, OLD.language, OLD.body) "
            "IS DISTINCT FROM (NEW.computer_id, NEW.tenant_id, NEW.asked_by_id, NEW.asked_at, NEW.script, NEW.language, NEW.body))",
            "What was asked to run never changes.",
        ),
        refused(
            "enrolment_ends_for_good",
            "BEFORE UPDATE ON agents_enrolment FOR EACH ROW "
            "WHEN (OLD.used_at IS NOT NULL AND NEW.used_at IS DISTINCT FROM OLD.used_at "
            "OR OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)",
            "An enrolment ends once.",
        ),
    ]
