"""What a load refuses: the place, the key and the reason, and nothing has changed (design 10)."""

import copy
import re

import pytest
from django.db.models.functions import Now

from rbac.models import AuditEntry, RoleAssignment
from rbac.world import WorldError, dump, load

pytestmark = pytest.mark.django_db

BASE = {
    "tags": [{"name": "gold"}, {"name": "own", "tenant": "north"}],
    "tenants": [
        {"slug": "msp", "is_msp": True},
        {"slug": "north", "parent": "msp"},
        {"slug": "south", "parent": "msp"},
    ],
    "users": [{"email": "ada@msp.test", "tenant": "msp"}],
    "groups": [{"name": "crew", "tenant": "north"}],
    "roles": [{"name": "Freeze", "deny_only": True, "permissions": ["computers:manage"]}],
    "computers": [{"name": "pc", "tenant": "south", "type": "server"}],
    "scripts": [{"name": "clean"}],
}
GIVEN = {"user": "ada@msp.test", "role": "MSP User", "scope": "owner"}


def based():
    """What a document that is refused may not change."""
    load(BASE)
    return dump()


START = based


def given(**columns):
    """The document with one more assignment."""
    return {"assignments": [GIVEN | columns]}


def appended(section, **row):
    return {section: [*BASE[section], row]}


def user(**columns):
    return {"email": "a@x.test", "tenant": "msp"} | columns


def group(*members, **columns):
    return {"groups": [{"name": "g", "members": [*members]} | columns]}


FORM = [
    ({"tenant": []}, "tenant: unknown key"),
    ({"tags": {}}, "tags: must be a list, not an object"),
    ({"tags": ["gold"]}, "tags[0]: must be an object, not a text"),
    ({"tags": [{"name": "gold", "colour": "red"}]}, "tags[0].colour: unknown key"),
    ({"tags": [{"color": "red"}]}, "tags[0].name: is missing"),
    ({"tags": [{"name": None}]}, "tags[0].name: is missing"),
    ({"tags": [{"name": 7}]}, "tags[0].name: must be a text, not a number"),
    ({"tags": [{"name": ""}]}, "tags[0].name: '' is no name"),
    ({"tags": [{"name": " gold"}]}, "tags[0].name: ' gold' is no name"),
    ({"tags": [{"name": "a/b"}]}, "tags[0].name: 'a/b' is no name"),
    ({"tags": [{"name": "a\nb"}]}, "tags[0].name: 'a\\nb' is no name"),
    ({"tags": [{"name": "a\0"}]}, "tags[0].name: holds a character that cannot be stored"),
    ({"tags": [{"name": "\ud800"}]}, "tags[0].name: holds a character that cannot be stored"),
    ({"tags": [{"name": "x" * 61}]}, "tags[0].name: is longer than 60 characters"),
    ({"tenants": [{"slug": "a b"}]}, "tenants[0].slug: 'a b' is no slug"),
    ({"tenants": [{"slug": "a", "name": "A/S"}]}, "tenants[0].name: 'A/S' is no name"),
    ({"tenants": [{"slug": "a", "is_msp": 1}]}, "tenants[0].is_msp: must be true or false, not a number"),
    ({"tenants": [{"slug": "a", "is_active": "yes"}]}, "tenants[0].is_active: must be true or false, not a text"),
    ({"tenants": [{"slug": "a", "tags": "gold"}]}, "tenants[0].tags: must be a list, not a text"),
    ({"tenants": [{"slug": "a"}, {"slug": "a", "is_msp": True}]}, "tenants[1]: is the same as tenants[0], with other"),
    ({"users": [{"email": "ada", "tenant": "msp"}]}, "users[0].email: 'ada' is no e-mail address"),
    ({"users": [{"email": "ada@x.test"}]}, "users[0].tenant: is missing"),
    ({"users": [user(password="")]}, "users[0].password: is empty"),
    ({"users": [user(access_expires_at="2026-01-01")]}, "users[0].access_expires_at: 2026-01-01 has no time zone"),
    ({"users": [user(access_expires_at="soon")]}, "users[0].access_expires_at: 'soon' is no date"),
    ({"users": [user(access_expires_at="9999-12-31T23:59-01:00")]}, "'9999-12-31T23:59-01:00' is no date"),
    ({"users": [user(), user(email="A@x.test", tenant="north")]}, "users[1]: is the same as users[0]"),
    (group({"user": "a@x.test", "until": 1}), "groups[0].members[0].until: unknown key"),
    (group(7), "groups[0].members[0]: must be an object, not a number"),
    (group("a@x.test", {"user": "a@x.test", "expires_at": "2031-01-01T00:00Z"}), "groups[0].members[1].user: "),
    ({"roles": [{"name": "R", "permissions": ["x:y"]}]}, 'roles[0].permissions[0]: no permission "x:y"'),
    ({"roles": [{"name": "R", "permissions": ["tags:manage"]}]}, '"tags:manage" depends on "tags:view", which'),
    ({"roles": [{"name": "auditor", "tenant": "msp"}]}, 'roles[0].name: "auditor" is the name of a built-in role'),
    ({"computers": [{"name": "pc", "tenant": "msp"}]}, "computers[0].type: is missing"),
    ({"computers": [{"name": "pc", "tenant": "msp", "type": "x"}]}, 'computers[0].type: no type of computer "x"'),
    ({"switches": []}, "switches: must be an object, not a list"),
    ({"switches": {"enable_everything": True}}, 'switches.enable_everything: no switch "enable_everything"'),
    ({"switches": {"enable_impersonation": "on"}}, "switches.enable_impersonation: must be true or false"),
    ({"tenant_switches": [{"tenant": "msp", "key": "x"}]}, 'tenant_switches[0].key: no switch "x"'),
]  # fmt: skip

SCOPES = [
    (given(role=None), "assignments[0].role: is missing"),
    (given(scope=None), "assignments[0].scope: is missing"),
    (given(scope="world"), 'assignments[0].scope: no scope "world"'),
    (given(effect="maybe"), 'assignments[0].effect: no effect "maybe"'),
    (given(user=None), "assignments[0].user: exactly one of user and group"),
    (given(group="north/crew"), "assignments[0].user: exactly one of user and group"),
    (given(scope="msp"), 'assignments[0].tenant: scope "msp" needs tenant'),
    (given(scope="tenant"), 'assignments[0].tenant: scope "tenant" needs tenant'),
    (given(tenant="msp"), 'assignments[0].tenant: scope "owner" takes no tenant'),
    (given(scope="own_tenant", tenant="msp"), 'assignments[0].tenant: scope "own_tenant" takes no'),
    (given(scope="tag"), 'assignments[0].tag: scope "tag" needs tag'),
    (given(tag="gold"), 'assignments[0].tag: scope "owner" takes no tag'),
    (given(include_children=True), 'assignments[0].include_children: scope "owner" takes no children'),
    (given(computer="south/pc"), 'assignments[0].computer: computer_scope "all" takes no computer'),
    (given(computer_scope="computer"), 'assignments[0].computer: computer_scope "computer" needs computer'),
    (given(computer_scope="tag"), 'assignments[0].computer_tag: computer_scope "tag" needs computer_tag'),
    (given(computer_scope="type"), 'assignments[0].computer_type: computer_scope "type" needs computer_type'),
    (given(computer_scope="type", computer_type="server"), 'assignments[0].computer_type: no computer type "server"'),
    (given(starts_at="2031-01-02T00:00Z", expires_at="2031-01-02T00:00Z"), "assignments[0].expires_at: does not lie"),
    ({"assignments": [GIVEN, GIVEN | {"reason": "other"}]}, "assignments[1]: is the same as assignments[0], "),
]  # fmt: skip

REFERENCES = [
    (appended("tenants", slug="x", parent="nowhere"), 'tenants[3].parent: no tenant "nowhere"'),
    (appended("tenants", slug="x", parent="x"), "tenants[3].parent: a tenant cannot stand below itself"),
    ({"tenants": [{"slug": "msp", "parent": "north"}]}, "tenants[0].parent: a tenant cannot stand below itself"),
    (appended("tenants", slug="x", tags=["silver"]), 'tenants[3].tags: no tag "silver"'),
    (appended("tenants", slug="x", tags=["north/own"]), 'tenants[3].tags: "own" can only be used at or below'),
    ({"computers": [BASE["computers"][0] | {"tags": ["north/own"]}]}, 'computers[0].tags: "own" can only be used'),
    (appended("tags", name="x", tenant="nowhere"), 'tags[2].tenant: no tenant "nowhere"'),
    (appended("users", email="a@x.test", tenant="nowhere"), 'users[1].tenant: no tenant "nowhere"'),
    (appended("groups", name="x", tenant="nowhere"), 'groups[1].tenant: no tenant "nowhere"'),
    (appended("groups", name="x", members=["a@x.test"]), 'groups[1].members: no user "a@x.test"'),
    (group("ada@msp.test", tenant="north"), 'groups[0].members: "ada@msp.test" has their home outside "north"'),
    (appended("roles", name="x", tenant="nowhere"), 'roles[1].tenant: no tenant "nowhere"'),
    (appended("computers", name="x", tenant="nowhere", type="server"), 'computers[1].tenant: no tenant "nowhere"'),
    (appended("scripts", name="x", tenant="nowhere"), 'scripts[1].tenant: no tenant "nowhere"'),
    ({"tenant_switches": [{"tenant": "x", "key": "enable_impersonation"}]}, 'tenant_switches[0].tenant: no tenant "x"'),
    (given(user="a@x.test"), 'assignments[0].user: no user "a@x.test"'),
    (given(user=None, group="crew"), 'assignments[0].group: no group "crew"'),
    (given(role="X"), 'assignments[0].role: no role "X"'),
    (given(role="msp/MSP User"), 'assignments[0].role: no role "msp/MSP User"'),
    (given(role="Freeze"), 'assignments[0].effect: role "Freeze" is for denying only'),
    (given(scope="tenant", tenant="nowhere"), 'assignments[0].tenant: no tenant "nowhere"'),
    (given(scope="msp", tenant="north"), 'assignments[0].tenant: "north" is no MSP'),
    (given(scope="tag", tag="own"), 'assignments[0].tag: no tag "own"'),
    (given(computer_scope="computer", computer="pc"), 'assignments[0].computer: no computer "pc"'),
    (given(computer_scope="tag", computer_tag="south/own"), 'assignments[0].computer_tag: no tag "south/own"'),
]  # fmt: skip


@pytest.mark.parametrize("document", [[], None, "tags", 7])
def test_a_document_is_an_object(document):
    with pytest.raises(WorldError, match="document: must be an object of lists"):
        load(document)


@pytest.mark.parametrize(("change", "message"), [*FORM, *SCOPES, *REFERENCES])
def test_says_where_and_why_and_changes_nothing(change, message, start):
    with pytest.raises(WorldError, match=re.escape(message)):
        load(copy.deepcopy(BASE) | {"scripts": [{"name": "new"}]} | change)
    assert dump() == start
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("is_ended", [False, True])
def test_deny_only_does_not_change_once_the_role_was_assigned(is_ended):
    load(BASE | given(role="Freeze", effect="deny"))
    if is_ended:
        RoleAssignment.objects.update(ended_at=Now())
    changed = BASE["roles"][0] | {"deny_only": False, "permissions": []}
    with pytest.raises(WorldError, match=re.escape("roles[0].deny_only: cannot change any more")):
        load({"roles": [changed]})


def test_what_only_the_database_knows_is_an_error_too(monkeypatch):
    """Another process may be quicker than the checks; its rules hold at the end."""
    monkeypatch.setattr("rbac.world.directory.Directory.is_within", lambda *_: True)
    with pytest.raises(WorldError, match="document: A tag can only be on tenants at or below its owner"):
        load({**BASE, "tenants": [*BASE["tenants"], {"slug": "x", "tags": ["north/own"]}]})
