"""Foreign keys are asked at commit: until then a row may go and another with its id come. The rules see through it."""

from datetime import UTC, datetime

import pytest
from django.db.models import Model

from computers.models import Computer
from tenancy.models import Tenant
from tests.factories import (
    ComputerTagFactory,
    GroupMembershipFactory,
    MspFactory,
    RoleAssignmentFactory,
    TagFactory,
    TenantFactory,
    TenantTagFactory,
)
from tests.integrity.sql import commit_checks, copy, refused_by, run


def come_again(row: Model, **changed: object) -> None:
    run(f"DELETE FROM {row._meta.db_table} WHERE id = %s", row.pk)
    for name, value in changed.items():
        setattr(row, name, value)
    copy(row)


@pytest.fixture
def owner(db):
    return MspFactory()


@pytest.fixture
def branch(owner):
    return TenantFactory(parent=owner)


@pytest.fixture
def stranger(db):
    return TenantFactory()


@pytest.mark.parametrize("which", ["group", "user", "home"])
def test_a_membership_sees_through_it(owner, branch, stranger, which):
    membership = GroupMembershipFactory(group__tenant=owner, user__tenant=branch)
    with refused_by("member_within_owner"):
        if which == "home":
            come_again(branch, parent=None)
        else:
            come_again(getattr(membership, which), tenant=stranger)


@pytest.mark.parametrize("which", ["tag", "tenant"])
def test_a_tag_on_a_tenant_sees_through_it(owner, branch, stranger, which):
    bearer = TenantTagFactory(tag__tenant=owner, tenant=branch)
    with refused_by("tenant_tag_within_owner"):
        come_again(getattr(bearer, which), **{"tag": {"tenant": stranger}, "tenant": {"parent": None}}[which])


@pytest.mark.parametrize("which", ["tag", "computer", "tenant"])
def test_a_tag_on_a_computer_sees_through_it(owner, branch, stranger, which):
    bearer = ComputerTagFactory(tag__tenant=owner, computer__tenant=branch)
    with refused_by("computer_tag_within_owner"):
        if which == "tenant":
            come_again(branch, parent=None)
        else:
            come_again(getattr(bearer, which), tenant=stranger)


@pytest.mark.parametrize("which", ["user", "group", "tag", "computer_tag"])
def test_an_assignment_sees_through_it(db, which):
    if which == "user":
        assignment = RoleAssignmentFactory(user__is_active=False)
    elif which == "group":
        assignment = RoleAssignmentFactory(group=GroupMembershipFactory().group)
        run("UPDATE accounts_groupmembership SET ended_at = now()")
    else:
        assignment = RoleAssignmentFactory(
            **{"tag": {"scope": "tag"}, "computer_tag": {"computer_scope": "tag"}}[which], **{which: TagFactory()}
        )
    with refused_by("removed_hold_nothing"):
        come_again(getattr(assignment, which), removed_at=datetime(2031, 1, 1, tzinfo=UTC))


def test_computers_may_come_before_their_tenant(owner):
    copy(Computer(id=9_000_001, tenant_id=9_000_002, name="early", type="server"))
    copy(Tenant(id=9_000_002, parent_id=owner.id, name="late", slug="late", path=[1]))
    commit_checks()
    assert Computer.objects.get(name="early").msp == owner
