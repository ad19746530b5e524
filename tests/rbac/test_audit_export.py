"""The audit log as CSV and JSON lines: whoever may export gets what they may see, and what the chain is made of."""

import csv
import hashlib
import json
from io import StringIO

import pytest
from django.urls import reverse

from rbac.audit import Actor, record
from rbac.permissions import Permission
from rbac.views import audit
from tests.grants import deny, end, grant
from tests.story import tell

pytestmark = pytest.mark.django_db
LIST, CSV, JSON = (reverse(f"rbac:audit-{name}") for name in ("list", "export", "export-json"))


@pytest.fixture
def story():
    return tell()


def text(client, address, **filters) -> str:
    answer = client.get(address, filters)
    assert answer.status_code == 200
    return b"".join(answer).decode()


def lines(client, **filters) -> list[dict]:
    return [json.loads(line) for line in text(client, JSON, **filters).splitlines()]


def recomputed(entry: dict) -> str:
    """As docs/auditor.md says."""
    return hashlib.sha256(
        json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def test_the_right_to_export_counts_from_the_grant_to_its_end(client, story):
    record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    record(Actor(story.dana), "computer.edited", target=story.press, tenant=story.northwind)
    grant(story.grace, Permission.AUDIT_VIEW, scope="own_tenant")
    client.force_login(story.grace)
    for address in (CSV, JSON):
        assert client.get(address).status_code == 403
    assert "Export" not in text(client, LIST)
    given = grant(story.grace, Permission.AUDIT_EXPORT, scope="own_tenant")
    assert "Export JSON lines" in text(client, LIST)
    for address in (CSV, JSON):
        assert "DC01" in text(client, address)
        assert "NW-PRESS" not in text(client, address)
    end(given)
    assert {client.get(address).status_code for address in (CSV, JSON)} == {403}


def test_only_what_both_rights_cover_is_written(client, story):
    for computer, tenant in ((story.dc01, story.fabrikam), (story.press, story.northwind)):
        record(Actor(story.dana), "computer.edited", target=computer, tenant=tenant)
    record(Actor(story.marcus), "switch.set", label="Enable Access Requests")
    grant(story.dana, Permission.AUDIT_VIEW_SYSTEM)
    given = grant(story.dana, Permission.AUDIT_EXPORT, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.dana)
    assert [line["entry"]["target_label"] for line in lines(client)] == ["DC01"]
    end(given)
    grant(story.dana, Permission.AUDIT_EXPORT)
    assert len(lines(client)) == 3
    deny(story.dana, Permission.AUDIT_EXPORT, scope="tenant", tenant=story.northwind)
    assert {line["entry"]["target_label"] for line in lines(client)} == {"DC01", "Enable Access Requests"}


def test_an_entry_of_the_system_is_exported_by_who_may_export_everywhere(client, story):
    record(Actor(story.marcus), "switch.set", label="Enable Access Requests")
    client.force_login(story.hugo)
    assert [line["tenant"] for line in lines(client)] == ["System"]


def test_each_line_is_what_the_chain_is_made_of(client, story):
    said = {"reason": "Überfällig \u2028 =1+1", "before": {"tags": ["b", "a"]}, "after": {"tags": [], "n": 3}}
    actor = Actor(story.dana, story.marcus, request_id="5c1e", address="192.0.2.7")
    entries = [record(actor, "computer.tagged", target=story.dc01, tenant=story.fabrikam, **said) for _ in range(3)]
    client.force_login(story.hugo)
    told = lines(client, sort="when")
    assert [line["hash"] for line in told] == [entry.hash for entry in entries]
    for line in told:
        assert recomputed(line["entry"]) == line["hash"]
        assert line["withheld"] == []
    assert [line["entry"]["prev_hash"] for line in told[1:]] == [line["hash"] for line in told[:-1]]
    assert {key: told[0][key] for key in ("who", "as", "what", "tenant")} == {
        "who": "Marcus Oyelaran",
        "as": "Dana Whitfield",
        "what": "Changed the tags of computer DC01",
        "tenant": "Fabrikam",
    }


def test_who_may_not_be_named_is_withheld(client, story):
    grant(story.rosa, Permission.AUDIT_EXPORT, scope="own_tenant")
    there = {"target": story.dc01, "tenant": story.fabrikam}
    record(Actor(story.dana, story.olivia, address="203.0.113.9"), "computer.noted", **there)
    record(Actor(story.olivia, address="203.0.113.9"), "computer.edited", **there)
    record(Actor(story.dana, address="192.0.2.7"), "computer.edited", **there)
    client.force_login(story.rosa)
    told = lines(client)
    assert [line["withheld"] for line in told] == [[], ["actor_id", "address"], ["impersonator_id", "address"]]
    assert [line["who"] for line in told] == ["Dana Whitfield", *["The operator of this system"] * 2]
    assert [line["entry"]["address"] for line in told] == ["192.0.2.7", None, None]
    for written in (text(client, JSON), text(client, CSV)):
        assert "203.0.113.9" not in written
        assert "Olivia" not in written


def test_csv_says_the_same_for_people(client, story):
    said = {"before": {"os": ""}, "after": {"os": "Linux"}, "reason": "=cmd()"}
    actor = Actor(story.dana, request_id="5c1e", address="192.0.2.7")
    entry = record(actor, "computer.edited", target=story.dc01, tenant=story.fabrikam, **said)
    client.force_login(story.hugo)
    (row,) = csv.DictReader(StringIO(text(client, CSV)))
    assert row == {
        "Number": str(entry.pk),
        "When": entry.at.isoformat(),
        "Who": "Dana Whitfield",
        "As": "",
        "Action": "computer.edited",
        "What happened": "Edited computer DC01",
        "About": "DC01",
        "Tenant": "Fabrikam",
        "Reason": "'=cmd()",
        "Before": '{"os": ""}',
        "After": '{"os": "Linux"}',
        "Address": "192.0.2.7",
        "Request": "5c1e",
        "Hash": entry.hash,
    }


@pytest.mark.parametrize("address", [CSV, JSON])
def test_filters_narrow_both_and_what_is_unknown_is_refused(client, story, address):
    record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    record(Actor(story.dana), "computer.noted", target=story.press, tenant=story.northwind)
    client.force_login(story.hugo)
    written = text(client, address, action="computer.noted")
    assert "NW-PRESS" in written
    assert "DC01" not in written
    assert client.get(address, {"rows": "10"}).status_code == 400
    assert client.get(address, {"action": "x.y"}).status_code == 400


def test_a_right_that_ends_while_it_is_written_stops_it(client, story, monkeypatch):
    for _ in range(3):
        record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    given = grant(story.grace, Permission.AUDIT_EXPORT, scope="own_tenant")
    client.force_login(story.grace)
    monkeypatch.setattr("immyrbac.exports.CHUNK", 2)
    answer = iter(client.get(JSON))
    told = [json.loads(next(answer)) for _ in range(2)]
    end(given)
    told += [json.loads(line) for line in answer]
    assert [set(line) & {"hash", "stopped"} for line in told] == [{"hash"}, {"hash"}, {"stopped"}]


def test_the_two_exports_lead_from_the_list_with_its_filters(client, story):
    record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    client.force_login(story.hugo)
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(LIST, {"q": "dc01"}, headers=headers).content.decode()
        for name in audit.EXPORTS.values():
            assert f'href="{reverse(name)}?q=dc01"' in page
