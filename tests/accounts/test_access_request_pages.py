"""The pages of access requests: asked with an account and without, read, and answered."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessRequest, Invitation, User
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission
from rbac.smallest import has_more_power
from rbac.switches import SwitchKey
from tests import factories
from tests.grants import grant
from tests.outcomes import mark_of
from tests.story import Story, tell

pytestmark = pytest.mark.django_db

START = tell
CHOICE = {"effect": "allow", "scope": "own_tenant", "computer_scope": "all", "starts": "now", "ends": "hour"}
STRANGER = {"name": "Mara Lindgren", "email": "mara@fabrikam.example", "place": "Fabrikam", "message": "I begin"}
ASK = "accounts:access-request-ask"


@pytest.fixture
def story(start: Story) -> Story:
    cache.clear()
    return start


def page(user: User | None = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def asked_by(user: User | None, **said) -> AccessRequest:
    return factories.AccessRequestFactory(user=user, **said)


def address(verb: str, asked: AccessRequest) -> str:
    return reverse(f"accounts:access-request-{verb}", args=[asked.pk])


def chosen(key: str = "deployment_manager", **more) -> dict[str, object]:
    return {**CHOICE, "role": Role.objects.get(key=key).pk, "reason": "INC-20931", **more}


def seen(client: Client, asked: AccessRequest) -> dict[str, object]:
    """`chosen`, by somebody who has read what it does."""
    preview = client.get(address("approve", asked), chosen(), headers={"HX-Request": "true"})
    assert "You may give this" in preview.content.decode()
    return {**chosen(), "shown": mark_of(preview)}


# Asking


def test_a_user_asks_for_what_they_lack_where_they_lack_it(story):
    about = f"computer:{story.laptop.pk}"
    factories.RoleAssignmentFactory(
        user=story.grace, role=Role.objects.get(key="tenant_user"), scope="tenant", tenant=story.fabrikam
    )
    client, said = page(story.grace), {"permission": Permission.COMPUTERS_DELETE.value, "about": about}
    create = reverse("accounts:access-request-create")
    form = client.get(create, said).context["form"]
    assert (form["permission"].value(), form["about"].value()) == (said["permission"], about)
    answer = client.post(create, {**said, "message": "It is broken"}, follow=True)
    assert "It is broken" in answer.content.decode()
    asked = AccessRequest.objects.get()
    assert (asked.user, asked.permission, asked.about, asked.place) == (
        *(story.grace, said["permission"], about),
        story.laptop.name,
    )
    assert client.post(create, {**said, "message": "It is broken"}).status_code == 422
    assert AccessRequest.objects.count() == 1


@pytest.mark.parametrize("about", ["computer:{hidden}", "computer:999999", "nonsense", "user:\0"])
def test_what_is_hidden_or_missing_cannot_be_named(story, about):
    client, create = page(story.grace), reverse("accounts:access-request-create")
    about = about.format(hidden=story.bikes.pk)
    assert story.bikes.name not in client.get(create, {"about": about}).content.decode()
    answer = client.post(create, {"about": about, "message": "Why not"})
    assert answer.status_code == 422
    assert story.bikes.name not in answer.content.decode()
    assert not AccessRequest.objects.exists()


def test_a_stranger_gets_the_same_page_whatever_exists(story):
    answers = []
    for email in (story.grace.email, "nobody@nowhere.example"):
        with CaptureQueriesContext(connection) as queries:
            answer = page().post(reverse(ASK), {**STRANGER, "email": email}, REMOTE_ADDR=f"198.51.100.{len(answers)}")
        answers.append((answer.status_code, answer.content, len(queries)))
    assert answers[0] == answers[1]
    assert AccessRequest.objects.filter(user=None).count() == 2


def test_a_stranger_who_asks_twice_gets_the_same_page_and_one_request(story):
    first, second = (page().post(reverse(ASK), STRANGER) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert AccessRequest.objects.count() == 1


@pytest.mark.parametrize(("limit", "by"), [(5, "email"), (3, "address")])
def test_strangers_are_limited_by_where_they_come_from_and_by_address(story, limit, by):
    for number in range(limit + 1):
        said = {**STRANGER, "message": f"Ticket {number}"}
        if by == "email":
            said["email"] = f"{number}@nowhere.example"
        where = "198.51.100.1" if by == "email" else f"198.51.100.{number}"
        answer = page().post(reverse(ASK), said, REMOTE_ADDR=where)
        assert answer.status_code == (429 if number == limit else 200)
    assert AccessRequest.objects.count() == limit


def test_users_are_limited(story):
    client, create = page(story.grace), reverse("accounts:access-request-create")
    answers = [client.post(create, {"message": f"Ticket {number}"}).status_code for number in range(11)]
    assert answers == [*[302] * 10, 429]


def test_all_strangers_together_are_limited(story):
    for number in range(60):
        said = {**STRANGER, "email": f"{number}@nowhere.example"}
        assert page().post(reverse(ASK), said, REMOTE_ADDR=f"198.51.100.{number}").status_code == 200
    answer = page().post(reverse(ASK), {**STRANGER, "email": "x@nowhere.example"}, REMOTE_ADDR="192.0.2.1")
    assert answer.status_code == 429


def test_nobody_is_led_to_the_form_while_it_is_turned_off(story):
    assert reverse(ASK) in page().get(reverse("account_login")).content.decode()
    factories.SwitchFactory(key=SwitchKey.ACCESS_REQUESTS, enabled=False)
    assert reverse(ASK) not in page().get(reverse("account_login")).content.decode()
    create = reverse("accounts:access-request-create")
    assert create not in page(story.grace).get(reverse("accounts:profile-requests")).content.decode()
    assert (page().get(reverse(ASK)).status_code, page(story.grace).get(create).status_code) == (403, 403)


# Read


def test_ones_own_requests_are_on_the_profile_with_what_they_gave(story):
    mine, other = asked_by(story.grace, message="For me"), asked_by(story.rosa, message="For Rosa")
    page(story.marcus).post(address("approve", mine), seen(page(story.marcus), mine))
    text = page(story.grace).get(reverse("accounts:profile-requests")).content.decode()
    assert ("For me" in text, other.message in text) == (True, False)
    assert "May act as" in text


def test_the_list_shows_what_waits_where_the_reader_may_answer(story):
    here = factories.UserFactory(tenant=story.contoso)
    grant(here, Permission.USERS_MANAGE_ACCESS_REQUESTS, scope="tenant", tenant=story.fabrikam)
    mine, elsewhere, stranger = asked_by(story.grace), asked_by(story.olivia), asked_by(None)
    client, listed = page(here), reverse("accounts:access-request-list")
    assert [row.asked for row in client.get(listed).context["rows"]] == [mine]
    assert {client.get(address("detail", each)).status_code for each in (elsewhere, stranger)} == {404}
    assert len(page(story.marcus).get(listed).context["rows"]) == 3
    for query in (f"?tenant={story.fabrikam.pk}", f"?tenant={story.contoso.pk}", f"?q={mine.message[-12:]}"):
        assert mine in [row.asked for row in page(story.marcus).get(listed + query).context["rows"]]
    client.post(address("refuse", mine), {"reason": "No"})
    assert client.get(listed).context["rows"] == []
    assert len(client.get(f"{listed}?status=refused").context["rows"]) == 1


def test_what_it_is_about_is_named_only_to_who_may_see_it(story):
    here = factories.UserFactory(tenant=story.contoso)
    grant(here, Permission.USERS_MANAGE_ACCESS_REQUESTS, scope="tenant", tenant=story.fabrikam)
    asked = asked_by(story.grace, about=f"computer:{story.bikes.pk}", place=story.bikes.name)
    text = page(here).get(address("detail", asked)).content.decode()
    assert (story.bikes.name in text, "something outside your view" in text) == (False, True)
    assert story.bikes.name in page(story.marcus).get(address("detail", asked)).content.decode()


# Answered


def test_whoever_answers_is_told_that_the_account_may_not_act(story):
    asked = asked_by(story.grace)
    detail = address("detail", asked)
    assert "once they may act again" not in page(story.marcus).get(detail).content.decode()
    User.objects.filter(pk=story.grace.pk).update(is_active=False)
    assert "once they may act again" in page(story.marcus).get(detail).content.decode()


def test_the_smallest_grant_that_would_do_is_chosen_beforehand(story):
    said = {"permission": Permission.COMPUTERS_VIEW, "about": f"computer:{story.laptop.pk}"}
    asked = asked_by(story.dana, **said)
    form = page(story.marcus).get(address("approve", asked)).context["form"]
    assert form["ends"].help_text, "where the preview says when it ends"
    role = Role.objects.get(pk=form["role"].value())
    assert Permission.COMPUTERS_VIEW in role.permissions
    assert not any(
        Permission.COMPUTERS_VIEW in each.permissions and len(each.permissions) < len(role.permissions)
        for each in Role.objects.filter(tenant=None, deny_only=False)
        if not has_more_power(each, Permission.COMPUTERS_VIEW)
    )
    place = {name: form[name].value() for name in ("scope", "tenant", "computer_scope", "computer", "ends")}
    assert place == {
        "scope": "tenant",
        "tenant": story.fabrikam.pk,
        "computer_scope": "computer",
        "computer": story.laptop.pk,
        "ends": "day",
    }


def test_a_role_of_great_power_is_never_chosen_beforehand(story):
    said = {"permission": Permission.COMPUTERS_DELETE, "about": f"computer:{story.laptop.pk}"}
    form = page(story.marcus).get(address("approve", asked_by(story.grace, **said))).context["form"]
    assert (form["role"].value(), form["computer"].value()) == (None, story.laptop.pk)


def test_a_user_gets_what_was_chosen_for_as_long_as_was_chosen(story):
    asked, client = asked_by(story.grace), page(story.marcus)
    assert client.post(address("approve", asked), seen(client, asked)).headers["Location"] == address("detail", asked)
    row = RoleAssignment.objects.get(user=story.grace, role__key="deployment_manager")
    assert (row.expires_at - row.granted_at).total_seconds() == pytest.approx(3600, abs=60)
    assert client.get(address("approve", asked)).headers["Location"] == address("detail", asked)
    again = client.post(address("approve", asked), chosen())
    assert (again.status_code, "approved meanwhile" in again.content.decode()) == (422, True)
    assert "Approved" in client.get(address("detail", asked)).content.decode()


def test_great_power_takes_the_typed_name(story):
    asked, data = asked_by(story.dana), chosen("msp_administrator", scope="owner")
    client = page(story.marcus)
    data["shown"] = mark_of(client.get(address("approve", asked), data, headers={"HX-Request": "true"}))
    assert "Give great power" in client.post(address("approve", asked), data).content.decode()
    assert AccessRequest.objects.waiting().exists()
    assert client.post(address("approve", asked), {**data, "confirmation": story.dana.name}).status_code == 302


def test_what_the_gate_refuses_stands_above_the_form(story):
    clerk = factories.UserFactory(tenant=story.contoso)
    grant(clerk, Permission.USERS_MANAGE_ACCESS_REQUESTS, scope="tenant", tenant=story.fabrikam)
    asked = asked_by(story.grace)
    answer = page(clerk).post(address("approve", asked), chosen("tenant_administrator"))
    assert (answer.status_code, "You do not hold" in answer.content.decode()) == (403, True)
    assert AccessRequest.objects.waiting().exists()


def test_ones_own_request_offers_no_answer(story):
    asked = asked_by(story.marcus)
    text = page(story.marcus).get(address("detail", asked)).content.decode()
    assert ("somebody else answers it" in text, address("refuse", asked) in text) == (True, False)
    assert page(story.marcus).post(address("refuse", asked), {"reason": "x"}).status_code == 403


def test_a_stranger_comes_into_the_tenant_that_was_chosen(story):
    asked, client = asked_by(None, place="Fabrikam Ltd"), page(story.marcus)
    place = client.get(address("approve", asked))
    assert "Fabrikam Ltd" in place.content.decode()
    invite = reverse("accounts:access-request-invite", args=[asked.pk, story.fabrikam.pk])
    assert client.get(address("approve", asked), {"tenant": story.fabrikam.pk}).headers["Location"] == invite
    preview = client.get(invite, chosen(), headers={"HX-Request": "true"}).content.decode()
    assert "You may invite them" in preview
    assert client.post(invite, chosen()).headers["Location"] == address("detail", asked)
    sent = Invitation.objects.get()
    assert (sent.email, sent.tenant, sent.assignments.count()) == (asked.email, story.fabrikam, 1)
    assert "An invitation to Fabrikam" in client.get(address("detail", asked)).content.decode()


def test_a_stranger_with_the_address_of_a_user_is_pointed_out(story):
    asked = asked_by(None, email=story.grace.email)
    assert f"{story.grace.name}</a> signs in with this address" in (
        page(story.marcus).get(address("detail", asked)).content.decode()
    )


def test_the_form_of_a_stranger_refuses_what_no_name_is(story):
    answer = page().post(reverse(ASK), {**STRANGER, "name": "a/b"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
