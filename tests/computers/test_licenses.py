"""Licenses: seen and managed where the permission is; their keys sealed, masked, and read one by one, audited."""

import logging
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from computers.models import License
from immyrbac.sealing import unseal
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.computers.conftest import last_entry
from tests.factories import LicenseFactory, UserFactory
from tests.grants import end, grant

LIST, EXPORT = reverse("computers:license-list"), reverse("computers:license-export")
START, PICK = reverse("computers:license-start"), reverse("computers:license-owner-pick")
SHARED = reverse("computers:license-create-shared")
KEY = "QX7-SECRET-1"
NEW = {"name": "Office", "key": KEY, "seats": "5", "expires_on": "2031-02-03", "notes": ""}


def create(tenant) -> str:
    return reverse("computers:license-create", args=[tenant.pk])


def page(found, name="detail") -> str:
    return reverse(f"computers:license-{name}", args=[found.pk])


@pytest.fixture
def licenses(story) -> dict[str, License]:
    return {
        "shared": LicenseFactory(name="Shared one", key=KEY),
        "ours": LicenseFactory(name="Fabrikam one", tenant=story.fabrikam, key=KEY),
        "theirs": LicenseFactory(name="Adventure one", tenant=story.adventure, key=KEY),
    }


def test_those_of_a_tenant_are_seen_there_and_those_of_the_instance_everywhere(client, story, licenses):
    client.force_login(story.grace)
    for text in (client.get(LIST).content.decode(), b"".join(client.get(EXPORT)).decode()):
        assert ("Shared one" in text, "Fabrikam one" in text, "Adventure one" in text) == (True, True, False)
        assert KEY not in text
    assert [client.get(page(each)).status_code for each in licenses.values()] == [200, 200, 404]
    assert b"New license" not in client.get(LIST).content
    assert client.get(START).status_code == 403


def test_a_license_is_made_where_the_permission_is_and_its_key_is_sealed(client, story):
    client.force_login(story.rosa)
    assert client.post(create(story.northwind), NEW).status_code == 404
    assert client.post(SHARED, NEW).status_code == 403
    assert client.post(create(story.fabrikam), NEW).status_code == 302
    made = License.objects.get(name="Office")
    assert (made.tenant, made.seats, str(made.expires_on)) == (story.fabrikam, 5, "2031-02-03")
    assert KEY not in made.sealed_key
    assert unseal(made.sealed_key) == KEY
    entry = last_entry()
    assert (entry.action, entry.target_id, entry.tenant) == ("license.created", made.pk, story.fabrikam)
    assert KEY not in f"{entry.before} {entry.after}"
    client.force_login(story.marcus)
    assert client.post(SHARED, NEW).status_code == 302


def test_the_owner_is_chosen_among_those_of_the_actor(client, story):
    client.force_login(story.dana)
    assert SHARED not in client.get(START).content.decode()
    assert client.get(START, {"tenant": story.fabrikam.pk})["Location"] == create(story.fabrikam)
    assert client.get(START, {"tenant": story.adventure.pk}).status_code == 422
    assert b"Adventure" not in client.get(PICK).content
    client.force_login(story.marcus)
    assert SHARED in client.get(START).content.decode()


def test_a_key_is_read_by_whoever_may_reveal_it_and_each_reading_is_told(client, story, licenses, caplog):
    found, user = licenses["ours"], UserFactory(tenant=story.contoso)
    grant(user, Permission.LICENSES_VIEW, scope="tenant", tenant=story.fabrikam)
    client.force_login(user)
    assert b"Reveal key" not in client.get(page(found)).content
    assert client.post(page(found, "reveal")).status_code == 403
    given = grant(user, Permission.LICENSES_DOWNLOAD, scope="tenant", tenant=story.fabrikam)
    shown = client.get(page(found)).content.decode()
    assert ("Reveal key" in shown, KEY in shown) == (True, False)
    assert client.get(page(found, "reveal")).status_code == 405
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            answer = client.post(page(found, "reveal"))
            assert KEY in answer.content.decode()
            assert "no-store" in answer["Cache-Control"]
    assert KEY not in caplog.text
    told = AuditEntry.objects.filter(action="license.revealed")
    assert [(each.actor, each.target_id, each.before, each.after) for each in told] == [
        (user, found.pk, None, None)
    ] * 2
    assert client.post(page(licenses["shared"], "reveal")).status_code == 403
    end(given)
    assert client.post(page(found, "reveal")).status_code == 403


def test_a_stranger_s_request_answers_what_a_missing_one_answers(client, story, licenses):
    client.force_login(story.rosa)
    gone = License(pk=2_000_000_000)
    for name in ("detail", "edit", "delete"):
        assert client.get(page(licenses["theirs"], name)).content == client.get(page(gone, name)).content
    answers = [client.post(page(each, "reveal")) for each in (licenses["theirs"], gone)]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_key_that_nothing_opens_any_more_is_said_and_not_told_as_read(client, story, licenses, settings):
    settings.SECRET_KEY = "another key of fifty characters, as a site has it: 0123456789"
    client.force_login(story.marcus)
    answer = client.post(page(licenses["ours"], "reveal"))
    assert answer.status_code == 422
    assert b"Type the key in anew" in answer.content
    assert not AuditEntry.objects.filter(action="license.revealed").exists()


def test_an_empty_key_stays_and_a_new_one_replaces_it(send, story, licenses):
    found = licenses["ours"]
    assert send(story.rosa, "license-edit", found, name="Office").status_code == 302
    found.refresh_from_db()
    assert (found.name, unseal(found.sealed_key)) == ("Office", KEY)
    assert "value" not in last_entry().after
    assert send(story.rosa, "license-edit", found, name="Office", key="NEW-KEY-2").status_code == 302
    found.refresh_from_db()
    assert unseal(found.sealed_key) == "NEW-KEY-2"
    assert last_entry().after["value"] == "replaced"
    assert "NEW-KEY-2" not in str(last_entry().after)
    count = AuditEntry.objects.count()
    assert send(story.rosa, "license-edit", found, name="Office").status_code == 302
    assert AuditEntry.objects.count() == count


def test_editing_and_deleting_stay_within_what_is_managed(send, story, licenses):
    assert send(story.grace, "license-edit", licenses["ours"], **NEW).status_code == 403
    assert send(story.rosa, "license-edit", licenses["shared"], **NEW).status_code == 403
    assert send(story.rosa, "license-edit", licenses["theirs"], **NEW).status_code == 404
    assert send(story.rosa, "license-delete", licenses["theirs"], reason="Old").status_code == 404
    assert send(story.rosa, "license-delete", licenses["ours"], reason="Old").status_code == 302
    assert not License.objects.filter(name="Fabrikam one").exists()
    assert (last_entry().action, last_entry().reason) == ("license.deleted", "Old")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Twin"}, "name"),
        ({"seats": "0"}, "seats"),
        ({"expires_on": "soon"}, "expires_on"),
    ],
)
def test_invalid_input_comes_back_and_changes_nothing(send, story, licenses, said, field):
    LicenseFactory(name="Twin", tenant=story.fabrikam)
    before = License.objects.values().get(pk=licenses["ours"].pk)
    answer = send(story.rosa, "license-edit", licenses["ours"], **{"name": "x", "notes": "as typed", **said})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert b"as typed" in answer.content
    assert License.objects.values().get(pk=licenses["ours"].pk) == before


def test_somebody_quicker_is_not_overwritten(send, story, licenses):
    stale = licenses["ours"].updated_at.isoformat()
    assert send(story.rosa, "license-edit", licenses["ours"], name="Hers").status_code == 302
    answer = send(story.marcus, "license-edit", licenses["ours"], version=stale, name="His", key="OTHER")
    assert answer.status_code == 409
    assert "Now stands: Hers" in answer.content.decode()
    assert unseal(License.objects.get(pk=licenses["ours"].pk).sealed_key) == KEY


def test_the_list_is_narrowed_by_when_they_end(client, story):
    today = timezone.localdate()
    for name, days in {"Gone": -1, "Near": 0, "Far": 31}.items():
        LicenseFactory(name=name, tenant=story.fabrikam, expires_on=today + timedelta(days=days))
    LicenseFactory(name="Always", tenant=story.fabrikam)
    client.force_login(story.rosa)
    for ends, name in {"ended": "Gone", "soon": "Near", "later": "Far", "never": "Always"}.items():
        assert [each.name for each in client.get(LIST, {"ends": ends}).context["listing"].rows] == [name]
    assert client.get(LIST, {"ends": "whenever"}).status_code == 400
