from django.db import migrations, models


class Migration(migrations.Migration):
    """A schedule says how long its script waits for a computer that is away."""

    dependencies = [("schedules", "0003_parts")]
    operations = [
        migrations.AddField(
            model_name="schedule",
            name="waits",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (10, "10 minutes"),
                    (60, "1 hour"),
                    (480, "8 hours"),
                    (1440, "1 day"),
                    (4320, "3 days"),
                    (10080, "7 days"),
                ],
                default=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("waits__in", [10, 60, 480, 1440, 4320, 10080])), name="schedule_waits_known"
            ),
        ),
    ]
