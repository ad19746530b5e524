"""What plain constraints hold: forms of values, uniqueness, and what may not go while others name it (design 8)."""

import pytest
from django.db import IntegrityError, transaction

from computers.models import Computer
from rbac.models import RoleAssignment
from tests.factories import (
    ComputerFactory,
    ComputerTagFactory,
    GroupMembershipFactory,
    IdentityFactory,
    LicenseFactory,
    RoleAssignmentFactory,
    ScriptFactory,
    SoftwareFactory,
    SoftwareFileFactory,
    TagFactory,
    TenantFactory,
    UserFactory,
)
from tests.integrity.sql import copy, refused_by, run


@pytest.mark.parametrize(
    "email", ["Ada@example.com", " ada@example.com", "ada@example.com ", "a da@example.com", "ÉVA@x.org"]
)
def test_an_email_has_one_normal_form(db, email):
    user = UserFactory()
    with refused_by("user_email_normal"):
        run("UPDATE accounts_user SET email = %s WHERE id = %s", email, user.id)


def test_an_email_is_unique_in_that_form(db):
    UserFactory(email="ada@example.com")
    with pytest.raises(IntegrityError, match="email"), transaction.atomic():
        UserFactory(email="ada@example.com")


def test_a_live_computer_name_is_unique_in_its_tenant(db):
    computer = ComputerFactory(name="SRV-1")
    ComputerFactory(name="SRV-1")  # of another tenant
    twin = Computer(tenant=computer.tenant, name="SRV-1", type=computer.type)
    with refused_by("computer_name_unique_in_tenant"):
        copy(twin)
    run("UPDATE computers_computer SET deleted_at = now() WHERE id = %s", computer.id)
    copy(twin)
    with refused_by("computer_name_unique_in_tenant"):
        run("UPDATE computers_computer SET deleted_at = NULL WHERE id = %s", computer.id)


@pytest.mark.parametrize("owner", [TenantFactory, lambda: None], ids=["of a tenant", "of the instance"])
def test_a_license_name_is_unique_in_its_owner(db, owner):
    first = LicenseFactory(name="Office", tenant=owner())
    LicenseFactory(name="Office", tenant=TenantFactory())
    other = LicenseFactory(name="Other", tenant=first.tenant)
    with refused_by("license_name_unique_in_owner"):
        run("UPDATE computers_license SET name = 'Office' WHERE id = %s", other.id)


def test_a_script_keeps_what_it_was_whoever_writes_it(db):
    script = ScriptFactory(body="exit 0")
    run("UPDATE computers_script SET body = 'exit 1' WHERE id = %s", script.id)
    run("UPDATE computers_script SET name = 'Renamed' WHERE id = %s", script.id)
    assert list(script.versions.values_list("number", "body")) == [(2, "exit 1"), (1, "exit 0")]
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        run("UPDATE computers_scriptversion SET body = 'exit 2' WHERE script_id = %s", script.id)


def test_a_script_has_each_version_once(db):
    version = ScriptFactory().versions.get()
    with refused_by("script_version_once"):
        run(
            "INSERT INTO computers_scriptversion (script_id, number, language, body, saved_at)"
            " SELECT script_id, number, language, body, saved_at FROM computers_scriptversion WHERE id = %s",
            version.id,
        )


def test_a_script_is_in_a_known_language(db):
    with refused_by("script_language_known"):
        run("UPDATE computers_script SET language = 'cobol' WHERE id = %s", ScriptFactory().id)


@pytest.mark.parametrize("owner", [TenantFactory, lambda: None], ids=["of a tenant", "of the instance"])
def test_a_name_of_software_is_unique_in_its_owner(db, owner):
    first = SoftwareFactory(name="Office", tenant=owner())
    SoftwareFactory(name="Office", tenant=TenantFactory())
    other = SoftwareFactory(name="Other", tenant=first.tenant)
    with refused_by("software_name_unique_in_owner"):
        run("UPDATE computers_software SET name = 'Office' WHERE id = %s", other.id)


@pytest.mark.parametrize("days", [0, 31])
def test_an_invitation_lasts_a_day_to_thirty(db, days):
    with refused_by("tenantpreferences_days_of_an_invitation"):
        run(
            "INSERT INTO tenancy_tenantpreferences (tenant_id, time_zone, invitation_days, support)"
            " VALUES (%s, '', %s, '')",
            TenantFactory().id,
            days,
        )


@pytest.mark.parametrize("color", ["red", "#12345", "#00g0ff", "#ABCDEF"])
def test_the_colour_of_a_brand_is_one(db, color):
    with refused_by("branding_color_is_one"):
        run(
            "INSERT INTO tenancy_branding (tenant_id, name, color, footer) VALUES (%s, '', %s, '')",
            TenantFactory().id,
            color,
        )


def test_a_name_of_a_file_is_unique_in_its_software(db):
    first = SoftwareFileFactory(name="a.msi")
    SoftwareFileFactory(name="a.msi")
    other = SoftwareFileFactory(name="b.msi", software=first.software)
    with refused_by("software_file_name_once"):
        run("UPDATE computers_softwarefile SET name = 'a.msi' WHERE id = %s", other.id)


def test_a_license_has_a_seat_or_no_limit(db):
    found = LicenseFactory(seats=None)
    with refused_by("license_has_a_seat"):
        run("UPDATE computers_license SET seats = 0 WHERE id = %s", found.id)


@pytest.mark.parametrize(
    "scope",
    [
        {"scope": "owner"},
        {"scope": "own_tenant", "include_children": True},
        {"scope": "tenant", "computer_scope": "type", "computer_type": "servers"},
    ],
    ids=lambda scope: scope["scope"],
)
def test_an_assignment_is_given_once_until_it_ends(db, scope):
    if scope["scope"] == "tenant":
        scope = scope | {"tenant": TenantFactory()}
    first = RoleAssignmentFactory(**scope)
    again = RoleAssignment(user=first.user, role=first.role, reason="again", granted_at="2031-01-01", **scope)
    with refused_by("assignment_unended_once"):
        copy(again)
    run("UPDATE rbac_roleassignment SET ended_at = now()")
    copy(again)


WRONG_SCOPES = {
    "owner of a tenant": {"scope": "owner", "tenant": TenantFactory},
    "tenant without one": {"scope": "tenant"},
    "msp without one": {"scope": "msp"},
    "tag without one": {"scope": "tag"},
    "tag with children": {"scope": "tag", "tag": TagFactory, "include_children": True},
    "own tenant with another": {"scope": "own_tenant", "tenant": TenantFactory},
    "an unknown kind": {"scope": "all"},
    "one computer without it": {"computer_scope": "computer"},
    "all computers of a type": {"computer_scope": "all", "computer_type": "servers"},
    "an unknown type": {"computer_scope": "type", "computer_type": "printers"},
    "a type that is not named": {"computer_scope": "type"},
    "two computer columns": {"computer_scope": "tag", "computer_tag": TagFactory, "computer": ComputerFactory},
    "nobody": {"user": None},
    "an unknown effect": {"effect": "maybe"},
    "an end before its start": {"starts_at": "2031-01-02T00:00Z", "expires_at": "2031-01-02T00:00Z"},
}


@pytest.mark.parametrize("columns", WRONG_SCOPES.values(), ids=WRONG_SCOPES)
def test_the_columns_of_an_assignment_fit_together(db, columns):
    made = {name: value() if isinstance(value, type) else value for name, value in columns.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignmentFactory(**made)


NAMED = {
    "accounts_user": lambda: RoleAssignmentFactory().user,
    "accounts_identityprovider": lambda: IdentityFactory().provider,
    "accounts_group": lambda: GroupMembershipFactory().group,
    "rbac_role": lambda: RoleAssignmentFactory().role,
    "tenancy_tag": lambda: RoleAssignmentFactory(scope="tag", tag=TagFactory()).tag,
    "tenancy_tenant": lambda: ScriptFactory(tenant=TenantFactory()).tenant,
    "computers_computer": lambda: ComputerTagFactory().computer,
}


@pytest.mark.parametrize("table", NAMED)
def test_what_access_hangs_on_cannot_be_deleted(db, table):
    row = NAMED[table]()
    with pytest.raises(IntegrityError), transaction.atomic():
        run(f"SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM {table} WHERE id = {row.id}")


def test_no_foreign_key_deletes_or_empties_what_names_it(db):
    """Deletion by cascade is Django's alone, where a model says so; the database deletes nothing by itself.

    The queue of mails is procrastinate's own, and names nothing of ours.
    """
    deleting = run(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND (confdeltype <> 'a' OR confupdtype <> 'a')"
    )
    assert not [names for names in deleting if not all(name.startswith("procrastinate_") for name in names)]


@pytest.mark.parametrize("table", NAMED)
def test_an_id_is_for_ever(db, table):
    row = NAMED[table]()
    with refused_by(f"{table}_id_is_for_ever"):
        run(f"UPDATE {table} SET id = 999999999 WHERE id = %s", row.id)
