from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What a run said is not kept for ever."""

    dependencies = [("agents", "0004_waits")]
    operations = [
        migrations.AddField(
            model_name="run",
            name="keeps_output",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["asked_at"], name="run_keeps_output", condition=Q(keeps_output=True)),
        ),
    ]
