from django.db import migrations

from immyrbac.triggers import id_is_for_ever, refused


class Migration(migrations.Migration):
    """What was decided stays so, and what was said stays said, whatever writes."""

    dependencies = [("deployments", "0003_change_requests")]
    operations = [
        id_is_for_ever("deployments_changerequest"),
        refused(
            "change_request_is_decided_for_good",
            "BEFORE UPDATE ON deployments_changerequest FOR EACH ROW "
            "WHEN (OLD.state IN ('approved', 'denied', 'withdrawn') AND "
            "(OLD.state, OLD.decided_by_id, OLD.decided_at, OLD.proposed, OLD.after) "
            "IS DISTINCT FROM (NEW.state, NEW.decided_by_id, NEW.decided_at, NEW.proposed, NEW.after))",
            "A change request is decided once.",
        ),
    ]
