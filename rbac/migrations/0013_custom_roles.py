import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from immyrbac.triggers import function, refusal, refused
from rbac.roles import write_built_in_roles

# The columns that tell of an edit cannot be written without one, nor an edit without them.
role_keeps_its_versions = function(
    "role_keeps_its_versions",
    """
    IF (OLD.name, OLD.description, OLD.permissions) IS DISTINCT FROM (NEW.name, NEW.description, NEW.permissions) THEN
        INSERT INTO rbac_roleversion
            (role_id, number, name, description, permissions, edited_by_id, edited_at, edit_reason)
        VALUES (OLD.id, OLD.version, OLD.name, OLD.description, OLD.permissions,
            OLD.edited_by_id, OLD.edited_at, OLD.edit_reason);
        NEW.version = OLD.version + 1;
        NEW.edited_at = statement_timestamp();
    ELSE
        NEW.version = OLD.version;
        NEW.edited_at = OLD.edited_at;
        NEW.edited_by_id = OLD.edited_by_id;
        NEW.edit_reason = OLD.edit_reason;
    END IF;
    RETURN NEW;
    """,
    "BEFORE UPDATE ON rbac_role FOR EACH ROW WHEN (OLD.key IS NULL)",
)

role_version_stays = refused(
    "role_version_stays",
    "BEFORE UPDATE OR DELETE ON rbac_roleversion FOR EACH ROW",
    "What a role was is never changed.",
)

role_versions_stay = refused(
    "rbac_roleversion_is_never_emptied", "BEFORE TRUNCATE ON rbac_roleversion", "This table is never emptied."
)

role_in_use_is_not_removed = function(
    "role_in_use_is_not_removed",
    f"""
    IF NEW.removed_at IS NOT NULL
        AND EXISTS (SELECT FROM rbac_roleassignment WHERE role_id = OLD.id AND ended_at IS NULL) THEN
        {refusal("role_in_use_is_not_removed", "A role that somebody has is not removed.")}
    END IF;
    RETURN NEW;
    """,
    "BEFORE UPDATE OF removed_at ON rbac_role FOR EACH ROW",
)

# The role is locked, because it may be going at this moment.
removed_role_is_not_given = function(
    "removed_role_is_not_given",
    f"""
    SELECT removed_at INTO gone FROM rbac_role WHERE id = NEW.role_id FOR SHARE;
    IF gone IS NOT NULL AND NEW.ended_at IS NULL THEN
        {refusal("removed_role_is_not_given", "This role was removed.")}
    END IF;
    RETURN NEW;
    """,
    "BEFORE INSERT ON rbac_roleassignment FOR EACH ROW",
    declare="DECLARE gone timestamptz;",
)


def write_catalogue(apps, schema_editor):
    write_built_in_roles(apps.get_model("rbac", "Role").objects)


class Migration(migrations.Migration):
    dependencies = [
        ("rbac", "0012_groups_of_a_role"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("role", "version", models.PositiveIntegerField(db_default=1, editable=False)),
        migrations.AddField(
            "role",
            "edited_by",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "role",
            "edited_at",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddField("role", "edit_reason", models.TextField(blank=True, db_default="", editable=False)),
        migrations.AddField("role", "removed_at", models.DateTimeField(editable=False, null=True)),
        migrations.RemoveConstraint("role", "role_name_unique_in_owner"),
        migrations.AddConstraint(
            "role",
            models.UniqueConstraint(
                condition=models.Q(removed_at=None),
                fields=("tenant", "name"),
                name="role_name_unique_in_owner",
                nulls_distinct=False,
                violation_error_message="A role with this name is already there.",
            ),
        ),
        migrations.CreateModel(
            "RoleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("description", models.TextField(blank=True)),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                ("edited_at", models.DateTimeField()),
                ("edit_reason", models.TextField(blank=True)),
                (
                    "edited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="rbac.role"
                    ),
                ),
            ],
            options={
                "ordering": ("role", "-number"),
                "constraints": [models.UniqueConstraint(fields=("role", "number"), name="role_version_once")],
            },
        ),
        role_keeps_its_versions,
        role_version_stays,
        role_in_use_is_not_removed,
        removed_role_is_not_given,
        role_versions_stay,
        migrations.RunPython(write_catalogue, migrations.RunPython.noop),
    ]
