from django.db import migrations

from rbac.roles import write_built_in_roles

NEEDS, RESTS_ON = "licenses:manage", "software:view"


def forwards(apps, schema_editor):
    """To manage licenses now rests on seeing software: custom roles that allow the one get the other.

    A trigger keeps each as it was as a version of its own. A role for denying only holds what was chosen, no more.
    """
    role = apps.get_model("rbac", "Role")
    write_built_in_roles(role.objects)
    open_ones = role.objects.filter(key=None, deny_only=False, removed_at=None, permissions__contains=[NEEDS])
    for found in open_ones.exclude(permissions__contains=[RESTS_ON]):
        found.permissions = sorted({*found.permissions, RESTS_ON})
        found.edited_by, found.edit_reason = None, f"{NEEDS} rests on {RESTS_ON} from now on"
        found.save(update_fields=["permissions", "edited_by", "edit_reason"])


class Migration(migrations.Migration):
    dependencies = [("rbac", "0017_licenses")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
