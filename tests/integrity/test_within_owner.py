"""Members and tags stay within their owner, whichever of the rows behind that moves (design 2 and 8)."""

import pytest

from accounts.models import GroupMembership
from computers.models import ComputerTag
from tenancy.models import TenantTag
from tests.factories import (
    ComputerFactory,
    ComputerTagFactory,
    GroupMembershipFactory,
    MspFactory,
    TagFactory,
    TenantFactory,
    TenantTagFactory,
    UserFactory,
)
from tests.integrity.sql import commit_checks, copy, refused_by, run

REMOVE = "UPDATE {} SET removed_at = now() WHERE id = %s"


@pytest.fixture
def owner(db):
    return MspFactory(name="Northwind")


@pytest.fixture
def branch(owner):
    """Two levels below the owner."""
    return TenantFactory(name="Harbour", parent=TenantFactory(parent=owner))


@pytest.fixture
def stranger(db):
    return TenantFactory(name="Contoso")


MOVES_THAT_LEAVE_THE_OWNER = {
    "home": "UPDATE tenancy_tenant SET parent_id = {stranger.id} WHERE id = {branch.id}",
    "above": "UPDATE tenancy_tenant SET parent_id = NULL WHERE id = {branch.parent.id}",
    "several at once": "UPDATE tenancy_tenant SET parent_id = {stranger.id} WHERE parent_id IS NOT NULL",
}


class TestMembers:
    @pytest.fixture
    def membership(self, owner, branch):
        return GroupMembershipFactory(group__tenant=owner, user__tenant=branch)

    def test_may_have_their_home_at_or_below_the_owner(self, membership, owner, stranger):
        GroupMembershipFactory(group=membership.group, user__tenant=owner)
        GroupMembershipFactory(user__tenant=stranger)  # in a group of the instance
        commit_checks()

    def test_cannot_come_from_elsewhere(self, membership, stranger):
        outsider = UserFactory(tenant=stranger)
        with refused_by("member_within_owner"):
            run(
                "INSERT INTO accounts_groupmembership (group_id, user_id) VALUES (%s, %s)",
                membership.group_id,
                outsider.id,
            )
        with refused_by("member_within_owner"):
            copy(GroupMembership(group=membership.group, user=outsider))
        with refused_by("member_within_owner"):
            run("UPDATE accounts_groupmembership SET user_id = %s", outsider.id)

    @pytest.mark.parametrize("move", MOVES_THAT_LEAVE_THE_OWNER.values(), ids=MOVES_THAT_LEAVE_THE_OWNER)
    def test_cannot_be_carried_away_by_a_tenant(self, membership, branch, stranger, move):
        with refused_by("member_within_owner"):
            run(move.format(branch=branch, stranger=stranger))

    def test_cannot_move_home_or_see_the_owner_change(self, membership, stranger):
        with refused_by("member_within_owner"):
            run("UPDATE accounts_user SET tenant_id = %s", stranger.id)
        with refused_by("member_within_owner"):
            run("UPDATE accounts_group SET tenant_id = %s", stranger.id)
        run("UPDATE accounts_group SET tenant_id = NULL")
        run("UPDATE accounts_user SET tenant_id = %s", stranger.id)
        commit_checks()

    def test_can_leave_in_the_act_that_moves_them_and_not_come_back(self, membership, stranger):
        run("UPDATE accounts_user SET tenant_id = %s WHERE id = %s", stranger.id, membership.user_id)
        run("UPDATE accounts_groupmembership SET ended_at = now()")
        commit_checks()
        with refused_by("member_within_owner"):
            run("UPDATE accounts_groupmembership SET ended_at = NULL")

    def test_are_never_removed_users_nor_of_removed_groups(self, membership):
        with refused_by("member_within_owner"):
            run("UPDATE accounts_user SET removed_at = now(), is_active = false WHERE id = %s", membership.user_id)
        with refused_by("member_within_owner"):
            run("UPDATE accounts_group SET removed_at = now() WHERE id = %s", membership.group_id)


class TestTenantTags:
    @pytest.fixture
    def bearer(self, owner, branch):
        return TenantTagFactory(tag__tenant=owner, tenant=branch)

    def test_may_be_at_or_below_the_owner(self, bearer, owner, stranger):
        TenantTagFactory(tag=bearer.tag, tenant=owner)
        TenantTagFactory(tenant=stranger)  # a tag of the instance
        commit_checks()

    def test_may_be_on_a_nested_msp_and_what_belongs_to_it(self, bearer, owner):
        nested = MspFactory(parent=owner)
        TenantTagFactory(tag=bearer.tag, tenant=TenantFactory(parent=nested))
        commit_checks()

    def test_cannot_be_put_elsewhere(self, bearer, stranger):
        with refused_by("tenant_tag_within_owner"):
            copy(TenantTag(tag=bearer.tag, tenant=stranger))
        with refused_by("tenant_tag_within_owner"):
            run("UPDATE tenancy_tenanttag SET tenant_id = %s", stranger.id)

    @pytest.mark.parametrize("move", MOVES_THAT_LEAVE_THE_OWNER.values(), ids=MOVES_THAT_LEAVE_THE_OWNER)
    def test_cannot_be_carried_away(self, bearer, branch, stranger, move):
        with refused_by("tenant_tag_within_owner"):
            run(move.format(branch=branch, stranger=stranger))

    def test_can_be_taken_off_in_the_act_that_moves_their_bearer(self, bearer, stranger):
        run("UPDATE tenancy_tenant SET parent_id = %s WHERE id = %s", stranger.id, bearer.tenant_id)
        run("DELETE FROM tenancy_tenanttag")
        commit_checks()

    def test_cannot_change_owner_or_be_removed_while_borne(self, bearer, stranger):
        with refused_by("tenant_tag_within_owner"):
            run("UPDATE tenancy_tag SET tenant_id = %s", stranger.id)
        with refused_by("tenant_tag_within_owner"):
            run(REMOVE.format("tenancy_tag"), bearer.tag_id)

    def test_cannot_be_put_on_anything_once_removed(self, bearer, branch):
        removed = TagFactory()
        run(REMOVE.format("tenancy_tag"), removed.id)
        with refused_by("tenant_tag_within_owner"):
            run("INSERT INTO tenancy_tenanttag (tag_id, tenant_id) VALUES (%s, %s)", removed.id, branch.id)


class TestComputerTags:
    @pytest.fixture
    def bearer(self, owner, branch):
        return ComputerTagFactory(tag__tenant=owner, computer__tenant=branch)

    @pytest.fixture
    def foreign(self, stranger):
        return ComputerFactory(tenant=stranger)

    def test_may_be_at_or_below_the_owner(self, bearer, owner, foreign):
        ComputerTagFactory(tag=bearer.tag, computer__tenant=owner)
        ComputerTagFactory(computer=foreign)  # a tag of the instance
        commit_checks()

    def test_cannot_be_put_elsewhere(self, bearer, foreign):
        inside = ComputerFactory(tenant=bearer.computer.tenant)
        with refused_by("computer_tag_within_owner"):
            copy(ComputerTag(tag=bearer.tag, computer=inside), ComputerTag(tag=bearer.tag, computer=foreign))
        with refused_by("computer_tag_within_owner"):
            run("UPDATE computers_computertag SET computer_id = %s", foreign.id)

    @pytest.mark.parametrize("missing", ["tag", "computer"])
    def test_cannot_be_put_before_what_they_name_is_there(self, bearer, missing):
        named = {"tag": bearer.tag_id, "computer": bearer.computer_id} | {missing: 999_999_999}
        with refused_by("computer_tag_within_owner"):
            run("INSERT INTO computers_computertag (tag_id, computer_id) VALUES (%s, %s)", *named.values())

    @pytest.mark.parametrize("move", MOVES_THAT_LEAVE_THE_OWNER.values(), ids=MOVES_THAT_LEAVE_THE_OWNER)
    def test_cannot_be_carried_away_by_a_tenant(self, bearer, branch, stranger, move):
        with refused_by("computer_tag_within_owner"):
            run(move.format(branch=branch, stranger=stranger))

    def test_cannot_be_carried_away_by_their_computer(self, bearer, stranger):
        with refused_by("computer_tag_within_owner"):
            run("UPDATE computers_computer SET tenant_id = %s", stranger.id)

    def test_can_be_taken_off_in_the_act_that_moves_their_computer(self, bearer, stranger):
        run("UPDATE computers_computer SET tenant_id = %s", stranger.id)
        run("DELETE FROM computers_computertag")
        commit_checks()

    def test_cannot_change_owner_or_be_removed_while_borne(self, bearer, stranger):
        with refused_by("computer_tag_within_owner"):
            run("UPDATE tenancy_tag SET tenant_id = %s", stranger.id)
        with refused_by("computer_tag_within_owner"):
            run(REMOVE.format("tenancy_tag"), bearer.tag_id)

    def test_cannot_be_put_on_anything_once_removed(self, bearer):
        removed = TagFactory()
        run(REMOVE.format("tenancy_tag"), removed.id)
        with refused_by("computer_tag_within_owner"):
            run("UPDATE computers_computertag SET tag_id = %s", removed.id)
