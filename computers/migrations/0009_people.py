import django.db.models.deletion
from django.db import migrations, models

from immyrbac.triggers import Watch, held_at_commit

computer_person_of_its_tenant = held_at_commit(
    "computer_person_of_its_tenant",
    "A computer is used by people of its own tenant.",
    """
    SELECT FROM computers_computerperson AS used
    JOIN computers_computer AS computer ON computer.id = used.computer_id
    JOIN accounts_person AS person ON person.id = used.person_id
    WHERE person.tenant_id <> computer.tenant_id
    """,
    [
        Watch("computers_computerperson", "= used.id"),
        Watch("computers_computer", "= used.computer_id", columns=("tenant_id",)),
        Watch("accounts_person", "= used.person_id", columns=("tenant_id",)),
    ],
)


class Migration(migrations.Migration):
    dependencies = [("computers", "0008_script_versions"), ("accounts", "0011_people")]
    operations = [
        migrations.CreateModel(
            name="ComputerPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_primary", models.BooleanField(default=False)),
                (
                    "computer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="computers.computer"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.person"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("computer", "person"), name="computer_person_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("computer",),
                        name="computer_has_one_primary_person",
                    ),
                ],
            },
        ),
        *computer_person_of_its_tenant,
    ]
