"""The side bar offers what the reader holds, and nothing that is not there."""

from types import SimpleNamespace as Thing

import pytest
from django.urls import resolve, reverse

from immyrbac.declarations import declared
from immyrbac.navigation import NAVIGATION, groups_of, side_bar
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
    return [(item.label, item.current) for _, items in groups_of(request) for item in items]


def test_only_what_is_held_is_offered(rf):
    assert labels(rf) == [("Start", True)]
    seen = labels(rf, "/users/3/", {Permission.USERS_VIEW})
    assert seen == [("Start", False), ("Users", True), ("People", False), ("Assignments", False)]


def test_whoever_holds_everything_sees_every_entry_once(rf):
    assert [label for label, _ in labels(rf, held=set(Permission))] == [entry.label for entry in ENTRIES]


def test_an_empty_group_is_not_there(rf):
    request = rf.get("/")
    request.access = Thing(holds=lambda permission: permission == Permission.AUDIT_VIEW)
    assert [label for label, _ in groups_of(request)] == ["", "Oversight"]


def test_a_request_without_access_has_no_side_bar(rf):
    assert side_bar(rf.get("/")) == ""


def test_it_is_drawn_for_the_page_that_is_shown(rf):
    request = rf.get("/tenants/")
    request.access = Thing(holds=lambda permission: permission in {Permission.TENANTS_VIEW, Permission.TAGS_VIEW})
    for path, current in (("/tenants/", "Tenants"), ("/tags/", "Tags"), ("/tenants/", "Tenants")):
        request.path = path
        drawn = side_bar(request)
        assert drawn.count('aria-current="page"') == 1
        assert f'href="{path}" aria-current="page"' in drawn
        assert drawn.count("<h2>Estate</h2>") == 1
        assert drawn.count("<li>") == 3
        assert current in drawn
