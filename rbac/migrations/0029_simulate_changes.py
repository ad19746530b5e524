from django.db import migrations

from rbac.roles import write_built_in_roles


def forwards(apps, schema_editor):
    write_built_in_roles(apps.get_model("rbac", "Role").objects)


class Migration(migrations.Migration):
    dependencies = [("rbac", "0028_computers_in_entries")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
