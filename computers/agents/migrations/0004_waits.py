from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A run says how long it waits for its agent, and which run of a schedule it is a part of."""

    dependencies = [("agents", "0003_stop_and_dismiss"), ("schedules", "0003_parts")]
    operations = [
        migrations.AddField(
            model_name="run",
            name="part_of",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="schedules.schedulerun",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="waits",
            field=models.DurationField(default=timedelta(seconds=600), editable=False),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("part_of__isnull", False)), fields=["part_of", "state"], name="run_of_schedule"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("waits__range", (timedelta(seconds=600), timedelta(days=7))),
                ),
                name="run_waits_for_a_week_at_most",
            ),
        ),
    ]
