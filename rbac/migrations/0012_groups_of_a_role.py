# The groups that hold a role are counted beside it in the list of roles

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_savedview"),
        ("computers", "0005_searching"),
        ("rbac", "0011_export_audit"),
        ("tenancy", "0004_searching"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="roleassignment",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("group__isnull", False)),
                fields=["role", "group"],
                name="assignment_role_group",
            ),
        ),
    ]
