"""The palette and the search page: what is found, by whom, and what may be done from there."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import SavedView
from immyrbac.deeds import GRANT
from tests.factories import ComputerFactory, GroupFactory, RoleFactory, SwitchFactory, TenantFactory, UserFactory
from tests.story import tell

pytestmark = pytest.mark.django_db
SEARCH = reverse("search")


@pytest.fixture
def story():
    return tell()


@pytest.fixture
def find(client):
    """What the palette offers somebody for these words: shelves, each with its options and where they lead."""

    def find(user, words: str) -> dict[str, dict[str, str]]:
        client.force_login(user)
        answer = client.get(SEARCH, {"q": words}, HTTP_HX_REQUEST="true")
        assert answer.status_code == 200
        shelves = {}
        for shelf in re.split(r'<div role="group"', answer.content.decode())[1:]:
            hits = re.findall(r'href="([^"]+)"[^>]*>.*?<span class="of">(.*?)</span>', shelf)
            title = re.search(r'class="shelf-head"[^>]*>(.*?)<', shelf).group(1)
            shelves[title] = {unescape(re.sub("<.*?>", "", words)): address for address, words in hits}
        return shelves

    return find


def test_everything_within_reach_is_found_by_name(find, story):
    found = find(story.marcus, "fab")
    assert list(found["Tenants"]) == ["Fabrikam", "Fabrikam Logistics"]
    assert found["Computers"] == {"FAB-LT-0147": reverse("computers:computer-detail", args=[story.laptop.pk])}
    assert set(found["Users"]) == {"Rosa Delgado", "Grace Kim"}  # by their addresses
    assert "Create user in Fabrikam" in found["Actions"]


def test_nothing_of_another_tenant_is_found(find, story):
    """Nothing of the provider beside it, whose names are the very words."""
    GroupFactory(name="Litware desk", tenant=story.litware)
    RoleFactory(name="Litware hand", tenant=story.litware)
    for words in ("lit", "litware", "adv", "aw-", "bikes", "olivia", "@oli", "grant assignment to olivia"):
        found = find(story.rosa, words)
        assert found.keys() <= {"Actions", "Pages"}, words
        assert not any(
            re.search("litware|adventure|bikes|olivia", hit, re.IGNORECASE) for hit in found.get("Actions", ())
        )
    assert find(story.marcus, "litware").keys() >= {"Tenants", "Groups", "Roles"}


def test_the_tenant_above_is_named_to_whom_sees_it_alone(client, story):
    for person, named in ((story.marcus, True), (story.rosa, False)):
        client.force_login(person)
        assert ("below Contoso MSP" in client.get(SEARCH, {"q": "fabrikam"}).content.decode()) == named


def test_what_was_removed_is_not_found(find, story):
    for gone in (
        ComputerFactory(name="ZZZ-1", tenant=story.fabrikam, deleted_at="2026-01-01T00:00Z"),
        UserFactory(name="Zzz", tenant=story.fabrikam, is_active=False, removed_at="2026-01-01T00:00Z"),
        GroupFactory(name="ZZZ", removed_at="2026-01-01T00:00Z"),
    ):
        assert find(story.marcus, "zzz") == {}, gone


def test_what_begins_with_the_words_comes_first_and_five_are_enough(find, story):
    for name in ("A Rob", "Rob F", "Rob B", "Rob C", "Rob D", "Rob E"):
        TenantFactory(name=name)
    assert list(find(story.marcus, "rob")["Tenants"]) == ["Rob B", "Rob C", "Rob D", "Rob E", "Rob F"]
    assert list(find(story.marcus, "a rob")["Tenants"]) == ["A Rob"]


def test_a_sign_asks_for_one_kind(find, story):
    assert list(find(story.marcus, "@fab")) == ["Users"]
    assert find(story.marcus, "#tier") == {"Tags": {"Tier 0": reverse("tenancy:tag-detail", args=[story.tier0.pk])}}


def test_a_question_mark_leads_to_the_explanation(find, client, story):
    asked = find(story.hugo, "?fab")
    assert {*asked["Users"]} == {"Why can or can’t Rosa Delgado …", "Why can or can’t Grace Kim …"}
    assert "Who can … on FAB-LT-0147" in asked["Computers"]
    assert list(find(story.grace, "?fab")["Computers"]) == ["Why can or can’t you … on FAB-LT-0147"]
    assert "Users" not in find(story.grace, "?rosa")
    for person in (story.hugo, story.grace):
        for words in ("?", "? fab", "?grace"):
            for address in (each for shelf in find(person, words).values() for each in shelf.values()):
                assert client.get(unescape(address)).status_code == 200, address
    assert find(story.grace, "?bikes") == {}


def test_actions_are_those_that_the_reader_may_start(find, story):
    assert "Create user" in find(story.marcus, "create")["Actions"]
    assert find(story.grace, "create").get("Actions", {}).keys() <= {"Create deployment"}
    turns = list(find(story.marcus, "turn imper")["Actions"])
    assert turns == ["Turn on Enable User Impersonation"]
    SwitchFactory(key="enable_impersonation", enabled=True)
    assert list(find(story.marcus, "turn imper")["Actions"]) == ["Turn off Enable User Impersonation"]
    assert find(story.hugo, "turn imper") == {}


def test_an_assignment_is_given_to_somebody_by_name(find, story):
    address = reverse("rbac:assignment-create", args=[story.grace.pk])
    for words in ("grace", "grant grace", "Grant assignment to grace kim"):
        assert find(story.marcus, words)["Actions"]["Grant assignment to Grace Kim"] == address
    assert "Actions" not in find(story.hugo, "grace")
    assert "Grant assignment to Marcus Oyelaran" not in find(story.marcus, "marcus").get("Actions", {})
    assert "Grant assignment to …" in find(story.marcus, "grant")["Actions"]


@pytest.mark.parametrize(
    ("words", "name"),
    [("grant", ""), ("gra ass to dana", "dana"), ("assignment dana w", "dana w"), ("dana", None), ("g", None)],
)
def test_a_verb_may_be_cut_short(words, name):
    assert GRANT.after(words) == name


def test_the_page_says_the_same_without_a_script_and_leads_to_the_lists(client, story):
    client.force_login(story.marcus)
    page = client.get(SEARCH, {"q": "FAB"}).content.decode()
    assert "<mark>Fab</mark>rikam Logistics" in page
    assert f'{reverse("computers:computer-list")}?q=FAB"' in page
    assert "Nothing matches" in client.get(SEARCH, {"q": "<b>"}).content.decode()


def test_views_and_pages_are_found(find, story):
    view = SavedView.objects.create(
        owner=story.dana, name="Servers", route="computers:computer-list", query="?type=server"
    )
    assert find(story.dana, "serv")["Views"] == {"Servers": view.address}
    assert "Views" not in find(story.marcus, "serv")
    assert find(story.grace, "")["Pages"].keys() >= {"Start"}
    assert "Users" in find(story.marcus, "us")["Pages"]


@pytest.mark.parametrize("query", ["q=%00", f"q={'x' * 201}", "p=1"])
def test_malformed_is_400(client, story, query):
    client.force_login(story.grace)
    assert client.get(f"{SEARCH}?{query}").status_code == 400


def test_it_asks_as_often_for_many_as_for_few(client, story):
    client.force_login(story.marcus)
    client.get(SEARCH)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(SEARCH, {"q": "fab"}, HTTP_HX_REQUEST="true")
        counts.append(len(queries))
        for number in range(8):
            tenant = TenantFactory(name=f"Fab {number}", parent=story.fabrikam)
            ComputerFactory(name=f"FAB-{number}", tenant=tenant)
            UserFactory(name=f"Fabian {number}", tenant=tenant)
    assert counts[1] <= counts[0] <= 20
