"""What a change of access would do, asked by whoever may not make it; and nothing is written."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import reverse

from rbac.models import Role
from rbac.permissions import Permission
from tests.factories import GroupMembershipFactory, RoleFactory, TenantFactory
from tests.grants import end, grant
from tests.people import give, give_group
from tests.rbac.editor import HTMX, preview, said
from tests.restore import every_row

START = reverse("rbac:what-if")
SIMULATE = Permission.GOVERNANCE_SIMULATE_CHANGES


def page(principal, kind: str = "user") -> str:
    return reverse(f"rbac:{kind}-what-if", args=[principal.pk])


def asked(**changes) -> dict[str, object]:
    """What the page asks: what the editor asks but for the reason."""
    question = said(**changes)
    del question["reason"]
    return question


def ask(client, principal, kind: str = "user", **changes):
    answer = client.get(page(principal, kind), asked(**changes), headers=HTMX)
    assert answer.status_code == 200
    return answer


def lines(answer) -> list[tuple[str, str, str, str]]:
    return [tuple(line) for line in answer.context["effects"]]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"key": "msp_administrator", "scope": "owner"},
        {"key": "script_manager", "scope": "owner", "ends": "day"},
        {"key": "script_manager", "effect": "deny"},
        {"key": "auditor", "include_children": "on"},
    ],
)
def test_it_shows_what_the_editor_shows(client, people, auditor, changes):
    """To whoever may give it, and to whoever may not: but for the verdict, and what the editor will ask."""
    give(people.sam, "script_manager", scope="own_tenant")
    client.force_login(people.marcus)
    edited = preview(client, people.sam, **changes)
    answers = [ask(client, people.sam, **changes)]
    client.force_login(auditor)
    answers.append(ask(client, people.sam, **changes))
    for answer in answers:
        told = [(*line[:3], line[3].replace(" You will be asked to confirm.", "")) for line in lines(edited)[:-1]]
        assert lines(answer) == told
        assert answer.context["preview"].outcome == edited.context["preview"].outcome
        assert answer.context["figures"] == edited.context["figures"]


def test_of_a_group_it_says_how_many_members_it_touches(client, people, auditor):
    GroupMembershipFactory(group=people.desk, user=people.marcus)
    client.force_login(auditor)
    answer = ask(client, people.desk, "group", key="script_manager", scope="owner")
    assert "1 of 2 members gains something" in [line[2] for line in lines(answer)]


def test_nothing_is_written(client, people, auditor):
    give_group(people.desk, "msp_user", scope="owner")
    client.force_login(auditor)
    client.get(START)  # who was last seen is kept then
    before = every_row()
    for kind, principal in (("user", people.sam), ("group", people.desk)):
        client.get(page(principal, kind))
        for changes in ({"key": "msp_administrator", "scope": "owner"}, {"effect": "deny", "starts": "now"}):
            ask(client, principal, kind, **changes)
            client.get(page(principal, kind), asked(**changes))
        assert client.post(page(principal, kind), asked()).status_code == 405
    client.get(START, {"about": f"user:{people.sam.pk}"})
    assert every_row() == before


def test_whoever_may_give_it_opens_the_editor_filled_in(client, people):
    client.force_login(people.marcus)
    answer = ask(client, people.sam, key="script_manager", ends="days", starts="date", starts_at="2031-02-03T10:00")
    link = answer.context["opens"]
    assert link in answer.content.decode().replace("&amp;", "&")
    editor = client.get(link)
    form = editor.context["form"]
    assert not form.is_bound
    chosen = {name: str(form[name].value()) for name in ("role", "ends", "starts", "starts_at", "scope")}
    assert chosen.items() <= dict(parse_qsl(urlsplit(link).query)).items()
    assert form["starts_at"].value() == "2031-02-03T10:00"
    assert "Say why" not in editor.content.decode()


def test_whoever_may_not_give_it_is_offered_no_editor(client, people, auditor):
    client.force_login(auditor)
    answer = ask(client, people.sam)
    assert answer.context["opens"] == ""
    assert "You may not give this yourself" in answer.content.decode()
    client.force_login(people.marcus)
    assert ask(client, people.marcus).context["opens"] == ""  # nobody gives to themselves
    assert client.get(reverse("rbac:assignment-create", args=[people.sam.pk])).status_code == 200


def test_it_comes_and_goes_with_the_permission(client, people):
    client.force_login(people.olivia)
    for address in (START, reverse("rbac:what-if-pick"), page(people.sam)):
        assert client.get(address).status_code == 403
    given = grant(people.olivia, SIMULATE, scope="tenant", tenant=people.litware)
    for address in (START, reverse("rbac:what-if-pick"), page(people.sam)):
        assert client.get(address).status_code == 200
    assert client.get(page(people.theo)).status_code == 404
    grant(people.olivia, Permission.USERS_VIEW, scope="tenant", tenant=people.northwind)
    assert client.get(page(people.theo)).status_code == 403
    end(given)
    assert client.get(page(people.sam)).status_code == 403


def test_nobody_looks_further_than_they_may(client, people):
    """What somebody holds elsewhere would show in it."""
    below = TenantFactory(name="Litware Labs", parent=people.litware)
    give(people.sam, "msp_administrator", scope="owner")
    grant(people.olivia, SIMULATE, scope="tenant", tenant=people.litware)
    grant(people.olivia, Permission.TENANTS_VIEW, scope="tenant", tenant=people.fabrikam)
    client.force_login(people.olivia)
    scopes = [value for value, _ in client.get(page(people.sam)).context["form"].fields["scope"].choices]
    assert scopes == ["msp", "tenant", "own_tenant"][1:]
    assert ask(client, people.sam).context["preview"].held
    beyond = (
        {"scope": "tenant", "tenant": people.fabrikam.pk},
        {"scope": "tenant", "tenant": people.litware.pk, "include_children": "on"},
        {"include_children": "on"},
    )
    for changes in beyond:
        answer = ask(client, people.sam, **changes)
        assert "It reaches beyond where you may simulate changes" in answer.content.decode()
        assert "preview" not in answer.context
    for hidden in (below.pk, people.northwind.pk, 999_999):
        answer = ask(client, people.sam, scope="tenant", tenant=hidden)
        assert "Select a valid choice" in answer.content.decode()
    assert "preview" not in ask(client, people.sam, scope="owner").context


def test_whom_the_reader_does_not_see_is_not_counted(client, people):
    GroupMembershipFactory(group=people.desk, user=people.marcus)
    grant(people.olivia, SIMULATE, Permission.GROUPS_VIEW, scope="tenant", tenant=people.contoso, include_children=True)
    end(grant(people.olivia, Permission.COMPUTERS_VIEW, scope="owner"))
    client.force_login(people.olivia)
    seen = ask(client, people.desk, "group", scope="tenant", tenant=people.fabrikam.pk).context["preview"]
    assert seen.crowd.members == 2
    people.dana.tenant = people.northwind
    outside = GroupMembershipFactory(group__tenant=None, user=people.theo).group
    assert client.get(page(outside, "group")).status_code == 404


def test_the_first_page_leads_to_whom_it_is_about(client, people, auditor):
    client.force_login(auditor)
    role = Role.objects.get(key="script_manager")
    said = {"about": f"group:{people.desk.pk}", "role": role.pk, "tenant": people.fabrikam.pk}
    answer = client.get(START, said)
    asked_there = f"?role={role.pk}&tenant={people.fabrikam.pk}&scope=tenant"
    assert answer["Location"] == page(people.desk, "group") + asked_there
    form = client.get(answer["Location"]).context["form"]
    assert [str(form[name].value()) for name in ("role", "scope", "tenant")] == [
        str(role.pk),
        "tenant",
        str(people.fabrikam.pk),
    ]
    text = client.get(START, {"role": role.pk, "tenant": people.fabrikam.pk}).content.decode()
    assert "had Script Manager on Fabrikam?" in text
    found = client.get(reverse("rbac:what-if-pick"), {"q": "s"}).content.decode()
    assert "Service Desk" in found
    assert "Sam Okafor" in found
    assert "Sam Okafor" in client.get(START, {"find": "sam"}).content.decode()


@pytest.mark.parametrize("said", [{"about": "tag:1"}, {"about": "x"}, {"about": "user:x"}, {"tenant": "x"}])
def test_what_is_malformed_is_said_to_be(client, auditor, said):
    client.force_login(auditor)
    assert client.get(START, said).status_code == 400


def test_hidden_and_missing_are_the_same(client, people):
    grant(people.olivia, SIMULATE, scope="tenant", tenant=people.litware)
    client.force_login(people.olivia)
    hidden = RoleFactory(tenant=people.fabrikam)
    for chosen in ({"tenant": people.fabrikam.pk}, {"tenant": 999_999}, {"role": hidden.pk}, {"role": 999_999}):
        assert client.get(START, chosen).status_code == 404
    for pk in (people.dana.pk, 999_999):
        answer = client.get(START, {"about": f"user:{pk}"}, follow=True)
        assert answer.status_code == 404


def test_it_is_linked_where_it_helps(client, people, auditor):
    role = Role.objects.get(key="script_manager")
    pages = {
        reverse("rbac:role-detail", args=[role.pk]): f"{START}?role={role.pk}",
        reverse("tenancy:tenant-detail", args=[people.fabrikam.pk]): f"{START}?tenant={people.fabrikam.pk}",
        reverse("accounts:user-detail", args=[people.sam.pk]): page(people.sam),
        reverse("accounts:group-detail", args=[people.desk.pk]): page(people.desk, "group"),
    }
    for reader, is_linked in ((auditor, True), (people.olivia, False)):
        client.force_login(reader)
        for address, link in pages.items():
            answer = client.get(address)
            assert (f'href="{link}"' in answer.content.decode()) == is_linked or answer.status_code == 404
