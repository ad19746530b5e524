from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rbac", "0029_simulate_changes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="roleassignment",
            index=models.Index(
                fields=["user"],
                name="assignment_own_below",
                condition=models.Q(("ended_at", None), ("include_children", True), ("scope", "own_tenant")),
            ),
        ),
    ]
