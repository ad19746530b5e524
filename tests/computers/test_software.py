"""Software: seen and managed where the permission is; its files streamed, limited, never trusted, never guessed."""

from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import RequestFactory
from django.urls import reverse

from computers import software_services
from computers.models import Software, SoftwareFile
from immyrbac import exports
from immyrbac.uploads import SMALL
from rbac.access import access_for
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.computers.conftest import last_entry
from tests.factories import CONTENT, LicenseFactory, SoftwareFactory, SoftwareFileFactory, UserFactory, uploaded
from tests.grants import deny, end, grant

LIST, EXPORT = reverse("computers:software-list"), reverse("computers:software-export")
SHARED = reverse("computers:software-create-shared")
NEW = {"name": "Office", "publisher": "Wingtip", "release": "24", "notes": "As ordered"}


def create(tenant) -> str:
    return reverse("computers:software-create", args=[tenant.pk])


def page(found, name="detail", *more) -> str:
    return reverse(f"computers:software-{name}", args=[found.pk, *more])


@pytest.fixture
def software(story) -> dict[str, Software]:
    return {
        "shared": SoftwareFactory(name="Shared one"),
        "ours": SoftwareFactory(name="Fabrikam one", publisher="Proseware", tenant=story.fabrikam),
        "theirs": SoftwareFactory(name="Adventure one", tenant=story.adventure),
    }


@pytest.fixture
def file(software) -> SoftwareFile:
    return SoftwareFileFactory(software=software["ours"])


def test_what_a_tenant_owns_is_invisible_to_every_other(client, story, software):
    client.force_login(story.grace)
    for text in (client.get(LIST).content.decode(), b"".join(client.get(EXPORT)).decode()):
        assert ("Shared one" in text, "Fabrikam one" in text, "Adventure one" in text) == (True, True, False)
    assert [client.get(page(each)).status_code for each in software.values()] == [200, 200, 404]
    assert [each.name for each in client.get(LIST, {"q": "prosew"}).context["listing"].rows] == ["Fabrikam one"]
    assert client.post(create(story.fabrikam), NEW).status_code == 403


def test_software_is_made_where_the_permission_is_and_owned_there(client, story):
    client.force_login(story.rosa)
    assert client.post(create(story.northwind), NEW).status_code == 404
    assert client.post(SHARED, NEW).status_code == 403
    assert client.post(create(story.fabrikam), NEW | {"tenant": story.adventure.pk}).status_code == 302
    made = Software.objects.get(name="Office")
    assert (made.tenant, made.publisher, made.release) == (story.fabrikam, "Wingtip", "24")
    entry = last_entry()
    assert (entry.action, entry.target_id, entry.tenant) == ("software.created", made.pk, story.fabrikam)
    assert "As ordered" not in str(entry.after)
    assert client.post(create(story.fabrikam), NEW).status_code == 422


def test_editing_and_deleting_stay_within_what_is_managed(send, story, software):
    assert send(story.rosa, "software-edit", software["shared"], **NEW).status_code == 403
    assert send(story.rosa, "software-edit", software["theirs"], **NEW).status_code == 404
    stale = software["ours"].updated_at.isoformat()
    assert send(story.rosa, "software-edit", software["ours"], **NEW).status_code == 302
    assert send(story.marcus, "software-edit", software["ours"], version=stale, **NEW).status_code == 409
    assert send(story.rosa, "software-delete", software["ours"], reason="Old").status_code == 302
    assert not Software.objects.filter(name="Office").exists()


def test_a_file_is_kept_with_its_checksum_and_told(client, story, software):
    client.force_login(story.rosa)
    answer = client.post(page(software["ours"], "file-add"), {"file": uploaded("../../setup.exe")})
    assert answer.status_code == 302
    made = SoftwareFile.objects.get()
    assert (made.name, made.size, made.added_by) == ("setup.exe", len(CONTENT), story.rosa)
    assert made.sha256 == sha256(CONTENT).hexdigest()
    with default_storage.open(f"software/{made.token}") as kept:
        assert kept.read() == CONTENT
    told = {"id": made.pk, "name": "setup.exe", "size": made.size, "sha256": made.sha256}
    assert (last_entry().action, last_entry().after) == ("software.file_added", {"files": [told]})
    assert made.sha256 in client.get(page(software["ours"])).content.decode()


@pytest.mark.parametrize("name", ["setup.exe", "x" * 201])
def test_a_file_that_cannot_stay_leaves_nothing_behind(client, story, software, file, name):
    client.force_login(story.rosa)
    before, kept = AuditEntry.objects.count(), default_storage.listdir("software")[1]
    answer = client.post(page(software["ours"], "file-add"), {"file": uploaded(name)})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"file"}
    assert (AuditEntry.objects.count(), default_storage.listdir("software")[1]) == (before, kept)


def test_whoever_loses_the_right_meanwhile_keeps_nothing(story, software):
    user = UserFactory(tenant=story.contoso)
    before = default_storage.listdir("software")[1] if default_storage.exists("software") else []
    with pytest.raises(Refused):
        software_services.add_software_file(actor=Actor(user), software=software["ours"], file=uploaded())
    after = default_storage.listdir("software")[1] if default_storage.exists("software") else []
    assert (after, SoftwareFile.objects.count()) == (before, 0)


def test_software_holds_so_many_files_and_no_more(client, story, software, monkeypatch):
    monkeypatch.setattr(software_services, "MOST_FILES", 1)
    client.force_login(story.rosa)
    answers = [client.post(page(software["ours"], "file-add"), {"file": uploaded(name)}) for name in ("a", "b")]
    assert [each.status_code for each in answers] == [302, 422]


def test_a_file_is_handed_out_to_be_saved_and_never_shown(client, story, software):
    file = SoftwareFileFactory(software=software["ours"], name='évil".html')
    client.force_login(story.grace)
    answer = client.get(page(software["ours"], "file", file.token))
    assert b"".join(answer) == CONTENT
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == str(len(CONTENT))
    assert "no-store" in answer["Cache-Control"]


def test_a_stranger_s_file_is_a_missing_one(client, story, software, file):
    theirs = SoftwareFileFactory(software=software["theirs"])
    client.force_login(story.grace)
    addresses = [
        page(software["theirs"], "file", theirs.token),  # of another tenant
        page(Software(pk=2_000_000_000), "file", theirs.token),
        page(software["ours"], "file", theirs.token),  # by the door of what one sees
        page(software["ours"], "file", uuid4()),
    ]
    answers = [client.get(address) for address in addresses]
    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1
    default_storage.delete(file.place)
    assert client.get(page(software["ours"], "file", file.token)).content == answers[0].content


def test_a_download_ends_with_the_right_to_it(client, story, software, file, monkeypatch):
    monkeypatch.setattr(exports, "BLOCK", 4)
    monkeypatch.setattr(exports, "MAX_AGE", -1)
    user = UserFactory(tenant=story.contoso)
    given = grant(user, Permission.SOFTWARE_VIEW, scope="tenant", tenant=story.fabrikam)
    client.force_login(user)
    content = iter(client.get(page(software["ours"], "file", file.token)))
    assert next(content) == CONTENT[:4]
    end(given)
    assert list(content) == []


def test_a_file_that_is_too_large_is_dropped_and_said(client, story, software, settings):
    settings.UPLOAD_LIMIT = 8
    client.force_login(story.rosa)
    answer = client.post(page(software["ours"], "file-add"), {"file": uploaded()})
    assert answer.status_code == 422
    assert "A file holds at most 8\xa0bytes." in answer.content.decode()
    assert not SoftwareFile.objects.exists()


@pytest.mark.parametrize(("larger", "read"), [(0, True), (1, False)])
def test_whoever_manages_no_software_sends_little(larger, read):
    """Anonymous here: forms are read before the door is asked."""
    content = BytesIO(b"x" * (SMALL + larger))
    content.name = "people.csv"
    request = RequestFactory().post("/", {"file": content})
    assert ("file" in request.FILES, hasattr(request, "dropped_file")) == (read, not read)
    request.close()


def test_a_large_file_passes_through_the_disk(story, software, tmp_path, monkeypatch, client):
    """Neither the request nor the service holds it as a whole in memory."""
    folder = FileSystemStorage(location=tmp_path)
    monkeypatch.setattr(software_services, "default_storage", folder)
    client.force_login(story.rosa)
    client.post(page(software["ours"], "file-add"), {"file": uploaded(content=b"x" * (SMALL + 1))})
    made = SoftwareFile.objects.get()
    assert (tmp_path / made.place).stat().st_size == made.size == SMALL + 1


def test_a_file_goes_with_its_row_once_that_is_certain(client, story, file, django_capture_on_commit_callbacks):
    software = {"ours": file.software}
    with django_capture_on_commit_callbacks() as waiting:
        url = page(software["ours"], "file-remove", file.token)
        client.force_login(story.rosa)
        said = {"version": software["ours"].updated_at.isoformat(), "reason": "Old"}
        assert client.post(url, said).status_code == 302
        assert default_storage.exists(file.place)
    [each() for each in waiting]
    assert not default_storage.exists(file.place)
    assert last_entry().before["files"][0]["name"] == "setup.exe"


def test_what_a_license_names_is_not_deleted(send, story, software):
    license_ = LicenseFactory(software=software["ours"], tenant=story.fabrikam)
    answer = send(story.rosa, "software-delete", software["ours"], reason="Old")
    assert (answer.status_code, "Take it out of the license first" in answer.content.decode()) == (422, True)
    license_.delete()
    assert send(story.rosa, "software-delete", software["ours"], reason="Old").status_code == 302


def test_a_license_names_software_of_its_owner_or_of_the_instance(client, send, story, software):
    client.force_login(story.marcus)
    found = LicenseFactory(tenant=story.fabrikam)
    pick = reverse("computers:license-software-pick", args=[story.fabrikam.pk])
    text = client.get(pick).content.decode()
    assert ("Shared one" in text, "Fabrikam one" in text, "Adventure one" in text) == (True, True, False)
    assert "Fabrikam one" not in client.get(reverse("computers:license-software-pick-shared")).content.decode()
    said = {"name": "Office", "key": ""}
    for which, status in {"theirs": 422, "ours": 302, "shared": 302}.items():
        found.refresh_from_db()
        answer = send(story.marcus, "license-edit", found, software=software[which].pk, **said)
        assert answer.status_code == status, which
    assert last_entry().after["software"] == "Shared one"


def test_software_that_is_not_seen_stays_in_its_license_unsaid(client, send, story, software):
    found = LicenseFactory(tenant=story.fabrikam, software=software["ours"])
    deny(story.rosa, Permission.SOFTWARE_VIEW)
    assert not access_for(story.rosa).can(Permission.SOFTWARE_VIEW, software["ours"])
    client.force_login(story.rosa)
    assert "Fabrikam one" not in client.get(reverse("computers:license-detail", args=[found.pk])).content.decode()
    assert send(story.rosa, "license-edit", found, name="Renamed").status_code == 302
    found.refresh_from_db()
    assert (found.name, found.software) == ("Renamed", software["ours"])
