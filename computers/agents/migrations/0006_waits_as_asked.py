from django.db import migrations

from immyrbac.triggers import refused


class Migration(migrations.Migration):
    """Whoever asked for a run said how long it may wait, and what it is called: nothing makes it wait longer."""

    dependencies = [("agents", "0005_keeps_output")]
    operations = [
        refused(
            "run_waits_as_asked",
            "BEFORE UPDATE OF waits, title ON agents_run FOR EACH ROW "
            "WHEN ((OLD.waits, OLD.title) IS DISTINCT FROM (NEW.waits, NEW.title))",
            "What was asked to run never changes.",
        ),
    ]
