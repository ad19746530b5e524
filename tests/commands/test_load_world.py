"""`load_world` and `dump_world`: files in, one document out."""

import hashlib
import json

import pytest
import yaml

from accounts.models import User
from rbac.models import AuditEntry
from rbac.world import dump, normal
from tenancy.models import Tenant
from tests.commands.shell import run
from tests.oracle.strategies import seeded

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    """The command on a file of this name and content."""

    def loading(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run("load_world", str(path))

    return loading


@pytest.mark.parametrize(
    ("name", "write"), [("w.json", json.dumps), ("w.yaml", yaml.safe_dump), ("w.YML", yaml.safe_dump)]
)
def test_json_and_yaml(load, name, write):
    world = seeded(5)
    ran = load(name, write(world))
    assert (ran.code, ran.out) == (0, "")
    assert dump() == normal(world)
    assert json.loads(run("dump_world").out) == normal(world)


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
@pytest.mark.parametrize("name", ["w", "w.txt", "w.yaml"])
def test_any_other_name_holds_either(load, name, write):
    """Escapes of one letter outside the first plane are two in JSON, which YAML would take for two letters."""
    assert load(name, write({"tags": [{"name": "\N{ROCKET}"}]})).code == 0
    assert [tag["name"] for tag in dump()["tags"]] == ["\N{ROCKET}"]


def test_what_it_tells(load):
    content = '{"tenants": [{"slug": "acme"}]}'
    ran = load("w.json", content)
    assert ran.err.splitlines() == [
        "tenants: 1 new, 0 changed, 0 as they were",
        "Nobody can act as owner of this instance: manage.py create_owner makes somebody who can.",
    ]
    entry = AuditEntry.objects.get()
    assert (entry.target_label, entry.after["sha256"]) == ("w.json", hashlib.sha256(content.encode()).hexdigest())


def test_a_name_of_any_bytes_enters_the_audit_log(load):
    assert load("w\udcff.json", "{}").code == 0
    assert AuditEntry.objects.get().target_label == "w\N{REPLACEMENT CHARACTER}.json"


def test_timestamps_of_yaml(load):
    """YAML reads them before we do: with a zone they are instants, without one an error."""
    world = "tenants: [{slug: acme}]\nusers: [{email: a@acme.test, tenant: acme, access_expires_at: %s}]\n"
    assert load("w.yaml", world % "2031-01-01 01:00:00 +01:00").code == 0
    assert User.objects.get().access_expires_at.isoformat() == "2031-01-01T00:00:00+00:00"
    assert "has no time zone" in load("w.yaml", world % "2031-01-01 01:00:00").err
    assert "must be a text, not date" in load("w.yaml", world % "2031-01-01").err


def test_a_byte_order_mark_is_no_content(load):
    assert load("w.json", b'\xef\xbb\xbf{"tenants": []}').code == 0


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("w.json", "{", "Expecting property name"),
        ("w.json", b"\xff", "can't decode byte"),
        ("w.json", "[" * 100_000, "recursion"),
        ("w.json", '{"tags": [], "tags": []}', "a key is written twice"),
        ("w.json", "[]", "document: must be an object of lists"),
        ("w.yaml", "tags: []\ntags: []", "a key is written twice"),
        ("w.yaml", "tags: [", "while parsing"),
        ("w.yaml", "? [a]\n: b", "unhashable"),
        ("w.yaml", "tags: !!python/object:os.system {}", "could not determine a constructor"),
        ("w.json", '{"tenants": [{"slug": "a"}], "scripts": [{"name": "x", "tenant": "y"}]}', "scripts[0].tenant"),
    ],
)  # fmt: skip
def test_errors(load, name, content, reason):
    ran = load(name, content)
    assert (ran.out, ran.code) == ("", 1)
    assert reason in ran.err
    assert not Tenant.objects.exists()


def test_a_file_that_is_not_there():
    assert "/no/such/file.json: No such file or directory" in run("load_world", "/no/such/file.json").err


@pytest.mark.django_db(transaction=True)
def test_a_dump_sees_one_instant(load):
    load("w.json", json.dumps(seeded(2)))
    assert json.loads(run("dump_world").out) == normal(seeded(2))
