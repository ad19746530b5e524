"""A question in words on the explain pages: where it leads, what it asks back, and what it may not tell."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from rbac.access import access_for
from rbac.objects import ComputersOf
from rbac.permissions import Permission
from rbac.subjects import explain_url, who_url
from tests.factories import ComputerFactory, ComputerTagFactory, GroupFactory, TenantFactory, UserFactory
from tests.grants import deny, grant
from tests.story import Story, tell

EDIT = Permission.COMPUTERS_MANAGE
MINUTE = re.compile(r"\d\d:\d\d UTC")
"""When the page was printed: a minute may end between two questions."""


START = tell


@pytest.fixture
def story(start) -> Story:
    return start


def ask(client, reader, words, status=200):
    client.force_login(reader)
    answer = client.get(reverse("rbac:explain-ask"), {"words": words})
    assert answer.status_code == status
    return answer.content.decode()


def leads(client, reader, words):
    client.force_login(reader)
    answer = client.get(reverse("rbac:explain-ask"), {"words": words})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_whether_somebody_can(client, story):
    asked = explain_url(user=story.grace, permission=EDIT, on=story.dc01)
    for words in ("can Grace Kim edit DC01", "Can grace.kim@fabrikam.example manage dc01?", "Can Grace Kim edit DC01?"):
        assert leads(client, story.marcus, words) == asked
    assert "No, Grace Kim cannot edit DC01" in client.get(asked).content.decode()


def test_of_oneself(client, story):
    asked = explain_url(user=story.grace, permission=EDIT, on=story.dc01)
    assert leads(client, story.grace, "can I edit DC01") == asked
    assert leads(client, story.grace, "can Grace Kim edit DC01 of Fabrikam") == asked


def test_who_can(client, story):
    asked = who_url(permission=Permission.USERS_MANAGE, on=story.fabrikam)
    assert leads(client, story.marcus, "who can edit users of Fabrikam") == asked
    assert leads(client, story.marcus, "who can manage users in tenant fabrikam?") == asked
    assert leads(client, story.marcus, "who can edit computers") == who_url(permission=EDIT)
    assert leads(client, story.marcus, "who can view the system audit log").endswith("on=instance")


def test_who_can_on_the_servers_of_a_tenant(client, story):
    grant(story.rosa, EDIT, scope="tenant", tenant=story.northwind, computer_scope="type", computer_type="servers")
    asked = leads(client, story.marcus, "who can edit servers of Northwind")
    assert asked == who_url(permission=EDIT, on=ComputersOf(story.northwind, "servers"))
    shown = client.get(asked).content.decode()
    assert "Who can edit servers of Northwind" in shown
    assert "Rosa Delgado" in shown
    assert "by a tag, or on one of them alone" in shown
    assert "Rosa Delgado" not in client.get(asked.replace("servers", "domain_controllers")).content.decode()
    export = reverse("rbac:explain-who-export") + asked[asked.index("?") :]
    assert b"Rosa Delgado" in b"".join(client.get(export).streaming_content)


def test_what_somebody_can_do(client, story):
    asked = leads(client, story.marcus, "what may Dana Whitfield do on DC01")
    assert asked == explain_url(user=story.dana, on=story.dc01)
    shown = client.get(asked).content.decode()
    assert "What Dana Whitfield can do on DC01" in shown
    assert shown.index(">edit DC01<") < shown.index("Dana Whitfield cannot") < shown.index(">delete DC01<")
    assert leads(client, story.marcus, "what can Dana Whitfield do") == reverse(
        "rbac:user-access", args=[story.dana.pk]
    )
    assert leads(client, story.dana, "what can I do?") == reverse("accounts:profile-access")


@pytest.mark.parametrize("kind", ["tenant", "user", "group", "instance"])
def test_what_one_can_do_to_other_things(client, story, kind):
    on = {"tenant": story.fabrikam, "user": story.grace, "group": GroupFactory(tenant=story.fabrikam)}
    client.force_login(story.rosa)
    reference = f"{kind}:{on[kind].pk}" if kind in on else kind
    shown = client.get(reverse("rbac:explain"), {"on": reference}).content.decode()
    assert "What you can do on" in shown


def test_namesakes_are_asked_about(client, story):
    ComputerFactory(name="DC01", tenant=story.northwind)
    shown = ask(client, story.marcus, "can Grace Kim edit DC01")
    assert "Which of these do you mean?" in shown
    assert "Computer, Fabrikam" in shown
    assert '<option value="computers:manage" selected' in shown
    assert "Computer, Northwind" in shown
    asked = explain_url(user=story.grace, permission=EDIT, on=story.dc01)
    assert escape(asked) in shown
    assert leads(client, story.marcus, "can Grace Kim edit DC01 of Fabrikam") == asked
    twin = UserFactory(name="Grace Kim", tenant=story.northwind)
    assert twin.email in ask(client, story.marcus, "can Grace Kim edit NW-PRESS")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("", "Ask something."),
        ("who can fly the plane", "“fly the plane” names nothing that somebody may do here."),
        ("can Grace Kim fly the plane?", "“fly the plane” names nothing that somebody may do here."),
        ("can Olga Unknown fly", "“Olga Unknown fly” names nothing that somebody may do here."),
        ("can Nobody Here edit DC01", "There is nobody called “Nobody Here” whom you may see."),
        ("can Grace Kim edit NOWHERE-1", "There is nothing called “NOWHERE-1”"),
        ("who can edit servers of Atlantis", "There is nothing called “servers of Atlantis”"),
        ("<script>alert(1)</script>", "is no question that can be read here"),
    ],
)
def test_what_is_not_understood_is_told_beside_the_field(client, story, words, error):
    shown = ask(client, story.marcus, words, 422)
    assert escape(error) in shown
    assert f'value="{escape(words)}"' in shown
    assert "<script>alert" not in shown


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("who can edit servers of North", "Who can edit servers of Northwind?"),
        ("can grace edit DC01", "Can Grace Kim edit DC01?"),
        ("can grace use the terminal on DC01", "Can Grace Kim run commands on DC01?"),
    ],
)
def test_names_in_part_are_offered_and_not_taken(client, story, words, offered):
    shown = ask(client, story.marcus, words)
    assert "these come near" in shown
    assert escape(offered) in shown


def test_what_was_understood_is_filled_in(client, story):
    shown = ask(client, story.marcus, "can Grace Kim edit NOWHERE-1", 422)
    assert f'<option value="{story.grace.pk}" selected' in shown
    assert '<option value="computers:manage" selected' in shown


@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        ("can I edit AW-BIKES", "can I edit NO-BIKES"),
        ("can Olivia Novak edit DC01", "can Nobody Novak edit DC01"),
        ("can Olivia Novak fly", "can Nobody Novak fly"),
        ("who can edit servers of Adventure Works", "who can edit servers of Missing Works"),
        ("what can Olivia Novak do", "what can Nobody Novak do"),
    ],
)
def test_what_is_hidden_answers_as_what_is_missing(client, story, hidden, missing):
    token = 'name="csrfmiddlewaretoken" value="'
    shown = [ask(client, story.rosa, words, 422).replace(escape(words), "…") for words in (hidden, missing)]
    for old, new in (("AW-BIKES", "x"), ("NO-BIKES", "x"), ("Olivia", "x"), ("Nobody", "x"), ("Adventure", "x")):
        shown = [each.replace(old, new) for each in shown]
    shown = [MINUTE.sub("", each) for each in shown]
    hidden_words, missing_words = (each.replace("Missing", "x").split("<main")[1] for each in shown)
    assert hidden_words == missing_words
    assert token not in hidden_words


def test_who_else_is_not_asked_by_who_may_not(client, story):
    assert "for those who may ask about others" in ask(client, story.grace, "who can edit DC01", 422)


def test_the_page_shows_the_question_in_words(client, story):
    client.force_login(story.marcus)
    asked = explain_url(user=story.grace, permission=EDIT, on=story.dc01)
    assert 'value="Can Grace Kim edit DC01?"' in client.get(asked).content.decode()
    assert 'value="Can Grace Kim edit DC01?"' in client.get(asked, headers={"HX-Request": "true"}).content.decode()
    who = who_url(permission=EDIT, on=story.dc01)
    assert 'value="Who can edit DC01?"' in client.get(who).content.decode()


def test_a_tag_of_one_computer_says_nothing_of_all(story):
    servers = ComputersOf(story.northwind, "servers")
    ComputerTagFactory(computer=story.press, tag=story.tier0)
    given = grant(story.rosa, EDIT, scope="owner", computer_scope="tag", computer_tag=story.tier0)
    assert not access_for(story.rosa).can(EDIT, servers)
    assert access_for(story.rosa).can(EDIT, story.press)
    deny(story.dana, EDIT, scope="owner", computer_scope="computer", computer=story.press)
    assert access_for(story.dana).can(EDIT, servers)
    path = access_for(story.rosa).explain(EDIT, servers)
    assert given in [each.assignment for each in path.near_misses]


def test_queries_do_not_grow_with_namesakes(client, story, django_assert_max_num_queries):
    for number in range(12):
        ComputerFactory(name="DC01", tenant=TenantFactory(parent=story.contoso, slug=f"n{number}"))
    client.force_login(story.marcus)
    with django_assert_max_num_queries(33):
        client.get(reverse("rbac:explain-ask"), {"words": "can Grace Kim of Fabrikam edit DC01 of Fabrikam in Contoso"})
