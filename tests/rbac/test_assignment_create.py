"""The assignment editor over HTTP: what it offers to whom, and what it gives."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rbac.models import AuditEntry, Role
from rbac.permissions import Permission
from tests.factories import ComputerFactory, RoleFactory, TagFactory
from tests.grants import end, grant
from tests.outcomes import mark_of
from tests.people import People, give, person
from tests.rbac.editor import address, held, post, said

START = People


@pytest.fixture
def people(start) -> People:
    return start


# Who may open it, and what it offers


def test_the_editor_is_for_who_may_give_something(client, people):
    client.force_login(people.sam)
    grant(people.sam, Permission.USERS_VIEW, scope="own_tenant")
    assert client.get(address(people.olivia)).status_code == 403
    given = grant(people.sam, Permission.USERS_MANAGE, scope="own_tenant")
    assert client.get(address(people.olivia)).status_code == 200
    assert client.get(address(people.dana)).status_code == 404
    end(given)
    assert client.get(address(people.olivia)).status_code == 403
    page = client.get(reverse("rbac:assignment-list", args=[people.olivia.pk])).content.decode()
    assert address(people.olivia) not in page


def test_an_assign_permission_alone_opens_it_as_well(client, people):
    client.force_login(people.sam)
    assign = Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES
    held = map(Permission, Role.objects.get(key="tenant_user").permissions)
    grant(people.sam, assign, *held, scope="tenant", tenant=people.litware)
    form = client.get(address(people.olivia)).context["form"]
    assert form.kinds == ["tenant"]
    assert post(client, people.olivia, scope="tenant", tenant=people.litware.pk).status_code == 302


def test_a_tenant_administrator_is_offered_their_own_tenant_and_plain_roles(client, people):
    client.force_login(people.olivia)
    custom = RoleFactory(name="Reader", permissions=["tenants:view", "computers:view"])
    answer = client.get(address(people.sam))
    form = answer.context["form"]
    assert form.kinds == ["own_tenant"]
    described = {role.name: form.fields["role"].widget.describe(role) for role in form.fields["role"].queryset}
    assert {name for name, about in described.items() if not about["barred"]} == {"Tenant User", custom.name}
    assert described["MSP Administrator"]["why"]
    page = answer.content.decode()
    assert "Other scopes take a permission to assign them." in page
    for foreign in ("Contoso", "Fabrikam", "Northwind", "Theo"):
        assert foreign not in page


def test_each_kind_of_scope_comes_with_its_permission(client, people):
    client.force_login(people.sam)
    TagFactory(name="Gold", tenant=people.contoso)
    grant(people.sam, Permission.USERS_MANAGE)
    kinds = {
        Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES: "owner",
        Permission.USERS_ASSIGN_MSP_SCOPED_ROLES: "msp",
        Permission.USERS_ASSIGN_TAG_SCOPED_ROLES: "tag",
        Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES: "tenant",
    }
    for permission, kind in kinds.items():
        assert client.get(address(people.dana)).context["form"].kinds == ["own_tenant"]
        given = grant(people.sam, permission)
        assert client.get(address(people.dana)).context["form"].kinds == [kind, "own_tenant"]
        end(given)


def test_pickers_offer_only_what_may_be_given(client, people):
    client.force_login(people.sam)
    ours, theirs = TagFactory(name="Gold", tenant=people.contoso), TagFactory(name="Goldfish", tenant=people.tailspin)
    assign = [Permission.USERS_ASSIGN_MSP_SCOPED_ROLES, Permission.USERS_ASSIGN_TAG_SCOPED_ROLES]
    assign.append(Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES)
    grant(people.sam, *assign, Permission.COMPUTERS_VIEW, scope="msp", tenant=people.contoso)
    grant(people.sam, Permission.TENANTS_VIEW, Permission.TAGS_VIEW, Permission.USERS_VIEW)
    computer = ComputerFactory(name="LIT-1", tenant=people.litware)
    expected = {
        "rbac:scope-msp-pick": (people.contoso, people.tailspin),
        "rbac:scope-tag-pick": (ours, theirs),
        "rbac:scope-tenant-pick": (people.fabrikam, people.northwind),
        "rbac:scope-computer-pick": (computer, ComputerFactory(name="NOR-1", tenant=people.northwind)),
    }
    for name, (offered, hidden) in expected.items():
        options = client.get(reverse(name)).content.decode()
        assert f">{offered.name}<" in options
        assert hidden.name not in options


FOREIGN = {
    "role": lambda people: RoleFactory(tenant=people.northwind),
    "msp": lambda people: people.tailspin,
    "tag": lambda people: TagFactory(tenant=people.tailspin),
    "tenant": lambda people: people.northwind,
    "computer": lambda people: ComputerFactory(tenant=people.northwind),
    "computer_tag": lambda people: TagFactory(tenant=people.northwind),
}
CHOOSES = {
    "msp": {"scope": "msp"},
    "tag": {"scope": "tag"},
    "tenant": {"scope": "tenant"},
    "computer": {"computer_scope": "computer"},
    "computer_tag": {"computer_scope": "tag"},
}


@pytest.mark.parametrize("field", FOREIGN)
def test_what_is_foreign_is_refused_in_every_field_like_what_is_missing(client, people, field):
    give(people.dana, "msp_administrator", scope="msp", tenant=people.contoso)
    TagFactory(tenant=people.contoso)
    client.force_login(people.dana)
    answers = []
    for pk in (FOREIGN[field](people).pk, 999_999):
        answer = client.post(address(people.sam), said(**CHOOSES.get(field, {}), **{field: pk}))
        answers.append((answer.status_code, dict(answer.context["form"].errors)))
        assert "Northwind" not in answer.content.decode()
    assert answers[0] == answers[1]
    assert (answers[0][0], list(answers[0][1])) == (422, [field])
    assert not held(people.sam).exists()


def test_a_kind_that_is_not_offered_is_refused(client, people):
    client.force_login(people.olivia)
    answer = client.post(address(people.sam), said(scope="tenant", tenant=people.litware.pk))
    assert (answer.status_code, "scope" in answer.context["form"].errors) == (422, True)
    assert not held(people.sam).exists()


# What it gives


def test_what_is_given_counts_at_the_next_click_and_ends_there_too(client, people):
    theirs = Client()
    theirs.force_login(people.sam)
    client.force_login(people.olivia)
    users = reverse("accounts:user-list")
    assert theirs.get(users).status_code == 403
    answer = post(client, people.sam)
    assert answer["Location"] == reverse("rbac:assignment-list", args=[people.sam.pk])
    assert [row.user for row in theirs.get(users).context["rows"]] == [people.olivia, people.sam]
    row = held(people.sam).get()
    assert (row.granted_by, row.reason, row.scope) == (people.olivia, "INC-7", "own_tenant")
    end(row)
    assert theirs.get(users).status_code == 403


def test_every_scope_and_bound_arrives_as_it_was_put_together(client, people):
    client.force_login(people.marcus)
    tag, computers = TagFactory(name="Gold"), TagFactory(name="Tier 0")
    machine = ComputerFactory(tenant=people.fabrikam)
    cases = [
        ({"scope": "owner"}, {}),
        ({"scope": "msp", "msp": people.contoso.pk}, {"tenant": people.contoso}),
        ({"scope": "tag", "tag": tag.pk}, {"tag": tag}),
        ({"scope": "tenant", "tenant": people.fabrikam.pk, "include_children": "on"}, {"include_children": True}),
        ({"scope": "own_tenant", "include_children": "on"}, {"include_children": True, "tenant": None}),
        ({"computer_scope": "computer", "computer": machine.pk}, {"computer": machine}),
        ({"computer_scope": "tag", "computer_tag": computers.pk}, {"computer_tag": computers}),
        ({"computer_scope": "type", "computer_type": "servers"}, {"computer_type": "servers"}),
    ]
    for changes, expected in cases:
        assert post(client, people.dana, **changes).status_code == 302
        row = held(people.dana).first()
        assert {name: getattr(row, name) for name in expected} == expected
        assert (row.scope, row.computer_scope) == (
            changes.get("scope", "own_tenant"),
            changes.get("computer_scope", "all"),
        )


def test_what_an_unchosen_card_says_counts_for_nothing(client, people):
    client.force_login(people.marcus)
    assert post(client, people.dana, tenant=people.fabrikam.pk, computer_type="servers").status_code == 302
    row = held(people.dana).get()
    assert (row.tenant, row.computer_type) == (None, None)


@pytest.mark.parametrize(("ends", "span"), [("hour", 1), ("day", 24), ("days", 72)])
def test_a_span_ends_that_long_from_now(client, people, ends, span):
    client.force_login(people.marcus)
    post(client, people.dana, ends=ends)
    left = held(people.dana).get().expires_at - timezone.now()
    assert timedelta(hours=span) - left < timedelta(minutes=1)


def test_a_span_counts_from_the_start(client, people):
    client.force_login(people.marcus)
    start = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    post(client, people.dana, starts="date", starts_at=start.isoformat(), ends="day")
    row = held(people.dana).get()
    assert (row.starts_at, row.expires_at) == (start, start + timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": ""}, "role"),
        ({"reason": " "}, "reason"),
        ({"scope": "tenant"}, "tenant"),
        ({"computer_scope": "computer"}, "computer"),
        ({"ends": "date"}, "ends_at"),
        ({"starts": "date", "starts_at": "soon"}, "starts_at"),
        ({"ends": "date", "ends_at": "2020-01-01T00:00"}, "ends_at"),
        ({"effect": "maybe"}, "effect"),
    ],
)
def test_bad_input_comes_back_marked_with_all_that_was_typed(client, people, changes, field):
    client.force_login(people.marcus)
    answer = client.post(address(people.dana), said(**{"reason": "Because it is needed", **changes}))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    page = answer.content.decode()
    assert "Nothing was given." in page
    assert f'href="#id_{field}"' in page
    assert field == "reason" or 'value="Because it is needed"' in page
    assert not held(people.dana).exists()


def test_a_double_submit_makes_one_assignment(client, people):
    client.force_login(people.marcus)
    assert post(client, people.dana).status_code == 302
    answer = post(client, people.dana)
    assert answer.status_code == 422
    assert "Dana Whitfield has exactly this already" in answer.content.decode()
    assert held(people.dana).count() == 1


def test_a_role_for_denying_only_denies(client, people):
    role = RoleFactory(name="No Scripts", permissions=["scripts:manage"], deny_only=True)
    client.force_login(people.marcus)
    answer = post(client, people.dana, role=role.pk)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["role"])
    assert post(client, people.dana, role=role.pk, effect="deny").status_code == 302
    assert held(people.dana).get().effect == "deny"


def test_the_gate_refuses_what_the_form_could_not_know(client, people):
    strong = RoleFactory(name="Tags", permissions=["computers:view", "tenants:view", "scripts:view", "scripts:manage"])
    client.force_login(people.olivia)
    answer = post(client, people.sam, role=strong.pk)
    assert answer.status_code == 403
    assert "You do not hold Manage Scripts on all of it." in answer.content.decode()
    assert not held(people.sam).exists()
    assert AuditEntry.objects.latest("pk").action == "role_assignment.refused"


def test_nobody_gives_themselves_more(client, people):
    give(people.dana, "msp_administrator", scope="msp", tenant=people.contoso)
    client.force_login(people.dana)
    page = client.get(reverse("rbac:assignment-list", args=[people.dana.pk])).content.decode()
    assert address(people.dana) not in page
    answer = post(client, people.dana, key="auditor", scope="msp", msp=people.contoso.pk, ends="day")
    assert answer.status_code in (302, 403)
    assert access_is_the_same(people.dana)


def access_is_the_same(user) -> bool:
    return {row.role.key for row in held(user)} <= {"msp_administrator", "auditor"}


def test_whoever_was_removed_gets_nothing(client, people):
    gone = person("Gone Girl", people.litware, is_active=False, removed_at=timezone.now())
    client.force_login(people.marcus)
    assert client.get(address(gone)).status_code == 403
    assert post(client, gone).status_code == 403


def test_what_was_not_shown_comes_back_with_its_preview_and_is_given_then(client, people):
    client.force_login(people.marcus)
    asked = client.post(address(people.sam), said())
    assert asked.status_code == 422
    assert "was not shown yet, or has changed since" in asked.content.decode()
    assert asked.context["preview"].gained
    assert not held(people.sam).exists()
    assert client.post(address(people.sam), said(shown=mark_of(asked))).status_code == 302
    after = AuditEntry.objects.latest("pk").after
    assert after["ripple"]["gained"] == {each.value: 1 for each in asked.context["preview"].gained}
