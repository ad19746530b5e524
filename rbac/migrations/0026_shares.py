import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from immyrbac.triggers import Watch, function, held_at_commit, id_is_for_ever, refusal
from rbac.roles import write_built_in_roles

KINDS = ("license", "script", "software")
PROTECT = django.db.models.deletion.PROTECT


def table(kind):
    user = {"on_delete": PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}
    name = f"{kind}share"
    return migrations.CreateModel(
        name=f"{kind.title()}Share",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("expires_at", models.DateTimeField(blank=True, null=True)),
            ("reason", models.TextField(blank=True, default="")),
            ("shared_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ("ended_at", models.DateTimeField(editable=False, null=True)),
            ("end_reason", models.TextField(blank=True, default="", editable=False)),
            (
                "content_object",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="shares", to=f"computers.{kind}"
                ),
            ),
            ("ended_by", models.ForeignKey(editable=False, null=True, **user)),
            ("permission", models.ForeignKey(on_delete=PROTECT, related_name="+", to="auth.permission")),
            ("shared_by", models.ForeignKey(**user)),
            ("user", models.ForeignKey(**user)),
        ],
        options={
            "ordering": ("-shared_at", "-id"),
            "abstract": False,
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(ended_at=None),
                    fields=("user", "content_object", "permission"),
                    name=f"{name}_unended_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(expires_at=None) | models.Q(expires_at__gt=models.F("shared_at")),
                    name=f"{name}_expires_later",
                ),
                models.CheckConstraint(
                    condition=models.Q(ended_at__isnull=False) | models.Q(ended_at=None, ended_by=None, end_reason=""),
                    name=f"{name}_end_is_whole",
                ),
            ],
        },
    )


def triggers(kind):
    name, rows = f"{kind}share", f"rbac_{kind}share"
    return [
        function(
            f"{name}_is_of_its_kind",
            f"""
            IF NOT EXISTS (SELECT FROM auth_permission AS shared
                    JOIN django_content_type AS kind ON kind.id = shared.content_type_id
                    WHERE shared.id = NEW.permission_id AND shared.codename LIKE '%:%'
                        AND (kind.app_label, kind.model) = ('computers', '{kind}')) THEN
                {refusal(f"{name}_is_of_its_kind", "What is shared is a permission on such an item.")}
            END IF;
            RETURN NEW;
            """,
            f"BEFORE INSERT ON {rows} FOR EACH ROW",
        ),
        function(
            f"{name}_only_ends",
            f"""
            shared.ended_at = NEW.ended_at;
            shared.ended_by_id = NEW.ended_by_id;
            shared.end_reason = NEW.end_reason;
            IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW IS DISTINCT FROM shared THEN
                {refusal(f"{name}_only_ends", "A share is given and ended once, never edited.")}
            END IF;
            RETURN NEW;
            """,
            f"BEFORE UPDATE ON {rows} FOR EACH ROW",
            declare=f"DECLARE shared {rows} = OLD;",
        ),
        *goes_with_its_item(name, rows, kind),
        id_is_for_ever(rows),
        *held_at_commit(
            f"{name}_names_nobody_removed",
            "A share that is not ended names nobody who was removed.",
            f"SELECT FROM {rows} AS share JOIN accounts_user AS holder ON holder.id = share.user_id"
            " WHERE share.ended_at IS NULL AND holder.removed_at IS NOT NULL",
            [Watch(rows, "= share.id"), Watch("accounts_user", "= holder.id", ("removed_at",))],
        ),
    ]


def goes_with_its_item(name, rows, kind):
    """At the commit: whoever deletes an item deletes its shares first."""
    rule = f"{name}_goes_with_its_item"
    yield migrations.RunSQL(
        f"""CREATE FUNCTION {rule}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT FROM computers_{kind} WHERE id = OLD.content_object_id) THEN
                {refusal(rule, "A share is ended, never deleted.")}
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER {rule} AFTER DELETE ON {rows}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {rule}();""",
        f"DROP FUNCTION {rule}() CASCADE;",
    )


def forwards(apps, schema_editor):
    write_built_in_roles(apps.get_model("rbac", "Role").objects)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("computers", "0010_shared_permissions"),
        ("rbac", "0025_maintenance"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        *(table(kind) for kind in KINDS),
        *(trigger for kind in KINDS for trigger in triggers(kind)),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
