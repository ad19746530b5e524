from django.db import migrations

from immyrbac.triggers import Watch, function, held_at_commit, id_is_for_ever, planned_anew, refusal

refuse = function(
    "refuse",
    """
    RAISE integrity_constraint_violation USING MESSAGE = TG_ARGV[0], CONSTRAINT = TG_NAME;
    """,
)

# What a tenant owns is for the tenants at or below it. One that belongs to an MSP stands below it.
stands_within = migrations.RunSQL(
    """
    CREATE FUNCTION stands_within(path bigint[], owner bigint) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN path IS NOT NULL AND (owner IS NULL OR owner = ANY (path));
    """,
    "DROP FUNCTION stands_within;",
)

# The tenant above is locked, because it may be moving at this moment: whoever comes second sees what the first did.
tenant_takes_its_place = function(
    "tenant_takes_its_place",
    """
    SELECT path, msp_id INTO above_path, above_msp FROM tenancy_tenant WHERE id = NEW.parent_id FOR SHARE;
    NEW.path = above_path || NEW.id;
    NEW.msp_id = CASE WHEN NEW.is_msp THEN NEW.id ELSE above_msp END;
    RETURN NEW;
    """,
    "BEFORE INSERT OR UPDATE OF parent_id, is_msp, path, msp_id ON tenancy_tenant FOR EACH ROW",
    declare="DECLARE above_path bigint[]; above_msp bigint;",
)

# A path that meets itself is a cycle, or not yet right: one statement may put a tenant below what was below it.
tenant_no_cycle = function(
    "tenant_no_cycle",
    f"""
    IF EXISTS (
        WITH RECURSIVE up AS (
            SELECT NEW.parent_id AS id UNION SELECT above.parent_id FROM up JOIN tenancy_tenant AS above USING (id)
        ) SELECT FROM up WHERE id = NEW.id
    ) THEN
        {refusal("tenant_no_cycle", "A tenant cannot stand below itself.")}
    END IF;
    RETURN NULL;
    """,
    "AFTER INSERT OR UPDATE ON tenancy_tenant FOR EACH ROW WHEN (NEW.id = ANY (trim_array(NEW.path, 1)))",
)

BELOW = """
    UPDATE tenancy_tenant AS child SET path = placed.path || child.id
    FROM placed WHERE child.parent_id = placed.id AND (child.path, child.msp_id) IS DISTINCT FROM
        (placed.path || child.id, CASE WHEN child.is_msp THEN child.id ELSE placed.msp_id END)
"""

# One level of the tree each time, the next by the update of this one, until nothing differs. Insertion counts because
# a child may be written before its parent: foreign keys are checked at commit.
tenants_below_follow = function(
    "tenants_below_follow",
    f"""
    IF EXISTS (SELECT FROM placed) THEN -- an update of no rows fires too, and would go on for ever
        {planned_anew(BELOW)}
    END IF;
    RETURN NULL;
    """,
    "AFTER INSERT ON tenancy_tenant REFERENCING NEW TABLE AS placed FOR EACH STATEMENT",
    "AFTER UPDATE ON tenancy_tenant REFERENCING NEW TABLE AS placed FOR EACH STATEMENT",
)

tenant_tag_within_owner = held_at_commit(
    "tenant_tag_within_owner",
    "A tag can only be on tenants at or below its owner, and a removed tag on none.",
    """
    SELECT FROM tenancy_tenanttag AS bearer
    JOIN tenancy_tag AS tag ON tag.id = bearer.tag_id
    JOIN tenancy_tenant AS tenant ON tenant.id = bearer.tenant_id
    WHERE (tag.removed_at IS NOT NULL OR NOT stands_within(tenant.path, tag.tenant_id))
    """,
    [
        Watch("tenancy_tenanttag", "= bearer.id"),
        Watch("tenancy_tag", "= bearer.tag_id", columns=("tenant_id", "removed_at")),
        Watch("tenancy_tenant", "= bearer.tenant_id", columns=("path",)),
    ],
)


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]
    operations = [
        refuse,
        stands_within,
        id_is_for_ever("tenancy_tenant"),
        id_is_for_ever("tenancy_tag"),
        tenant_takes_its_place,
        tenant_no_cycle,
        tenants_below_follow,
        *tenant_tag_within_owner,
    ]
