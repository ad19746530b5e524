from django.db import migrations

from immyrbac.triggers import Watch, held_at_commit, id_is_for_ever

member_within_owner = held_at_commit(
    "member_within_owner",
    "Members of a group have their home at or below its owner; who or what was removed is in no group.",
    """
    SELECT FROM accounts_groupmembership AS membership
    JOIN accounts_group AS shared ON shared.id = membership.group_id
    JOIN accounts_user AS member ON member.id = membership.user_id
    JOIN tenancy_tenant AS home ON home.id = member.tenant_id
    WHERE membership.ended_at IS NULL AND (
        shared.removed_at IS NOT NULL OR member.removed_at IS NOT NULL
        OR NOT stands_within(home.path, shared.tenant_id)
    )
    """,
    [
        Watch("accounts_groupmembership", "= membership.id"),
        Watch("accounts_group", "= membership.group_id", columns=("tenant_id", "removed_at")),
        Watch("accounts_user", "= membership.user_id", columns=("tenant_id", "removed_at")),
        Watch("tenancy_tenant", "= member.tenant_id", columns=("path",)),
    ],
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("tenancy", "0002_triggers")]
    operations = [id_is_for_ever("accounts_user"), id_is_for_ever("accounts_group"), *member_within_owner]
