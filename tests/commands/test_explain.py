"""`explain`: the page of that name as text, for whoever has the shell."""

import json

import pytest

from rbac.world import load
from tests.commands.shell import run
from tests.commands.test_can import WORLD


@pytest.fixture(autouse=True)
def world(db):
    load(WORLD)


def test_a_deny_that_wins():
    ran = run("explain", "ben@acme.test", "computers:manage", "computer:acme/pc")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[:2] == [
        "No, Ben cannot edit pc",
        "A deny of Freeze, given to Ben directly, wins over 1 allow.",
    ]
    deny = "May not use anything in Freeze on servers of their own tenant. “migration”"
    assert ran.lines[3].startswith(f"Deny, decides: {deny}")
    path = "  Ben (Acme) > Directly (no end) > Freeze (takes it) > Their own tenant (Acme) > Servers (pc is a server)"
    assert ran.lines[4] == path
    assert ran.lines[6].startswith("Allow, matches but is overruled: May act as Tenant Administrator")
    assert ran.lines[-1] == "End the deny. Giving another role changes nothing while the deny lives."


def test_a_near_miss_stops_at_the_bar():
    ran = run("explain", "ben@acme.test", "audit:view_system")
    assert ran.lines[0] == "No, Ben cannot view the system audit log"
    assert "  Ben (Acme) > | Directly (expired on 1 Jan 2020) > Auditor > Every tenant > All computers" in ran.lines


def test_an_account_that_is_not_active():
    ran = run("explain", "eve@acme.test", "tenants:view", "tenant:acme")
    assert ran.lines[1] == "The account may not act: deactivated."


def test_as_json():
    said = json.loads(run("explain", "ada@msp.test", "computers:manage", "computer:acme/pc", "--json").out)
    assert (said["allowed"], said["verdict"], said["change"]) == (True, "Yes, Ada can edit pc", "")
    (path,) = said["paths"]
    assert (path["effect"], path["part"]) == ("allow", "decides")
    assert [station["name"] for station in path["stations"]] == [
        "Ada", "Directly", "MSP User", "Msp and its customers", "All computers",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "reference", [None, "role:MSP User", "group:acme/crew", "user:eve@acme.test", "tag:gold", "script:clean"]
)
def test_agrees_with_can(reference):
    for permission in ("users:manage", "scripts:view", "tags:view"):
        question = ("ben@acme.test", permission, *([reference] if reference else []))
        allowed = json.loads(run("can", *question, "--json").out)["allowed"]
        assert json.loads(run("explain", *question, "--json").out)["allowed"] == allowed


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (("nobody@x.test", "users:view"), 'No user "nobody@x.test".'),
        (("ada@msp.test", "users:frobnicate"), 'No permission "users:frobnicate".'),
        (("ada@msp.test", "users:view", "tenant:nowhere"), 'No object "tenant:nowhere".'),
    ],
)
def test_a_bad_question_ends_with_2(question, reason):
    ran = run("explain", *question)
    assert (ran.out, ran.code) == ("", 2)
    assert reason in ran.err
