from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The logs of stages are not kept for ever, nor are inventories that a newer one has followed."""

    dependencies = [("maintenance", "0003_deployment_stages")]
    operations = [
        migrations.AddField(
            model_name="stage",
            name="keeps_output",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddIndex(
            model_name="inventory",
            index=models.Index(fields=["taken_at"], name="inventory_by_time"),
        ),
        migrations.AddIndex(
            model_name="stage",
            index=models.Index(
                fields=["sent_at"], name="stage_keeps_output", condition=Q(keeps_output=True, sent_at__isnull=False)
            ),
        ),
    ]
