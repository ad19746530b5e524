"""Versions of scripts: each save of another text is kept with its author, read, compared and brought back."""

import pytest
from django.urls import reverse

from computers.models import Script, ScriptVersion
from rbac.models import AuditEntry
from rbac.world import load
from tests.computers.conftest import last_entry
from tests.factories import ScriptFactory


def page(script, name, *more) -> str:
    return reverse(f"computers:script-{name}", args=[script.pk, *more])


@pytest.fixture
def script(story, send) -> Script:
    """Written by the system, then twice by Dana."""
    made = ScriptFactory(name="Clean", tenant=story.fabrikam, body="one\ntwo\n")
    for said in ({"body": "one\n2\n"}, {"body": "one\n2\n", "language": "python"}):
        made.refresh_from_db()
        kept = {"name": "Clean", "language": "powershell", **said}
        assert send(story.dana, "script-edit", made, **kept).status_code == 302
    made.refresh_from_db()
    return made


def kept(script) -> list[tuple[object, ...]]:
    return list(script.versions.values_list("number", "language", "saved_by__name"))


def test_a_save_of_another_text_or_language_is_a_version_with_its_author(send, story, script):
    dana = story.dana.name
    assert kept(script) == [(3, "python", dana), (2, "powershell", dana), (1, "powershell", None)]
    said = {"name": "Renamed", "language": "python", "body": script.body}
    assert send(story.marcus, "script-edit", script, **said).status_code == 302
    script.refresh_from_db()
    assert (len(kept(script)), script.saved_by) == (3, story.dana)
    assert send(story.dana, "script-edit", script, **said | {"language": "cobol"}).status_code == 422


def test_a_form_sent_as_it_was_drawn_makes_no_version(send, story, script):
    said = {"name": "Clean", "language": "python", "body": script.body.replace("\n", "\r\n")}
    assert send(story.dana, "script-edit", script, **said).status_code == 302
    assert len(kept(script)) == 3


def test_each_version_is_read_and_two_are_compared(client, story, script):
    client.force_login(story.dana)
    listed = client.get(page(script, "version-list")).content.decode()
    assert [f"Version {number}" in listed for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert "two" in client.get(page(script, "version-detail", 1)).content.decode()
    assert client.get(page(script, "version-detail", 4)).status_code == 404
    answer = client.get(page(script, "compare"), {"before": 1, "after": 3})
    assert [(line.sign, line.text) for line in answer.context["lines"]] == [(" ", "one"), ("-", "two"), ("+", "2")]
    assert "PowerShell became Python" in answer.content.decode()
    latest = client.get(page(script, "compare")).context
    assert (latest["one"].number, latest["other"].number, latest["lines"]) == (2, 3, [])
    for wrong in ({"before": 1}, {"before": 9, "after": 1}, {"before": "x", "after": 1}):
        assert client.get(page(script, "compare"), wrong).status_code == 400


def test_a_version_is_brought_back_as_a_new_one_by_whoever_manages(client, send, story, script):
    said = {"version": script.updated_at.isoformat()}
    client.force_login(story.grace)
    assert client.post(page(script, "version-restore", 1), said).status_code == 403
    assert "Bring it back" not in client.get(page(script, "version-detail", 1)).content.decode()
    client.force_login(story.dana)
    assert "Bring it back" in client.get(page(script, "version-detail", 1)).content.decode()
    assert client.post(page(script, "version-restore", 1), said).status_code == 302
    script.refresh_from_db()
    assert (script.body, script.language, kept(script)[0]) == (
        "one\ntwo\n",
        "powershell",
        (4, "powershell", story.dana.name),
    )
    entry = last_entry()
    assert (entry.action, entry.after["number"]) == ("script.restored", 1)
    assert "two" not in f"{entry.before} {entry.after}"
    count = AuditEntry.objects.count()
    fresh = {"version": script.updated_at.isoformat()}
    assert client.post(page(script, "version-restore", 4), fresh).status_code == 422  # it stands like this
    assert client.post(page(script, "version-restore", 2), said).status_code == 409  # somebody was quicker
    assert AuditEntry.objects.count() == count


def test_a_stranger_finds_no_version_and_no_difference(client, story, script):
    client.force_login(story.olivia)
    missing = Script(pk=2_000_000_000)
    for name, *more in (("version-list",), ("version-detail", 1), ("compare",), ("version-restore", 1)):
        answers = [client.get(page(each, name, *more)) for each in (script, missing)]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def test_whoever_may_not_be_named_is_the_operator(client, story):
    shared = ScriptFactory(name="Shared", saved_by=story.marcus)
    client.force_login(story.grace)
    text = client.get(page(shared, "version-list")).content.decode()
    assert story.marcus.name not in text
    assert "operator of this system" in text


def test_a_load_from_the_shell_is_nobody_s(script):
    row = {"name": "Clean", "tenant": "fabrikam", "language": "python", "body": "new"}
    load({"scripts": [row]}, source="a test")
    assert kept(script)[0] == (4, "python", None)


def test_versions_go_with_their_script(send, story, script):
    assert send(story.dana, "script-delete", script, reason="Old").status_code == 302
    assert not ScriptVersion.objects.filter(script=script.pk).exists()


def test_the_list_is_narrowed_by_language(client, story, script):
    ScriptFactory(name="Other", tenant=story.fabrikam)
    client.force_login(story.dana)
    rows = client.get(reverse("computers:script-list"), {"language": "python"}).context["listing"].rows
    assert [each.name for each in rows] == ["Clean"]
