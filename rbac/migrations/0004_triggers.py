from django.db import migrations

from immyrbac.triggers import Watch, function, held_at_commit, id_is_for_ever, refusal, refused

# The role is locked, because it may be turning into one for denying only, or going, at this moment.
assignment_fits_when_granted = function(
    "assignment_fits_when_granted",
    f"""
    IF NEW.scope = 'msp' AND (SELECT is_msp FROM tenancy_tenant WHERE id = NEW.tenant_id) IS NOT TRUE THEN
        {refusal("assignment_names_an_msp", "The scope MSP needs a tenant that is an MSP.")}
    END IF;
    SELECT deny_only INTO for_denying FROM rbac_role WHERE id = NEW.role_id FOR SHARE;
    IF for_denying IS NOT FALSE AND NEW.effect = 'allow' THEN
        {refusal("deny_only_role_only_denies", "This role is for denying only.")}
    END IF;
    RETURN NEW;
    """,
    "BEFORE INSERT ON rbac_roleassignment FOR EACH ROW",
    declare="DECLARE for_denying boolean;",
)

assignment_only_ends = function(
    "assignment_only_ends",
    f"""
    granted.ended_at = NEW.ended_at;
    granted.ended_by_id = NEW.ended_by_id;
    granted.end_reason = NEW.end_reason;
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW IS DISTINCT FROM granted THEN
        {refusal("assignment_only_ends", "An assignment is granted and ended once, never edited.")}
    END IF;
    RETURN NEW;
    """,
    "BEFORE UPDATE ON rbac_roleassignment FOR EACH ROW",
    declare="DECLARE granted rbac_roleassignment = OLD;",
)

assignment_stays = refused(
    "assignment_stays",
    "BEFORE DELETE ON rbac_roleassignment FOR EACH ROW",
    "An assignment is ended, never deleted.",
)

removed_hold_nothing = held_at_commit(
    "removed_hold_nothing",
    "An assignment that is not ended names nobody and nothing that was removed.",
    """
    SELECT FROM rbac_roleassignment AS assignment
    LEFT JOIN accounts_user AS holder ON holder.id = assignment.user_id
    LEFT JOIN accounts_group AS shared ON shared.id = assignment.group_id
    LEFT JOIN tenancy_tag AS tag ON tag.id = assignment.tag_id
    LEFT JOIN tenancy_tag AS computer_tag ON computer_tag.id = assignment.computer_tag_id
    WHERE assignment.ended_at IS NULL
    AND coalesce(holder.removed_at, shared.removed_at, tag.removed_at, computer_tag.removed_at) IS NOT NULL
    """,
    [
        Watch("rbac_roleassignment", "= assignment.id"),
        Watch("accounts_user", "= assignment.user_id", columns=("removed_at",)),
        Watch("accounts_group", "= assignment.group_id", columns=("removed_at",)),
        Watch("tenancy_tag", "IN (assignment.tag_id, assignment.computer_tag_id)", columns=("removed_at",)),
    ],
)

role_in_use_keeps_its_nature = function(
    "role_in_use_keeps_its_nature",
    f"""
    IF EXISTS (SELECT FROM rbac_roleassignment WHERE role_id = OLD.id) AND (
        TG_OP = 'DELETE' OR (OLD.deny_only, OLD.tenant_id) IS DISTINCT FROM (NEW.deny_only, NEW.tenant_id)
    ) THEN
        {refusal("role_in_use_keeps_its_nature", "A role that was given keeps its owner and what it is for.")}
    END IF;
    RETURN coalesce(NEW, OLD);
    """,
    "BEFORE UPDATE OF deny_only, tenant_id OR DELETE ON rbac_role FOR EACH ROW",
)

# rbac.roles.write_built_in_roles turns the setting on, for the transaction of its migration alone.
built_in_role_is_read_only = function(
    "built_in_role_is_read_only",
    f"""
    IF (OLD.key IS NOT NULL OR NEW.key IS NOT NULL)
        AND current_setting('immyrbac.catalogue', true) IS DISTINCT FROM 'on' THEN
        {refusal("built_in_role_is_read_only", "Built-in roles change with the catalogue alone.")}
    END IF;
    RETURN coalesce(NEW, OLD);
    """,
    "BEFORE INSERT OR UPDATE OR DELETE ON rbac_role FOR EACH ROW",
)

# The lock of rbac.locks.take_audit_lock: without it two entries could follow the same one.
audit_entry_follows_the_last = function(
    "audit_entry_follows_the_last",
    f"""
    PERFORM pg_advisory_xact_lock({0x696D6D02});
    SELECT id, hash INTO last FROM rbac_auditentry ORDER BY id DESC LIMIT 1;
    IF (NEW.id, NEW.prev_hash) IS DISTINCT FROM (coalesce(last.id, 0) + 1, coalesce(last.hash, repeat('0', 64))) THEN
        {refusal("audit_entry_follows_the_last", "An audit entry follows the last one and carries its hash.")}
    END IF;
    RETURN NEW;
    """,
    "BEFORE INSERT ON rbac_auditentry FOR EACH ROW",
    declare="DECLARE last record;",
)

audit_entry_stays = refused(
    "audit_entry_stays",
    "BEFORE UPDATE OR DELETE ON rbac_auditentry FOR EACH ROW",
    "The audit log can be neither changed nor shortened.",
)


def never_emptied(table):
    return refused(f"{table}_is_never_emptied", f"BEFORE TRUNCATE ON {table}", "This table is never emptied.")


class Migration(migrations.Migration):
    dependencies = [
        ("rbac", "0003_computer_type_is_named"),
        ("accounts", "0002_triggers"),
        ("computers", "0002_triggers"),
        ("tenancy", "0002_triggers"),
    ]
    operations = [
        id_is_for_ever("rbac_role"),
        assignment_fits_when_granted,
        assignment_only_ends,
        assignment_stays,
        *removed_hold_nothing,
        role_in_use_keeps_its_nature,
        built_in_role_is_read_only,
        audit_entry_follows_the_last,
        audit_entry_stays,
        never_emptied("rbac_role"),
        never_emptied("rbac_roleassignment"),
        never_emptied("rbac_auditentry"),
    ]
