"""People who use computers: seen and managed as users are; being one, with an account or without, gives nothing."""

import pytest
from django.urls import reverse

from accounts.models import Person
from accounts.services import edit_user, remove_user
from rbac.access import access_for
from rbac.audit import SYSTEM
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.factories import PersonFactory, UserFactory
from tests.grants import deny, end, grant
from tests.story import Story, tell

LIST, EXPORT, PLACE = (reverse(f"accounts:person-{act}") for act in ("list", "export", "place"))
NEW = {"name": "Otto Brandt", "email": "Otto@Fabrikam.example", "login": "obrandt"}


@pytest.fixture
def story(db) -> Story:
    return tell()


@pytest.fixture
def mara(story) -> Person:
    return PersonFactory(name="Mara Lindgren", email="mara@fabrikam.example", login="mlindgren", tenant=story.fabrikam)


def page(person: Person, act: str = "detail") -> str:
    return reverse(f"accounts:person-{act}", args=[person.pk])


def create(tenant) -> str:
    return reverse("accounts:person-create", args=[tenant.pk])


def said(client, person: Person, **values) -> dict[str, object]:
    """The form about the person, with these values in it."""
    initial = client.get(page(person, "edit")).context["form"].initial
    return {**{key: "" if value is None else value for key, value in initial.items()}, **values}


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_they_are_seen_where_users_are(client, story, mara):
    PersonFactory(name="Ben Bikes", tenant=story.adventure)
    client.force_login(story.grace)
    for text in (client.get(LIST).content.decode(), b"".join(client.get(EXPORT)).decode()):
        assert ("Mara Lindgren" in text, "Ben Bikes" in text) == (True, False)
    assert client.get(page(mara)).status_code == 200
    client.force_login(story.olivia)
    assert "Mara Lindgren" not in client.get(LIST).content.decode()
    assert client.get(page(mara)).status_code == 404


def test_they_are_made_where_users_are_managed(client, story):
    client.force_login(story.grace)
    assert client.get(PLACE).status_code == 403
    client.force_login(story.rosa)
    assert client.post(create(story.northwind), NEW).status_code == 404
    answer = client.post(create(story.fabrikam), NEW)
    made = Person.objects.get(name="Otto Brandt")
    assert (answer.status_code, answer.url) == (302, page(made))
    assert (made.tenant, made.email, made.login, made.user) == (
        story.fabrikam,
        "otto@fabrikam.example",
        "obrandt",
        None,
    )
    assert (last_entry().action, last_entry().tenant_id) == ("person.created", story.fabrikam.pk)


def test_the_right_to_manage_ends_at_the_next_request(client, story, mara):
    held = grant(story.grace, Permission.USERS_MANAGE, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.grace)
    assert client.get(page(mara, "edit")).status_code == 200
    end(held)
    assert client.get(page(mara, "edit")).status_code == 403


def test_an_account_that_is_named_gives_and_takes_nothing(client, story, mara):
    client.force_login(story.rosa)
    before = {each for each in Permission if access_for(story.grace).can(each, story.fabrikam)}
    assert client.post(page(mara, "edit"), said(client, mara, user=story.grace.pk)).status_code == 302
    mara.refresh_from_db()
    assert mara.user == story.grace
    assert {each for each in Permission if access_for(story.grace).can(each, story.fabrikam)} == before
    assert "Mara Lindgren" in client.get(reverse("accounts:user-detail", args=[story.grace.pk])).content.decode()


def test_only_accounts_of_the_tenant_that_are_nobody_elses_are_offered(client, story, mara):
    PersonFactory(tenant=story.fabrikam, user=story.grace)
    client.force_login(story.marcus)
    options = client.get(reverse("accounts:person-user-pick", args=[story.fabrikam.pk])).content.decode()
    assert (story.rosa.name in options, story.grace.name in options, story.dana.name in options) == (True, False, False)
    for user in (story.grace, story.dana):
        assert client.post(page(mara, "edit"), said(client, mara, user=user.pk)).status_code == 422
    mara.refresh_from_db()
    assert mara.user is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "a/b"), ("email", "mara"), ("email", "mara@fabrikam.example"), ("login", "mlindgren")],
)
def test_what_is_wrong_stands_beside_its_field(client, story, mara, field, value):
    client.force_login(story.rosa)
    answer = client.post(create(story.fabrikam), {**NEW, field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Person.objects.filter(name="Otto Brandt").exists()


def test_who_was_slower_overwrites_nothing(client, story, mara):
    client.force_login(story.rosa)
    form = said(client, mara, login="mara")
    Person.objects.filter(pk=mara.pk).update(name="Mara Lind")
    answer = client.post(page(mara, "edit"), form)
    mara.refresh_from_db()
    assert (answer.status_code, mara.name, mara.login) == (422, "Mara Lind", "mlindgren")
    assert "Now stands: Mara Lind" in answer.content.decode()


def test_a_save_of_what_stands_writes_nothing(client, story, mara):
    client.force_login(story.rosa)
    assert client.post(page(mara, "edit"), said(client, mara)).status_code == 302
    assert not AuditEntry.objects.filter(action__startswith="person.").exists()


def test_somebody_who_is_deleted_leaves_their_account(client, story, mara):
    Person.objects.filter(pk=mara.pk).update(user=story.grace)
    client.force_login(story.rosa)
    assert client.post(page(mara, "delete"), {"reason": ""}).status_code == 422
    assert client.post(page(mara, "delete"), {"reason": "Left"}).status_code == 302
    assert client.get(page(mara)).status_code == 404
    story.grace.refresh_from_db()
    assert story.grace.is_active
    entry = last_entry()
    assert (entry.action, entry.target_label, entry.reason) == ("person.deleted", "Mara Lindgren", "Left")


def move(user, tenant) -> None:
    said = {"name": user.name, "email": user.email, "access_expires_at": user.access_expires_at}
    edit_user(actor=SYSTEM, user=user, tenant=tenant, **said)


@pytest.mark.parametrize(
    "goes",
    [lambda user, story: move(user, story.northwind), lambda user, _: remove_user(actor=SYSTEM, user=user, reason="x")],
)
def test_an_account_that_goes_is_no_longer_theirs(story, mara, goes):
    user = UserFactory(tenant=story.fabrikam)
    Person.objects.filter(pk=mara.pk).update(user=user)
    goes(user, story)
    mara.refresh_from_db()
    assert mara.user is None
    assert last_entry().before["persons"] == [{"id": mara.pk, "name": "Mara Lindgren"}]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lindgren", {"Mara Lindgren"}),
        ("q=mlind", {"Mara Lindgren"}),
        ("account=some", {"Grace K"}),
        ("account=none", {"Mara Lindgren", "Pia Below"}),
        ("tenant={fabrikam}&alone=on", {"Mara Lindgren", "Grace K"}),
        ("tenant={logistics}", {"Pia Below"}),
    ],
)
def test_the_list_is_narrowed(client, story, mara, query, found):
    PersonFactory(name="Grace K", tenant=story.fabrikam, user=story.grace)
    PersonFactory(name="Pia Below", tenant=story.logistics)
    client.force_login(story.marcus)
    address = f"{LIST}?{query.format(fabrikam=story.fabrikam.pk, logistics=story.logistics.pk)}"
    assert {person.name for person in client.get(address).context["listing"].rows} == found


def test_a_deny_of_users_hides_them(client, story, mara):
    deny(story.rosa, Permission.USERS_VIEW, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.rosa)
    assert client.get(page(mara)).status_code in (403, 404)
    assert "Mara Lindgren" not in client.get(LIST).content.decode()
