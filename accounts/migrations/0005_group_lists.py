from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_searching")]

    operations = [
        migrations.RemoveIndex(model_name="group", name="group_letters"),
        migrations.AddIndex(model_name="group", index=models.Index(fields=["name", "id"], name="group_name")),
        migrations.AddIndex(
            model_name="group",
            index=GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("description"), name="gin_trgm_ops"),
                name="group_letters",
            ),
        ),
    ]
