"""Why somebody may or may not: who may ask of whom and about what, what each outcome says, whom it names."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from rbac.access import access_for
from rbac.models import Switch
from rbac.permissions import Permission
from rbac.subjects import SUBJECTS, explain_url
from rbac.switches import SwitchKey
from tests.factories import (
    GroupFactory,
    GroupMembershipFactory,
    LicenseFactory,
    RoleAssignmentFactory,
    RoleFactory,
    ScriptFactory,
    SoftwareFactory,
    TagFactory,
)
from tests.grants import deny, end, grant

EDIT = Permission.COMPUTERS_MANAGE
HTMX = {"HX-Request": "true"}


def ask(client, reader, status: int = 200, headers: dict[str, str] | None = None, **question) -> str:
    client.force_login(reader)
    answer = client.get(explain_url(**question), headers=headers or {})
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


def of_every_kind(owner, **more):
    owned = (GroupFactory, LicenseFactory, RoleFactory, ScriptFactory, SoftwareFactory, TagFactory)
    return {factory._meta.model.__name__.lower(): factory(tenant=owner) for factory in owned} | {
        "tenant": owner,
        **more,
    }


# Who may ask


def test_of_oneself_everybody_may_ask(client, story):
    shown = ask(client, story.grace, permission=EDIT, on=story.dc01)
    assert "No, you cannot edit DC01" in shown
    assert "Who else can" not in shown
    assert "Yes, you can see DC01" in ask(
        client, story.grace, user=story.grace, permission=Permission.COMPUTERS_VIEW, on=story.dc01
    )


def test_of_others_it_takes_explain_access_over_them(client, story):
    question = {"user": story.grace, "permission": EDIT, "on": story.dc01}
    ask(client, story.dana, 403, **question)
    given = grant(story.dana, Permission.GOVERNANCE_EXPLAIN_ACCESS, scope="tenant", tenant=story.fabrikam)
    assert "No, Grace Kim cannot edit DC01" in ask(client, story.dana, **question)
    ask(client, story.dana, 403, **question | {"user": story.hugo})
    end(given)
    ask(client, story.dana, 403, **question)


@pytest.mark.parametrize("kind", SUBJECTS)
def test_what_is_hidden_answers_what_is_missing(client, story, kind):
    hidden = of_every_kind(story.adventure, computer=story.bikes, user=story.olivia)[kind]
    client.force_login(story.rosa)
    answers = [
        client.get(reverse("rbac:explain"), {"permission": "users:view", "on": f"{kind}:{pk}"})
        for pk in (hidden.pk, 2_000_000_000)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_person_who_is_hidden_answers_who_is_missing(client, story):
    client.force_login(story.rosa)
    address = reverse("rbac:explain")
    answers = [client.get(address, {"user": pk}) for pk in (story.olivia.pk, 2_000_000_000)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    "query",
    [
        "user=x",
        "user=1e3",
        "user=" + "9" * 30,
        "permission=x",
        "on=x",
        "on=computer:",
        "on=assignment:1",
        "who=1",
        "find=%00",
    ],
)
def test_what_is_malformed_is_400(client, story, query):
    client.force_login(story.marcus)
    assert client.get(f"{reverse('rbac:explain')}?{query}").status_code == 400


def test_without_a_whole_question_it_asks(client, story):
    shown = ask(client, story.marcus, user=story.dana)
    assert "Explain access" in shown
    assert 'id="verdict"' not in shown
    assert "Dana Whitfield" in shown


# What it answers


@pytest.mark.parametrize("kind", [*SUBJECTS, "instance"])
def test_the_answer_is_the_rules_for_every_kind_of_object(client, story, kind):
    objects = of_every_kind(story.fabrikam, computer=story.dc01, user=story.grace)
    on = f"{kind}:{objects[kind].pk}" if kind in objects else "instance"
    client.force_login(story.marcus)
    answer = client.get(
        reverse("rbac:explain"), {"user": story.marcus.pk, "permission": "preferences:manage_system", "on": on}
    )
    assert "Yes, you can" in answer.content.decode()
    answer = client.get(reverse("rbac:explain"), {"user": story.grace.pk, "permission": "users:manage", "on": on})
    assert "No, Grace Kim cannot" in answer.content.decode()


def test_a_deny_that_wins_is_drawn_before_what_it_beats(client, story):
    soon = timezone.now() + timedelta(days=30)
    deny(story.dana, EDIT, scope="tenant", tenant=story.fabrikam, reason="CHG-4471", expires_at=soon)
    shown = ask(client, story.hugo, user=story.dana, permission=EDIT, on=story.dc01)
    assert "No, Dana Whitfield cannot edit DC01" in shown
    assert "wins over 1 allow. It ends on" in shown
    assert shown.index("Deny, decides") < shown.index("Allow, matches but is overruled")
    assert "CHG-4471" in shown
    assert "End the deny, or wait until" in shown


def test_an_allow_says_through_what(client, story):
    desk = GroupFactory(name="Service Desk", tenant=story.contoso)
    GroupMembershipFactory(group=desk, user=story.hugo)
    RoleAssignmentFactory(group=desk, role=RoleFactory(permissions=[EDIT]), scope="msp", tenant=story.contoso)
    shown = ask(client, story.marcus, user=story.hugo, permission=EDIT, on=story.dc01)
    assert "Yes, Hugo Marchetti can edit DC01" in shown
    assert "1 allow matches, through Service Desk. No deny matches." in shown
    assert "Fabrikam belongs to it" in shown
    assert "If this should change" not in shown


def test_a_yes_shows_the_deny_that_nearly_took_it(client, story):
    deny(story.dana, EDIT, scope="tenant", tenant=story.northwind)
    shown = ask(client, story.hugo, user=story.dana, permission=EDIT, on=story.dc01)
    assert "would deny it, but the path breaks" in shown
    assert "not Fabrikam" in shown


PAST, FUTURE = timezone.now() - timedelta(days=400), timezone.now() + timedelta(days=400)
NEAR = [
    ({"scope": "tenant", "expires_at": PAST}, "the assignment has expired", "expired on"),
    ({"scope": "tenant", "starts_at": FUTURE}, "the assignment has not started yet", "starts on"),
    ({"scope": "own_tenant"}, "its tenants do not include this one", "Contoso MSP, not Fabrikam"),
    (
        {"scope": "tenant", "computer_scope": "type", "computer_type": "servers"},
        "its computers do not include this one",
        "DC01 is a domain controller",
    ),
]


@pytest.mark.parametrize(("scope", "why", "fact"), NEAR, ids=[why for _, why, _ in NEAR])
def test_a_near_miss_says_where_it_breaks(client, story, scope, why, fact):
    tenant = {"tenant": story.fabrikam} if scope["scope"] == "tenant" else {}
    grant(story.hugo, EDIT, **scope, **tenant)
    shown = ask(client, story.marcus, user=story.hugo, permission=EDIT, on=story.dc01)
    assert f"but {why}." in shown
    assert fact in shown
    assert "stops here" in shown


def test_a_switch_is_named(client, story):
    grant(story.dana, Permission.SCRIPTS_MANAGE, scope="tenant", tenant=story.fabrikam)
    Switch.objects.create(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    script = ScriptFactory(name="Reboot", tenant=story.fabrikam)
    shown = ask(client, story.hugo, user=story.dana, permission=Permission.SCRIPTS_MANAGE, on=script)
    assert "No, Dana Whitfield cannot edit Reboot" in shown
    assert "but a preference suspends the permission." in shown
    assert SwitchKey.TERMINAL_AND_SCRIPTS.label in shown


def test_an_account_that_may_not_act_says_so_first(client, story):
    type(story.dana).objects.filter(pk=story.dana.pk).update(is_active=False)
    shown = ask(client, story.hugo, user=story.dana, permission=EDIT, on=story.dc01)
    assert "The account may not act: <b>deactivated</b>." in shown


def test_nothing_at_all_is_said_plainly(client, story):
    shown = ask(client, story.marcus, user=story.grace, permission=Permission.TENANTS_MANAGE, on=story.fabrikam)
    assert "No, Grace Kim cannot manage Fabrikam" in shown
    assert "Nothing that Grace Kim holds gives <b>Manage Tenants</b>." in shown


def test_reading_beyond_the_bare_rule_says_so(client, story):
    script = ScriptFactory(name="Everybody’s", tenant=None)
    shown = ask(client, story.marcus, user=story.grace, permission=Permission.SCRIPTS_VIEW, on=script)
    may = access_for(story.grace).can(Permission.SCRIPTS_VIEW, script)
    assert ("Whoever holds <b>View Scripts</b> may read this." in shown) == may


# Whom it names


def test_what_lies_outside_the_readers_view_is_one_line(client, story):
    deny(story.grace, Permission.COMPUTERS_VIEW, scope="tag", tag=TagFactory(name="Hidden"))
    grant(story.grace, EDIT, scope="msp", tenant=story.contoso)
    shown = ask(client, story.rosa, user=story.grace, permission=EDIT, on=story.dc01)
    assert "Yes, Grace Kim can edit DC01" in shown
    assert "Further access outside your view" in shown
    assert "Contoso MSP and its customers" not in shown


def test_who_gave_it_is_named_only_to_who_may_know(client, story):
    deny(story.grace, Permission.COMPUTERS_VIEW, scope="own_tenant", reason="Leave", granted_by=story.olivia)
    question = {"user": story.grace, "permission": Permission.COMPUTERS_VIEW, "on": story.dc01}
    shown = ask(client, story.rosa, **question)
    assert "“Leave”, the operator of this system," in shown
    assert "Olivia" not in shown
    assert "“Leave”, Olivia Novak," in ask(client, story.marcus, **question)


def test_htmx_gets_the_answer_alone(client, story):
    shown = ask(client, story.marcus, headers=HTMX, user=story.dana, permission=EDIT, on=story.dc01)
    assert shown.strip().startswith('<div id="answer">')
    assert "autofocus" in shown


# Where it is linked


@pytest.mark.parametrize(
    "page", ["accounts:user-detail", "accounts:group-detail", "rbac:role-detail", "tenancy:tag-detail"]
)
def test_whoever_may_ask_about_others_is_led_there(client, story, page):
    kind = page.partition(":")[2].removesuffix("-detail")
    about = of_every_kind(story.fabrikam, user=story.grace)[kind]
    grant(story.dana, Permission.GROUPS_VIEW, Permission.TAGS_VIEW, Permission.ROLES_VIEW, scope="owner")
    question = {"user": about} if kind == "user" else {"on": about}
    link = explain_url(**question)
    seen = []
    for reader in (story.marcus, story.dana):
        client.force_login(reader)
        answer = client.get(reverse(page, args=[about.pk]))
        assert answer.status_code == 200
        seen.append(f'href="{link}"' in answer.content.decode())
    assert seen == [True, False]


def test_every_row_of_effective_access_asks_about_what_it_names(client, story):
    given = grant(story.grace, EDIT, scope="tenant", tenant=story.northwind)
    narrow = grant(
        story.grace, EDIT, scope="tenant", tenant=story.fabrikam, computer_scope="computer", computer=story.dc01
    )
    client.force_login(story.marcus)
    page = client.get(reverse("rbac:user-access", args=[story.grace.pk])).content.decode()
    for on in (given.tenant, narrow.computer):
        assert explain_url(user=story.grace, permission=EDIT, on=on).replace("&", "&amp;") in page
    client.force_login(story.grace)
    own = client.get(reverse("accounts:profile-access")).content.decode()
    addresses = {address.replace("&amp;", "&") for address in re.findall(r'href="(/explain/[^"]*)"', own)}
    assert addresses
    assert {client.get(address).status_code for address in addresses} == {200}


# What it offers


def test_the_pickers_offer_what_the_reader_may_see(client, story):
    client.force_login(story.rosa)
    people = client.get(reverse("rbac:explain-user-pick"), {"q": ""}).content.decode()
    objects = client.get(reverse("rbac:explain-on-pick"), {"q": ""}).content.decode()
    assert "Grace Kim" in people
    assert "Dana" not in people
    assert f'value="computer:{story.dc01.pk}"' in objects
    assert f'value="tenant:{story.fabrikam.pk}"' in objects
    assert 'value="instance"' in objects
    assert all(name not in objects for name in ("AW-BIKES", "NW-PRESS", "Olivia"))


def test_without_a_script_a_search_fills_the_choices(client, story):
    client.force_login(story.marcus)
    shown = client.get(reverse("rbac:explain"), {"find": "da"}).content.decode()
    assert re.search(rf'<option value="{story.dana.pk}"[^>]*>Dana Whitfield</option>', shown)
    shown = client.get(reverse("rbac:explain"), {"find": "dc01"}).content.decode()
    assert re.search(rf'<option value="computer:{story.dc01.pk}"[^>]*>DC01</option>', shown)


def test_what_lacks_the_permission_alone_is_the_farthest_near_miss(client, story):
    reader = RoleFactory(name="Reader", permissions=[Permission.COMPUTERS_VIEW])
    RoleAssignmentFactory(user=story.grace, role=reader, scope="tenant", tenant=story.litware)
    shown = ask(client, story.marcus, user=story.grace, permission=EDIT, on=story.dc01)
    assert shown.count("lacks Manage Computers") == 1
    assert "Nothing that Grace Kim holds gives <b>Manage Computers</b>." in shown
    late = timezone.now() + timedelta(days=1)
    grant(story.grace, EDIT, scope="own_tenant", starts_at=late)
    shown = ask(client, story.marcus, user=story.grace, permission=EDIT, on=story.dc01)
    assert shown.index("starts on") < shown.index("lacks Manage Computers")
    assert "Closest is" in shown
    story.grace.is_active = False
    story.grace.save(update_fields=["is_active"])
    assert "lacks" not in ask(client, story.marcus, user=story.grace, permission=EDIT, on=story.dc01)


def test_a_path_leads_to_its_assignment(client, story):
    row = deny(story.grace, EDIT, scope="own_tenant")
    shown = ask(client, story.marcus, user=story.grace, permission=EDIT, on=story.dc01)
    address = f"{reverse('rbac:assignment-index')}?id={row.pk}"
    assert shown.count(f'href="{address}"') == 2, "beside the path, and what to review"
    assert [line.held.row for line in client.get(address).context["lines"]] == [row]
    assert address not in ask(client, story.grace, permission=EDIT, on=story.dc01)


def test_a_refusal_says_what_is_left_and_who_could(client, story):
    client.force_login(story.grace)
    address = reverse("computers:computer-edit", args=[story.dc01.pk])
    shown = client.get(address).content.decode()
    assert f'href="{reverse("computers:computer-detail", args=[story.dc01.pk])}"' in shown
    assert "Write notes on DC01" in shown
    assert "Edit DC01" not in shown
    assert "<b>Rosa Delgado</b>" in shown
    assert "Marcus" not in shown
    deny(story.grace, Permission.USERS_VIEW, scope="own_tenant")
    assert "Who can help" not in client.get(address).content.decode()


def test_a_refusal_leads_to_the_full_explanation(client, story):
    deny(story.grace, EDIT, scope="own_tenant")
    client.force_login(story.grace)
    answer = client.get(reverse("computers:computer-edit", args=[story.dc01.pk]))
    assert answer.status_code == 403
    shown = answer.content.decode()
    assert "You cannot edit DC01" in shown
    address = explain_url(user=story.grace, permission=EDIT, on=story.dc01).replace("&", "&amp;")
    assert address in shown
