"""Which assignments somebody sees: what is decided in memory is what the rows say."""

from itertools import product

import pytest
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from computers.models import Computer
from rbac.access import Access, access_for
from rbac.acting import Acting
from rbac.grants import Holding
from rbac.models import RoleAssignment
from rbac.permissions import Permission
from rbac.sight import COLUMNS, Sighted, sighted
from tests.factories import (
    ComputerFactory,
    GroupFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    RoleFactory,
    TagFactory,
    UserFactory,
)
from tests.grants import deny, grant

VIEWS = (
    Permission.USERS_VIEW,
    Permission.GROUPS_VIEW,
    Permission.TENANTS_VIEW,
    Permission.TAGS_VIEW,
    Permission.COMPUTERS_VIEW,
)


def fill(people) -> None:
    """Assignments of people and groups, with each kind of scope, there and removed."""
    shared = GroupFactory(tenant=None)
    GroupMembershipFactory(group=shared, user=people.olivia)
    holders = [
        {"user": people.sam},
        {"user": people.theo},
        {"user": None, "group": people.desk},
        {"user": None, "group": shared},
        {"user": None, "group": (left := GroupFactory(tenant=people.litware))},
    ]
    tags = [TagFactory(tenant=people.litware), TagFactory(), TagFactory()]
    where = [
        {"scope": "owner"},
        {"scope": "own_tenant"},
        {"scope": "msp", "tenant": people.tailspin},
        {"scope": "tenant", "tenant": people.litware},
        *({"scope": "tag", "tag": tag} for tag in tags),
    ]
    computer = ComputerFactory(tenant=people.litware)
    which = [
        {},
        {"computer_scope": "computer", "computer": computer},
        {"computer_scope": "tag", "computer_tag": tags[0]},
    ]
    role = RoleFactory(permissions=["computers:view"])
    for holder, place, narrowed in product(holders, where, which):
        RoleAssignmentFactory(role=role, **holder, **place, **narrowed)
    RoleAssignment.objects.filter(Q(group=left) | Q(tag=tags[2])).update(ended_at=Now())
    for gone in (left, tags[2]):
        type(gone).objects.filter(pk=gone.pk).update(removed_at=Now())


def agree(reader: User | Access) -> set[int]:
    access = access_for(reader) if isinstance(reader, User) else reader
    seen = set(access.seen(RoleAssignment).values_list("pk", flat=True))
    rows = [Sighted(*row) for row in RoleAssignment.objects.order_by().values_list(*COLUMNS)]
    assert access.visible(rows) == seen
    assert access.visible([*map(sighted, RoleAssignment.objects.all())]) == seen
    return seen


@pytest.fixture
def readers(people) -> dict[str, User]:
    """People who see much, little, and nothing for a deny of all."""
    narrow = UserFactory(tenant=people.litware)
    grant(narrow, Permission.USERS_VIEW, scope="own_tenant")
    barred = UserFactory(tenant=people.contoso)
    grant(barred, *VIEWS, scope="owner")
    deny(barred, Permission.USERS_VIEW, scope="owner")
    blind = UserFactory(tenant=people.contoso)
    grant(blind, *VIEWS, scope="owner")
    deny(blind, *VIEWS[1:], scope="tenant", tenant=people.litware)
    member = UserFactory(tenant=people.contoso)
    grant(member, *VIEWS, scope="msp", tenant=people.contoso)
    return {"narrow": narrow, "barred": barred, "blind": blind, "member": member}


def test_memory_and_rows_agree(people, readers):
    fill(people)
    seen = {name: agree(user) for name, user in readers.items()}
    assert not seen["barred"]
    assert seen["narrow"]
    assert seen["narrow"] < seen["blind"] | seen["member"]
    everything = agree(people.marcus)
    assert seen["blind"] < everything
    assert agree(people.olivia)
    assert not agree(people.sam)
    both = access_for(people.marcus).within(access_for(readers["member"]))
    assert agree(both) == everything & seen["member"]
    assert agree(Acting(access_for(readers["member"]), access_for(people.marcus))) == everything & seen["member"]


def test_it_takes_no_query_for_each(people, readers, django_assert_max_num_queries):
    fill(people)
    access = access_for(readers["member"])
    rows = [Sighted(*row) for row in RoleAssignment.objects.order_by().values_list(*COLUMNS)]
    with django_assert_max_num_queries(4):
        access.visible(rows)


def test_what_was_deleted_is_seen_by_whoever_may_restore_it(people):
    there, gone = ComputerFactory(tenant=people.litware), ComputerFactory(tenant=people.litware)
    Computer.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    gone.refresh_from_db()
    viewer = UserFactory(tenant=people.litware)
    grant(viewer, Permission.COMPUTERS_VIEW, scope="own_tenant")
    for user in (viewer, people.marcus, people.theo):
        access = access_for(user)
        seen = set(access.seen(Computer))
        assert {each for each in (there, gone) if access.sees(each)} == seen & {there, gone}
    assert access_for(people.marcus).sees(gone)
    assert not access_for(viewer).sees(gone)


DERIVED = {"explain", "kept", "know_places", "question", "reachable", "sees", "standing", "stands", "within"}
"""Questions to an Access that it answers by the others."""


@pytest.mark.parametrize("kind", [Acting, type(Access(Holding()).within(Access(Holding())))])
def test_whoever_stands_for_two_answers_every_question_for_both(kind: type[Access]):
    """What is left to `Access` itself would be answered from the grants, of which such a one has none."""
    questions = {name for name in vars(Access) if not name.startswith("_")} - DERIVED
    assert questions <= vars(kind).keys()
