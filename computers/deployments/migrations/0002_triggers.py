from django.db import migrations

from immyrbac.triggers import id_is_for_ever, refused

MANY = "('children', 'msp', 'tag', 'owner')"


class Migration(migrations.Migration):
    """What a deployment is stays so, whatever writes: who sees it hangs on its owner and on its kind."""

    dependencies = [("deployments", "0001_initial"), ("rbac", "0004_triggers")]
    operations = [
        id_is_for_ever("deployments_deployment"),
        refused(
            "deployment_keeps_its_owner",
            "BEFORE UPDATE OF tenant_id, target ON deployments_deployment FOR EACH ROW "
            "WHEN (OLD.tenant_id IS DISTINCT FROM NEW.tenant_id "
            f"OR (OLD.target IN {MANY}) <> (NEW.target IN {MANY}))",
            "A deployment keeps its owner and its kind.",
        ),
    ]
