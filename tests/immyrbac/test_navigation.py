"""The side bar offers what the reader holds, and nothing that is not there."""

from types import SimpleNamespace as Thing

import pytest
from django.urls import resolve, reverse

from immyrbac.declarations import declared
from immyrbac.navigation import NAVIGATION, navigation
from rbac.permissions import Permission

ENTRIES = [entry for group in NAVIGATION for entry in group.entries]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.label)
def test_an_entry_asks_what_its_page_asks(entry):
    """A page for everybody may be offered to some alone: whoever asks about others finds Explain access there."""
    declaration = declared(resolve(reverse(entry.url_name)).func)
    assert declaration.kind == "any_user" or declaration.permission == entry.permission


def labels(rf, path="/", held=()):
    request = rf.get(path)
    request.access = Thing(holds=lambda permission: permission in held)
    return [(item.label, item.current) for _, items in navigation(request)["nav"] for item in items]


def test_only_what_is_held_is_offered(rf):
    assert labels(rf) == [("Start", True)]
    seen = labels(rf, "/users/3/", {Permission.USERS_VIEW})
    assert seen == [("Start", False), ("Users", True), ("People", False), ("Assignments", False)]


def test_whoever_holds_everything_sees_every_entry_once(rf):
    assert [label for label, _ in labels(rf, held=set(Permission))] == [entry.label for entry in ENTRIES]


def test_an_empty_group_is_not_there(rf):
    request = rf.get("/")
    request.access = Thing(holds=lambda permission: permission == Permission.AUDIT_VIEW)
    assert [label for label, _ in navigation(request)["nav"]] == ["", "Oversight"]


def test_a_request_without_access_has_no_side_bar(rf):
    assert list(navigation(rf.get("/"))["nav"]) == []
