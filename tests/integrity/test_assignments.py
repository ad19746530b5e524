"""Role assignments are granted and ended, fit their role and their scope, and name nothing removed (design 3 and 8)."""

import pytest

from rbac.models import Effect, Role, RoleAssignment
from tests.factories import (
    GroupFactory,
    MspFactory,
    RoleAssignmentFactory,
    RoleFactory,
    TagFactory,
    TenantFactory,
    UserFactory,
)
from tests.integrity.sql import commit_checks, copy, refused_by, run

END = "UPDATE rbac_roleassignment SET ended_at = now()"


def copy_assignments(*rows: dict) -> None:
    """Assignments past every service, those of one COPY together, by their columns."""
    copy(*[RoleAssignment(**{"scope": "owner", "granted_at": "2031-01-01"} | row) for row in rows])


@pytest.fixture
def names(db):
    """The columns that name a holder and a role."""
    return {"user_id": UserFactory().id, "role_id": RoleFactory().id}


@pytest.fixture
def assignment(db):
    return RoleAssignmentFactory(scope="tenant", tenant=TenantFactory(), reason="on call")


def test_scope_msp_names_an_msp_when_it_is_granted(names):
    provider, customer = MspFactory(), TenantFactory()
    with refused_by("assignment_names_an_msp"):
        copy_assignments(
            names | {"scope": "msp", "tenant_id": provider.id}, names | {"scope": "msp", "tenant_id": customer.id}
        )
    with refused_by("assignment_names_an_msp"):
        copy_assignments(names | {"scope": "msp", "tenant_id": 999_999_999})
    copy_assignments(names | {"scope": "msp", "tenant_id": provider.id})
    run("UPDATE tenancy_tenant SET is_msp = false WHERE id = %s", provider.id)
    commit_checks()


class TestRolesForDenyingOnly:
    def test_only_deny(self, names):
        denying = RoleFactory(deny_only=True)
        with refused_by("deny_only_role_only_denies"):
            copy_assignments(names, names | {"role_id": denying.id})
        copy_assignments(names | {"role_id": denying.id, "effect": "deny"})

    @pytest.mark.parametrize("effect", Effect.values)
    def test_stay_so_and_with_their_owner_once_given(self, db, effect):
        role = RoleAssignmentFactory(role__deny_only=effect == "deny", effect=effect).role
        with refused_by("role_in_use_keeps_its_nature"):
            run("UPDATE rbac_role SET deny_only = NOT deny_only WHERE key IS NULL")
        with refused_by("role_in_use_keeps_its_nature"):
            run("UPDATE rbac_role SET tenant_id = %s WHERE key IS NULL", TenantFactory().id)
        run(END)
        with refused_by("role_in_use_keeps_its_nature"):
            run("DELETE FROM rbac_role WHERE id = %s", role.id)

    def test_may_change_until_they_are_given(self, names):
        run("UPDATE rbac_role SET deny_only = true, tenant_id = %s WHERE key IS NULL", TenantFactory().id)
        run("DELETE FROM rbac_role WHERE key IS NULL")


class TestAnAssignment:
    CHANGES = (
        "effect = 'deny'",
        "expires_at = '2031-01-01'",
        "include_children = true",
        "reason = 'because'",
        "granted_at = now()",
        "role_id = (SELECT id FROM rbac_role WHERE key = 'msp_administrator')",
        "scope = 'owner', tenant_id = NULL",
        "ended_at = now(), reason = 'never given'",
    )

    @pytest.mark.parametrize("change", CHANGES)
    def test_is_never_edited(self, assignment, change):
        with refused_by("assignment_only_ends"):
            run(f"UPDATE rbac_roleassignment SET {change}")

    @pytest.mark.parametrize("change", [*CHANGES, "ended_at = NULL", "ended_at = now()", "end_reason = 'no longer'"])
    def test_is_never_edited_after_its_end(self, assignment, change):
        run(END)
        with refused_by("assignment_only_ends"):
            run(f"UPDATE rbac_roleassignment SET {change}")

    def test_ends_with_who_and_why(self, assignment):
        run(f"{END}, ended_by_id = %s, end_reason = 'left'", UserFactory().id)
        assert RoleAssignment.objects.get().end_reason == "left"

    def test_has_no_end_reason_before_its_end(self, assignment):
        with refused_by("assignment_only_ends"):
            run("UPDATE rbac_roleassignment SET end_reason = 'left'")

    def test_is_never_deleted(self, assignment):
        with refused_by("assignment_stays"):
            run("DELETE FROM rbac_roleassignment")
        commit_checks()
        with refused_by("rbac_roleassignment_is_never_emptied"):
            run("TRUNCATE rbac_roleassignment CASCADE")


class TestRemoved:
    REMOVE = "UPDATE {} SET removed_at = now() WHERE id = %s"

    @pytest.fixture(params=["user", "group", "tag", "computer_tag"])
    def held(self, request, db):
        """An assignment, and the table and id of what it names."""
        if request.param == "user":
            user = UserFactory(is_active=False)
            return {"user": user}, "accounts_user", user.id
        if request.param == "group":
            group = GroupFactory()
            return {"group": group}, "accounts_group", group.id
        scope = "scope" if request.param == "tag" else "computer_scope"
        tag = TagFactory()
        return {scope: "tag", request.param: tag}, "tenancy_tag", tag.id

    def test_holds_nothing_that_is_not_ended(self, held):
        columns, table, row_id = held
        RoleAssignmentFactory(**columns)
        with refused_by("removed_hold_nothing"):
            run(self.REMOVE.format(table), row_id)
        run(self.REMOVE.format(table), row_id)
        run(END)
        commit_checks()

    def test_is_given_nothing(self, held):
        columns, table, row_id = held
        run(self.REMOVE.format(table), row_id)
        with refused_by("removed_hold_nothing"):
            RoleAssignmentFactory(**columns)


class TestBuiltInRoles:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE rbac_role SET permissions = permissions || 'users:manage'::varchar WHERE key = 'auditor'",
            "UPDATE rbac_role SET name = name",
            "UPDATE rbac_role SET key = NULL WHERE key = 'auditor'",
            "UPDATE rbac_role SET key = 'owner' WHERE key IS NULL",
            "DELETE FROM rbac_role WHERE key = 'auditor'",
            "INSERT INTO rbac_role (name, description, key, deny_only, permissions) VALUES ('A', '', 'a', false, '{}')",
            "INSERT INTO rbac_role SELECT * FROM rbac_role WHERE id = 1 ON CONFLICT (id) DO UPDATE SET name = ''",
        ],
    )
    def test_change_with_the_catalogue_alone(self, db, statement):
        RoleFactory()
        with refused_by("built_in_role_is_read_only"):
            run(statement)

    def test_are_never_emptied(self, db):
        with refused_by("rbac_role_is_never_emptied"):
            run("TRUNCATE rbac_role CASCADE")

    def test_stay_read_only_after_the_catalogue_was_written(self, db):
        run("SET LOCAL immyrbac.catalogue = 'on'")
        Role.objects.filter(key="auditor").update(description="Reads")
        run("SET LOCAL immyrbac.catalogue = 'off'")
        with refused_by("built_in_role_is_read_only"):
            Role.objects.filter(key="auditor").update(description="Writes")


class TestCustomRoles:
    EDIT = "UPDATE rbac_role SET permissions = '{tenants:view,tags:view}' WHERE id = %s"
    REMOVE = "UPDATE rbac_role SET removed_at = now() WHERE id = %s"

    def test_keep_what_they_were_before_each_edit(self, db):
        role = RoleFactory(name="Desk", permissions=["tenants:view"])
        run(self.EDIT, role.pk)
        run("UPDATE rbac_role SET name = 'Night desk' WHERE id = %s", role.pk)
        found = run("SELECT number, name, permissions FROM rbac_roleversion WHERE role_id = %s ORDER BY 1", role.pk)
        assert found == [(1, "Desk", ["tenants:view"]), (2, "Desk", ["tenants:view", "tags:view"])]
        role.refresh_from_db()
        assert (role.version, role.name) == (3, "Night desk")

    def test_say_nothing_of_an_edit_that_was_none(self, db):
        role = RoleFactory()
        run("UPDATE rbac_role SET version = 9, edit_reason = 'None', edited_at = '2001-01-01' WHERE id = %s", role.pk)
        found = Role.objects.get(pk=role.pk)
        assert (found.version, found.edit_reason, found.edited_at) == (1, "", role.edited_at)

    @pytest.mark.parametrize(
        ("statement", "rule"),
        [
            ("UPDATE rbac_roleversion SET number = 7", "role_version_stays"),
            ("DELETE FROM rbac_roleversion", "role_version_stays"),
            ("TRUNCATE rbac_roleversion", "rbac_roleversion_is_never_emptied"),
        ],
    )
    def test_keep_it_for_good(self, db, statement, rule):
        run(self.EDIT, RoleFactory().pk)
        with refused_by(rule):
            run(statement)

    def test_are_not_removed_while_somebody_has_them(self, db):
        row = RoleAssignmentFactory(role=RoleFactory())
        with refused_by("role_in_use_is_not_removed"):
            run(self.REMOVE, row.role_id)
        run(END)
        run(self.REMOVE, row.role_id)
        with refused_by("removed_role_is_not_given"):
            RoleAssignmentFactory(role=row.role)

    def test_free_their_name_when_they_go(self, db):
        run(self.REMOVE, RoleFactory(name="Desk").pk)
        RoleFactory(name="Desk")
        with refused_by("role_name_unique_in_owner"):
            RoleFactory(name="Desk")
