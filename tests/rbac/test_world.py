"""Documents in and out: what load, dump and the normal form promise each other (design 10)."""

import json
from random import Random

import hypothesis
import pytest
from django.db import transaction
from hypothesis import strategies as st

from accounts.models import User
from rbac.models import AuditEntry
from rbac.world import dump, load, normal
from rbac.world.shapes import SHAPES
from tests.effort import effort
from tests.oracle.furnishing import furnished
from tests.oracle.strategies import seeded, worlds

pytestmark = pytest.mark.django_db
EMPTY = {section: [] for section in SHAPES} | {"switches": {}}


def moved(report):
    """What a load changed."""
    return {section: count for section, count in report.counts.items() if count.created or count.changed}


@hypothesis.given(world=st.builds(furnished, worlds(sharing=True), st.randoms(use_true_random=False)))
@hypothesis.settings(max_examples=effort(15, 25, 200))
def test_a_loaded_world_is_dumped_in_its_normal_form(world):
    with transaction.atomic():
        load(world)
        assert dump() == normal(world)
        transaction.set_rollback(True)


@pytest.mark.parametrize("seed", range(effort(5, 8, 40)))
def test_what_is_loaded_twice_is_loaded_once(seed):
    world = furnished(seeded(seed, sharing=True), Random(seed))
    load(world)
    there = dump()
    assert moved(load(world)) == {}
    assert moved(load(there)) == {}
    assert dump() == there == normal(there)


def test_a_dump_is_json():
    load(seeded(3))
    assert json.loads(json.dumps(dump())) == dump()


def test_nothing_is_a_world():
    load({})
    assert dump() == normal({}) == EMPTY
    assert normal(dict.fromkeys(EMPTY)) == EMPTY


ASSIGNED = {"user": "ada@acme.test", "role": "Empty", "scope": "owner"}
ADA = {"email": "ada@acme.test", "name": "ada@acme.test", "tenant": "acme", "is_active": True}
FILLED = {
    "tenants": [{"slug": "acme", "name": "acme", "parent": None, "is_msp": False, "tags": [], "is_active": True}],
    "users": [ADA | {"access_expires_at": None}],
    "groups": [{"name": "crew", "tenant": None, "members": [{"user": "ada@acme.test", "expires_at": None}]}],
    "roles": [{"name": "Empty", "description": None, "tenant": None, "deny_only": False, "permissions": []}],
    "computers": [{"name": "pc", "tenant": "acme", "type": "server", "tags": []}],
    "assignments": [
        {
            **dict.fromkeys(SHAPES["assignments"]),
            "user": "ada@acme.test",
            "role": "Empty",
            "effect": "allow",
            "scope": "owner",
            "include_children": False,
            "computer_scope": "all",
            "expires_at": "2031-01-01T00:00:00+00:00",
        }
    ],
    "scripts": [{"name": "clean", "tenant": None, "language": "powershell", "body": None}],
    "tenant_switches": [{"tenant": "acme", "key": "enable_impersonation", "enabled": False}],
}


def test_defaults_fill_every_key():
    world = {
        "tenants": [{"slug": "acme"}],
        "users": [{"email": "Ada@Acme.test", "tenant": "acme"}],
        "groups": [{"name": "crew", "members": ["ada@acme.test"]}],
        "roles": [{"name": "Empty"}],
        "computers": [{"name": "pc", "tenant": "acme", "type": "server"}],
        "assignments": [{**ASSIGNED, "expires_at": "2031-01-01T01:00+01:00"}],
        "scripts": [{"name": "clean"}],
        "tenant_switches": [{"tenant": "acme", "key": "enable_impersonation"}],
    }
    load(world)
    assert dump() == normal(world) == EMPTY | FILLED


def test_parents_come_in_any_order():
    slugs = ["leaf", "branch", "root", "twig"]
    parents = {"leaf": "twig", "twig": "branch", "branch": "root", "root": None}
    load({"tenants": [{"slug": slug, "parent": parents[slug], "is_msp": slug == "root"} for slug in slugs]})
    assert {row["slug"]: row["parent"] for row in dump()["tenants"]} == parents


def test_a_row_that_is_listed_twice_is_one():
    tag = {"name": "gold"}
    load({"tags": [tag, {"name": "gold", "tenant": None}]})
    assert len(dump()["tags"]) == 1


def test_passwords_are_hashed_and_never_dumped():
    rows = [
        {"email": "ada@acme.test", "tenant": "acme", "password": "pw"},
        {"email": "ben@acme.test", "tenant": "acme"},
    ]
    load({"tenants": [{"slug": "acme"}], "users": rows})
    ada, ben = User.objects.order_by("email")
    assert ada.check_password("pw")
    assert not ben.has_usable_password()
    assert "pw" not in json.dumps(dump()["users"])


def test_one_entry_tells_of_one_load():
    report = load({"tenants": [{"slug": "acme"}], "tags": [{"name": "gold"}]}, source="world.json", checksum="abc")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_label) == ("world.loaded", None, "world.json")
    assert entry.after["sha256"] == "abc"
    assert entry.after["rows"]["tenants"] == {"created": 1, "changed": 0, "unchanged": 0}
    assert not report.has_usable_owner


def test_without_a_checksum_it_is_that_of_the_normal_form():
    load({"tags": [{"name": "b"}, {"name": "a"}]})
    load({"tags": [{"name": "a", "color": None}, {"name": "b"}]})
    first, second = AuditEntry.objects.order_by("pk")
    assert first.after["sha256"] == second.after["sha256"]
