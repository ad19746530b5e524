from django.db import migrations, models
from django.db.models import Q

from immyrbac.triggers import refused

STAYS = refused(
    "schedule_run_stays", "BEFORE UPDATE ON schedules_schedulerun FOR EACH ROW", "What came of a run never changes."
)
STAYS_WHEN_OVER = refused(
    "schedule_run_stays",
    "BEFORE UPDATE ON schedules_schedulerun FOR EACH ROW WHEN (OLD.rest_after IS NULL)",
    "What came of a run never changes.",
)


class Migration(migrations.Migration):
    """A run comes to its computers in parts, and says how far it is; what came of one that is over stays as told."""

    dependencies = [("schedules", "0002_triggers")]
    operations = [
        migrations.AddField(
            model_name="schedulerun",
            name="rest_after",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.RemoveConstraint(model_name="schedulerun", name="schedule_run_outcome_fits"),
        migrations.AlterField(
            model_name="schedulerun",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("asked", "Begun"),
                    ("nothing", "Nothing to do"),
                    ("refused", "Refused"),
                    ("stopped", "Stopped"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedulerun",
            constraint=models.CheckConstraint(
                name="schedule_run_outcome_fits",
                condition=(
                    Q(outcome="asked", asked__gt=0, why="")
                    | Q(outcome="nothing", asked=0, why="")
                    | Q(outcome="refused", rest_after=None, asked=0, busy=0, bare=0) & ~Q(why="")
                    | Q(outcome="stopped", rest_after=None) & ~Q(why="")
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="schedulerun",
            index=models.Index(fields=("id",), name="schedule_run_goes_on", condition=Q(rest_after__isnull=False)),
        ),
        migrations.RunSQL(STAYS.reverse_sql, STAYS.sql),
        STAYS_WHEN_OVER,
    ]
