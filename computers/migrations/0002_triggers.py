from django.db import migrations

from immyrbac.triggers import (
    ONE_CHECK_AT_A_TIME,
    Watch,
    function,
    held_at_commit,
    id_is_for_ever,
    planned_anew,
    refusal,
)

computer_takes_its_msp = function(
    "computer_takes_its_msp",
    """
    NEW.msp_id = (SELECT msp_id FROM tenancy_tenant WHERE id = NEW.tenant_id FOR SHARE);
    RETURN NEW;
    """,
    "BEFORE INSERT OR UPDATE OF tenant_id, msp_id ON computers_computer FOR EACH ROW",
)

THEIRS = """
    UPDATE computers_computer AS computer SET msp_id = placed.msp_id
    FROM placed WHERE computer.tenant_id = placed.id AND computer.msp_id IS DISTINCT FROM placed.msp_id
"""
computers_follow_their_tenant = function(
    "computers_follow_their_tenant",
    f"""
    {planned_anew(THEIRS)}
    RETURN NULL;
    """,
    "AFTER INSERT ON tenancy_tenant REFERENCING NEW TABLE AS placed FOR EACH STATEMENT",
    "AFTER UPDATE ON tenancy_tenant REFERENCING NEW TABLE AS placed FOR EACH STATEMENT",
)

RULE = "computer_tag_within_owner"
MESSAGE = "A tag can only be on computers of tenants at or below its owner, and a removed tag on none."
MISPLACED = """
    SELECT FROM {bearers} AS bearer
    LEFT JOIN tenancy_tag AS tag ON tag.id = bearer.tag_id
    LEFT JOIN computers_computer AS computer ON computer.id = bearer.computer_id
    LEFT JOIN tenancy_tenant AS tenant ON tenant.id = computer.tenant_id
    WHERE (tag.id IS NULL OR tag.removed_at IS NOT NULL OR NOT stands_within(tenant.path, tag.tenant_id))
"""

# Tags come by the million, so each statement is asked once. What it names must be there already, or the row that
# comes later could be one that the tag may not be on.
computer_tags_put_within_owner = function(
    f"{RULE}_when_put",
    f"""
    {ONE_CHECK_AT_A_TIME}
    {planned_anew(f"SELECT EXISTS ({MISPLACED.format(bearers='put')})", into="misplaced")}
    IF misplaced THEN
        {refusal(RULE, MESSAGE)}
    END IF;
    RETURN NULL;
    """,
    "AFTER INSERT ON computers_computertag REFERENCING NEW TABLE AS put FOR EACH STATEMENT",
    "AFTER UPDATE ON computers_computertag REFERENCING NEW TABLE AS put FOR EACH STATEMENT",
    declare="DECLARE misplaced boolean;",
)

computer_tags_stay_within_owner = held_at_commit(
    RULE,
    MESSAGE,
    MISPLACED.format(bearers="computers_computertag"),
    [
        Watch("computers_computer", "= bearer.computer_id", columns=("tenant_id",)),
        Watch("tenancy_tag", "= bearer.tag_id", columns=("tenant_id", "removed_at")),
        Watch("tenancy_tenant", "= computer.tenant_id", columns=("path",)),
    ],
)


class Migration(migrations.Migration):
    dependencies = [("computers", "0001_initial"), ("tenancy", "0002_triggers")]
    operations = [
        id_is_for_ever("computers_computer"),
        computer_takes_its_msp,
        computers_follow_their_tenant,
        computer_tags_put_within_owner,
        *computer_tags_stay_within_owner,
    ]
