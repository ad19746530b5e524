from django.db import migrations

from immyrbac.triggers import id_is_for_ever, refused


class Migration(migrations.Migration):
    """What a schedule is stays so, whatever writes: who sees it hangs on its owner. What came of a run stays as told."""

    dependencies = [("schedules", "0001_initial"), ("rbac", "0004_triggers")]
    operations = [
        id_is_for_ever("schedules_schedule"),
        refused(
            "schedule_keeps_its_owner",
            "BEFORE UPDATE OF tenant_id ON schedules_schedule FOR EACH ROW "
            "WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id)",
            "A schedule keeps its owner.",
        ),
        refused(
            "schedule_run_stays",
            "BEFORE UPDATE ON schedules_schedulerun FOR EACH ROW",
            "What came of a run never changes.",
        ),
    ]
