"""Tags of computers: only usable and visible ones, judged by the access that they carry; singly and in batches."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from computers.models import ComputerTag
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.computers.conftest import last_entry
from tests.factories import ComputerFactory, TagFactory
from tests.grants import end, grant

BATCH = reverse("computers:computer-batch-tags")


def borne(computer) -> set[str]:
    return set(computer.tags.values_list("name", flat=True))


def test_the_form_offers_what_may_be_used_here_and_marks_what_carries_access(client, story):
    foreign = TagFactory(name="Northwind only", tenant=story.northwind)
    scope = {"computer_scope": "tag", "computer_tag": story.branch}
    grant(story.dana, Permission.COMPUTERS_VIEW, scope="tenant", tenant=story.fabrikam, **scope)
    client.force_login(story.marcus)
    page = client.get(reverse("computers:computer-tags", args=[story.laptop.pk])).content.decode()
    assert story.branch.name in page
    assert story.tier0.name in page
    assert foreign.name not in page
    assert page.count("Carries access") == 1


@pytest.mark.parametrize("whose", ["northwind", "adventure"])
def test_a_tag_of_another_owner_is_no_choice(send, story, whose):
    foreign = TagFactory(name="Foreign", tenant=getattr(story, whose))
    answer = send(story.marcus, "computer-tags", story.dc01, tags=[story.tier0.pk, foreign.pk])
    assert answer.status_code == 422
    assert borne(story.dc01) == {"Tier 0", "Branch"}
    assert foreign.name not in answer.content.decode()


def test_tags_are_put_and_taken_in_one_act(send, story):
    hq = TagFactory(name="HQ")
    assert send(story.rosa, "computer-tags", story.dc01, tags=[story.tier0.pk, hq.pk]).status_code == 302
    assert borne(story.dc01) == {"Tier 0", "HQ"}
    entry = last_entry()
    before, after = ([tag["name"] for tag in side["tags"]] for side in (entry.before, entry.after))
    assert (before, after) == (["Branch", "Tier 0"], ["HQ", "Tier 0"])


def test_a_tag_that_carries_more_than_the_actor_holds_is_refused(send, story):
    """Whoever is given computers tagged Tier 0 to delete gains each that bears it: not Rosa's to give."""
    scope = {"computer_scope": "tag", "computer_tag": story.tier0}
    carried = grant(story.dana, Permission.COMPUTERS_DELETE, scope="tenant", tenant=story.fabrikam, **scope)
    answer = send(story.rosa, "computer-tags", story.laptop, tags=[story.tier0.pk])
    assert answer.status_code == 403
    assert borne(story.laptop) == set()
    assert last_entry().after["act"] == "computer.tagged"
    assert f'value="{story.tier0.pk}" id="id_tags' in answer.content.decode()
    end(carried)
    assert send(story.rosa, "computer-tags", story.laptop, tags=[story.tier0.pk]).status_code == 302


def test_a_tag_that_carries_a_deny_is_not_taken_off_by_whom_it_binds(send, story):
    grant(story.rosa, Permission.COMPUTERS_MANAGE_TAGS, scope="tenant", tenant=story.fabrikam)
    scope = {"computer_scope": "tag", "computer_tag": story.tier0, "effect": "deny"}
    grant(story.rosa, Permission.COMPUTERS_MANAGE_NOTES, scope="tenant", tenant=story.fabrikam, **scope)
    assert send(story.rosa, "computer-notes", story.dc01, notes="x").status_code == 404
    assert send(story.rosa, "computer-tags", story.dc01, tags=[]).status_code == 404


# Batches


def test_a_batch_asks_for_tags_and_then_changes_all(client, story):
    client.force_login(story.marcus)
    chosen = [story.dc01.pk, story.laptop.pk, story.press.pk]
    assert client.post(BATCH, {"ids": chosen}).status_code == 200
    hq = TagFactory(name="HQ")
    answer = client.post(BATCH, {"ids": chosen, "save": "1", "put": [hq.pk], "take": [story.tier0.pk]})
    assert answer.status_code == 302
    assert (borne(story.dc01), borne(story.laptop), borne(story.press)) == ({"Branch", "HQ"}, {"HQ"}, {"HQ"})
    entry = last_entry()
    assert (entry.target_label, entry.tenant) == ("3 computers", story.contoso)
    assert [each["name"] for each in entry.after["computers"]] == ["DC01", "FAB-LT-0147", "NW-PRESS"]
    history = client.get(reverse("computers:computer-history", args=[story.press.pk])).content.decode()
    assert "3 computers" in history


@pytest.mark.parametrize("other", ["bikes", "press"])
def test_a_batch_with_one_computer_of_others_changes_nothing(client, story, other):
    client.force_login(story.rosa)
    chosen = [story.dc01.pk, getattr(story, other).pk]
    assert client.post(BATCH, {"ids": chosen, "save": "1", "take": [story.tier0.pk]}).status_code == 409
    assert borne(story.dc01) == {"Tier 0", "Branch"}
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("said", [{}, {"put": "branch"}, {"put": "tier0", "take": "tier0"}])
def test_a_batch_that_makes_no_sense_comes_back(client, story, said):
    client.force_login(story.marcus)
    posted = {side: getattr(story, name).pk for side, name in said.items()}
    answer = client.post(BATCH, {"ids": [story.dc01.pk, story.press.pk], "save": "1"} | posted)
    assert answer.status_code == 422
    assert borne(story.dc01) == {"Tier 0", "Branch"}


@pytest.mark.parametrize("side", ["put", "take"])
def test_a_batch_takes_no_tag_of_others(client, story, side):
    client.force_login(story.marcus)
    foreign = TagFactory(name="Foreign", tenant=story.adventure)
    answer = client.post(BATCH, {"ids": [story.dc01.pk, story.laptop.pk], "save": "1", side: foreign.pk})
    assert answer.status_code == 422
    assert side in answer.context["form"].errors
    assert "Foreign" not in answer.content.decode()


def test_all_that_match_are_found_anew_and_counted(client, story):
    ComputerFactory.create_batch(3, tenant=story.fabrikam)
    client.force_login(story.marcus)
    posted = {"all": "1", "filter": f"?tenant={story.fabrikam.pk}", "save": "1", "put": story.tier0.pk}
    assert client.post(BATCH, posted | {"expected": "4"}).status_code == 409
    assert client.post(BATCH, posted | {"expected": "5"}).status_code == 302
    assert ComputerTag.objects.filter(tag=story.tier0).count() == 5


def test_a_batch_costs_as_much_for_many(client, story):
    def cost(number: int) -> int:
        chosen = [computer.pk for computer in ComputerFactory.create_batch(number, tenant=story.fabrikam)]
        with CaptureQueriesContext(connection) as asked:
            assert client.post(BATCH, {"ids": chosen, "save": "1", "put": story.tier0.pk}).status_code == 302
        return len(asked)

    client.force_login(story.marcus)
    cost(1)  # the first visit of a session writes
    assert cost(2) == cost(12) < 60
