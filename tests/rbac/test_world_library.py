"""Scripts, software, licenses, people and shares of a document: in, out, and what is refused."""

import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from accounts.models import Person, User
from computers.license_services import NONE, reveal_license
from computers.models import ComputerPerson, License, Script, ScriptVersion, Software
from immyrbac.sealing import unseal
from rbac.access import access_for
from rbac.audit import SYSTEM
from rbac.models import AuditEntry, LicenseShare, SoftwareShare
from rbac.permissions import Permission
from rbac.world import WorldError, dump, load, normal

pytestmark = pytest.mark.django_db

ADA, BEN = "ada@msp.test", "ben@north.test"
BASE = {
    "tenants": [
        {"slug": "msp", "is_msp": True},
        {"slug": "north", "parent": "msp"},
        {"slug": "south", "parent": "msp"},
    ],
    "users": [{"email": ADA, "tenant": "msp"}, {"email": BEN, "tenant": "north"}],
    "computers": [
        {"name": "pc", "tenant": "north", "type": "portable"},
        {"name": "pc", "tenant": "south", "type": "portable"},
    ],
    "software": [{"name": "Suite"}, {"name": "Drawing", "tenant": "north", "publisher": "Kestrel", "release": "4.2"}],
    "licenses": [
        {"name": "Suite", "tenant": "north", "software": "Suite", "seats": 5, "expires_on": "2031-02-03"},
        {"name": "Drawing", "tenant": "north", "software": "north/Drawing", "license_key": "QX7-SECRET"},
    ],
    "people": [
        {"name": "Mara", "tenant": "north", "email": "mara@north.test", "computers": ["north/pc"]},
        {"name": "Ben", "tenant": "north", "login": "ben", "user": BEN, "computers": ["north/pc"]}
        | {"primary_on": ["north/pc"]},
        {"name": "Kim", "tenant": "south"},
    ],
    "shares": [{"user": BEN, "software": "Suite", "permission": "software:view", "shared_by": ADA, "reason": "once"}],
}


@pytest.fixture(autouse=True)
def base() -> None:
    load(BASE)


def changed(section: str, number: int, **columns: object) -> dict[str, object]:
    """The document with some columns of one row of that list changed, and its other lists."""
    rows = [dict(row) for row in BASE[section]]
    rows[number] |= columns
    return {**BASE, section: rows}


def test_what_is_loaded_is_dumped_in_normal_form_and_loads_again():
    assert dump() == normal(BASE)
    there = dump()
    report = load(there)
    assert not any(count.created or count.changed for count in report.counts.values())


def test_a_key_is_sealed_and_neither_dumped_nor_told():
    found = License.objects.get(name="Drawing")
    assert unseal(found.sealed_key) == "QX7-SECRET"
    assert "QX7" not in json.dumps(dump())
    assert "QX7" not in json.dumps([each.after for each in AuditEntry.objects.all()])


def test_a_known_license_keeps_its_key_unless_the_document_says_another():
    sealed = License.objects.get(name="Drawing").sealed_key
    load(dump())
    load(BASE)
    assert License.objects.get(name="Drawing").sealed_key == sealed
    load(changed("licenses", 1, license_key="NEW-1"))
    assert unseal(License.objects.get(name="Drawing").sealed_key) == "NEW-1"


def test_a_license_that_came_without_its_key_says_so():
    with pytest.raises(ValidationError, match=re.escape(NONE)):
        reveal_license(actor=SYSTEM, license=License.objects.get(name="Suite"))


def test_what_a_document_has_no_keys_for_stays():
    License.objects.update(notes="kept")
    load(changed("licenses", 0, seats=9))
    assert set(License.objects.values_list("notes", "seats")) == {("kept", 9), ("kept", None)}


def test_an_item_that_changes_says_when_and_a_script_has_a_version_more():
    load({"scripts": [{"name": "tidy", "language": "bash", "body": "true"}]})
    before = {model: model.objects.earliest("pk").updated_at for model in (Script, Software, License)}
    load({"scripts": [{"name": "tidy", "language": "python", "body": "pass"}]})
    load(changed("software", 0, notes="new"))
    load(changed("licenses", 0, seats=6))
    assert all(model.objects.earliest("pk").updated_at > moment for model, moment in before.items())
    assert list(ScriptVersion.objects.order_by("number").values_list("language", flat=True)) == ["bash", "python"]


# People


def test_a_person_is_known_by_address_or_login_and_else_by_name():
    pks = dict(Person.objects.values_list("name", "pk"))
    rows = [
        {"name": "Mara Lind", "tenant": "north", "email": "MARA@north.test", "login": "mara"},
        {"name": "Ben", "tenant": "north", "login": "ben"},
        {"name": "Kim", "tenant": "south", "login": "kim"},
    ]
    load({"people": rows})
    assert Person.objects.get(name="Mara Lind").pk == pks["Mara"]
    assert Person.objects.get(login="ben").pk == pks["Ben"]
    assert Person.objects.get(login="ben").user is None
    assert Person.objects.filter(name="Kim").count() == 2  # one who is known by name is nobody with a login
    assert not ComputerPerson.objects.exists()


def test_one_person_twice_is_refused():
    load({"people": [{"name": "Mara", "tenant": "north", "email": "mara@north.test", "login": "mara"}]})
    rows = [
        {"name": "A", "tenant": "north", "email": "mara@north.test"},
        {"name": "B", "tenant": "north", "login": "mara"},
    ]
    with pytest.raises(WorldError, match=re.escape("people[1]: is the same person as people[0]")):
        load({"people": rows})


def test_an_account_that_moves_is_nobody_s_any_more():
    load({"users": [{"email": BEN, "tenant": "south"}]})
    assert Person.objects.get(name="Ben").user is None


def test_of_people_whom_nothing_tells_apart_the_first_is_dumped():
    Person.objects.create(name="Kim", tenant=Person.objects.get(name="Kim").tenant)
    found = dump()
    assert [row["name"] for row in found["people"]].count("Kim") == 1
    load(found)


# Shares


def test_a_share_gives_what_it_says():
    ben, suite = User.objects.get(email=BEN), Software.objects.get(name="Suite")
    assert access_for(ben).can(Permission.SOFTWARE_VIEW, suite)
    share = SoftwareShare.objects.get()
    assert (share.shared_by.email, share.reason) == (ADA, "once")


def test_a_share_that_differs_is_ended_and_given_anew_and_others_stay():
    license_of = {"user": BEN, "license": "north/Suite", "permission": "licenses:view"}
    load({"shares": [license_of]})
    load(changed("shares", 0, expires_at="2031-01-01T00:00Z"))
    old, new = SoftwareShare.objects.order_by("pk")
    assert (old.end_reason, new.ended_at, new.expires_at.year) == ("replaced by load_world", None, 2031)
    assert LicenseShare.objects.get().shared_by.email == BEN  # where nobody is named, they themselves
    assert len(dump()["shares"]) == 2


def test_one_that_has_expired_loads_as_it_is_and_lapses_when_it_is_given_anew():
    past = changed("shares", 0, expires_at="2020-01-01T00:00Z")
    load(past)
    assert dump() == normal(past)
    assert not access_for(User.objects.get(email=BEN)).can(Permission.SOFTWARE_VIEW, Software.objects.get(name="Suite"))
    load(BASE)
    reasons = SoftwareShare.objects.order_by("pk").values_list("end_reason", flat=True)
    assert list(reasons) == ["replaced by load_world", "lapsed", ""]


def test_who_gave_it_and_was_removed_is_named_no_more():
    User.objects.filter(email=ADA).update(removed_at=Now(), is_active=False, email="removed-1@removed.invalid")
    assert [row["shared_by"] for row in dump()["shares"]] == [BEN]


# What is refused

REFUSED = [
    ({"scripts": [{"name": "x", "language": "perl"}]}, 'scripts[0].language: no language "perl"'),
    (changed("licenses", 0, seats=0), "licenses[0].seats: 0 is no number of one or more"),
    (changed("licenses", 0, seats=True), "licenses[0].seats: True is no number"),
    (changed("licenses", 0, expires_on="soon"), "licenses[0].expires_on: 'soon' is no day"),
    (changed("licenses", 0, license_key=""), "licenses[0].license_key: is empty"),
    (changed("licenses", 0, software="Other"), 'licenses[0].software: no software "Other"'),
    (changed("licenses", 0, tenant="south", software="north/Drawing"), "is neither of its owner nor of the instance"),
    (changed("software", 0, tenant="nowhere"), 'software[0].tenant: no tenant "nowhere"'),
    (changed("people", 0, primary_on=["north/other"]), 'people[0].primary_on: "north/other" is not among computers'),
    (changed("people", 0, computers=["south/pc"]), 'people[0].computers: "south/pc" is a computer of another tenant'),
    (changed("people", 0, computers=["north/x"]), 'people[0].computers: no computer "north/x"'),
    (changed("people", 0, primary_on=["north/pc"]), "has its primary person in people[0]"),
    (changed("people", 0, user=ADA), 'people[0].user: "ada@msp.test" has their home outside "north"'),
    (changed("people", 1, user="x@y.test"), 'people[1].user: no user "x@y.test"'),
    (changed("shares", 0, permission="scripts:view"), 'shares[0].permission: software takes no "scripts:view"'),
    (changed("shares", 0, permission="users:manage"), 'shares[0].permission: no shared action "users:manage"'),
    (changed("shares", 0, license="north/Suite"), "shares[0].license: exactly one of license, script, software"),
    (changed("shares", 0, software=None), "shares[0].license: exactly one of license, script, software"),
    (changed("shares", 0, software="north/Suite"), 'shares[0].software: no software "north/Suite"'),
    (changed("shares", 0, shared_by="x@y.test"), 'shares[0].shared_by: no user "x@y.test"'),
]  # fmt: skip


@pytest.mark.parametrize(("world", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_it_names_what_is_wrong_and_changes_nothing(world, reason):
    before = dump()
    with pytest.raises(WorldError, match=re.escape(reason)):
        load(world)
    assert dump() == before


def test_a_computer_that_is_for_somebody_else_is_refused():
    taking = {"name": "New", "tenant": "north", "computers": ["north/pc"], "primary_on": ["north/pc"]}
    with pytest.raises(WorldError, match=re.escape('people[0].primary_on: the primary person of "pc" is "Ben"')):
        load({"people": [taking]})
