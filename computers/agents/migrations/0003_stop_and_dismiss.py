import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from immyrbac.triggers import refused

BEFORE = "OLD.state = 'queued' AND NEW.state IN ('sent', 'refused')"
FORWARD = "OLD.state = 'queued' AND NEW.state IN ('sent', 'refused', 'stopped')"
OVER = " OR OLD.state = 'sent' AND NEW.state IN ('finished', 'refused', 'stopped')"


def forward(to: str) -> migrations.RunSQL:
    return refused(
        "run_goes_forward",
        f"BEFORE UPDATE OF state ON agents_run FOR EACH ROW WHEN (OLD.state <> NEW.state AND NOT ({to}{OVER}))",
        "A run goes forward.",
    )


class Migration(migrations.Migration):
    """Somebody may stop a run, also while it waits, and dismiss what an agent reports of a computer's type."""

    dependencies = [
        ("agents", "0002_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="agent",
            name="dismissed_type",
            field=models.CharField(blank=True, default="", editable=False, max_length=20),
        ),
        migrations.AddField(
            model_name="run",
            name="stopped_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                name="run_is_stopped_by_somebody_when_stopped",
                condition=Q(("stopped_by__isnull", True), ("state", "stopped"), _connector="OR"),
            ),
        ),
        migrations.RunSQL(forward(BEFORE).reverse_sql, forward(BEFORE).sql),
        forward(FORWARD),
    ]
