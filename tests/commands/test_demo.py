"""The demo world: as large as promised, every kind of scope and role in it, and people to sign in as."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts.models import Group, User
from computers.models import Computer, ComputerScopeKind, ComputerScopeType, ComputerType, Script
from rbac.access import access_for
from rbac.demo import small
from rbac.demo.crowd import Size, gather
from rbac.demo.crowd.sites import shares
from rbac.demo.people import PASSWORD, PERSONAS
from rbac.models import AuditEntry, Role, RoleAssignment
from rbac.owners import usable_owners
from rbac.permissions import Permission
from rbac.world import dump, normal
from tenancy.models import Tag, Tenant, TenantScopeKind
from tests.commands.shell import run

NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
CROWD = Size(tenants=80, users=520, computers=4_660)


def test_it_is_the_same_every_time():
    assert small(NOW) == small(NOW)


def test_it_moves_with_the_clock_and_nothing_else_does():
    def shifted(row):
        return {key: value + timedelta(days=1) if isinstance(value, datetime) else value for key, value in row.items()}

    today, tomorrow = small(NOW).document, small(NOW + timedelta(days=1)).document
    assert [shifted(row) for row in today["assignments"]] == tomorrow["assignments"]
    assert [shifted(row) for row in today["users"]] == tomorrow["users"]
    assert today["computers"] == tomorrow["computers"]


@override_settings(DEBUG=True)
def test_personas_are_a_line_each():
    lines = run("demo", "--personas").lines
    assert [line.split()[:2] for line in lines] == [[persona.email, PASSWORD] for persona in PERSONAS]


def test_no_other_size_is_there():
    assert "invalid choice: 'huge'" in run("demo", "--size", "huge").err


def test_shares_add_up_and_leave_nobody_out():
    assert shares(10, [1, 1, 1]) == [4, 3, 3]
    assert shares(1000, [1, 1000, 3]) == [2, 994, 4]


@override_settings(DEBUG=True)
class TestLoaded(TestCase):
    @classmethod
    def setUpTestData(cls):
        with override_settings(DEBUG=True):
            cls.ran = run("demo", "--if-empty")

    def access(self, email):
        return access_for(User.objects.get(email=email))

    def test_says_what_it_does_on_standard_error(self):
        assert (self.ran.out, self.ran.code) == ("", 0)
        assert "Loaded 40 tenants, 300 users, 4,000 computers." in self.ran.err

    def test_size(self):
        assert (Tenant.objects.count(), Tenant.objects.filter(is_msp=True).count()) == (40, 2)
        assert (User.objects.count(), Computer.objects.count()) == (300, 4000)
        assert Tenant.objects.filter(parent=None).count() == 1
        assert max(len(path) for path in Tenant.objects.values_list("path", flat=True)) >= 4

    def test_the_document_says_all_that_a_document_can(self):
        found, meant = dump(), normal(small(NOW).document)
        for section in ("tags", "tenants", "roles", "computers", "tenant_switches", "scripts"):
            assert found[section] == meant[section]
        assert normal(found) == found

    def test_every_kind_of_scope_is_in_use(self):
        kinds = RoleAssignment.objects.order_by()
        assert set(kinds.values_list("scope", flat=True)) == set(TenantScopeKind.values)
        assert set(kinds.values_list("computer_scope", flat=True)) == set(ComputerScopeKind.values)
        assert set(kinds.values_list("computer_type", flat=True)) == {None, *ComputerScopeType.values}
        for scope in ("tenant", "own_tenant"):
            assert set(kinds.filter(scope=scope).values_list("include_children", flat=True)) == {True, False}

    def test_every_role_is_in_use(self):
        assert not Role.objects.filter(assignments=None).exists()
        assert Role.objects.filter(deny_only=True, assignments__effect="deny", tenant=None).exists()
        assert Role.objects.filter(deny_only=False, key=None, tenant__isnull=False).exists()

    def test_everything_has_both_kinds_of_owner(self):
        for model in (Tag, Group, Script, Role):
            assert {None} < set(model.objects.values_list("tenant", flat=True))

    def test_bounds_of_every_kind(self):
        unended, unexpired, live = (
            getattr(RoleAssignment.objects, state)().count() for state in ("unended", "unexpired", "live")
        )
        assert unended > unexpired > live
        assert RoleAssignment.objects.live().filter(expires_at__lt=timezone.now() + timedelta(days=2)).exists()

    def test_computers_look_real(self):
        types = Counter(Computer.objects.values_list("type", flat=True))
        assert set(types) == set(ComputerType.values)
        assert types["workstation"] + types["portable"] > 3000
        assert not Computer.objects.filter(os="").exists()
        assert Computer.objects.values("serial_number").distinct().count() == 4000
        assert 0 < Computer.objects.filter(last_seen_at=None).count() < 100
        assert Computer.objects.exclude(notes="").exists()

    def test_people_look_real(self):
        assert User.objects.values("name").distinct().count() == 300
        assert 0 < User.objects.filter(is_active=False).count() < 30
        assert not User.objects.exclude(email__endswith=".example").exists()
        ingrid = User.objects.get(name="Ingrid Solberg")
        assert (ingrid.email, ingrid.is_active) == ("ingrid.solberg@fabrikam.example", False)

    def test_the_audit_log_has_a_story(self):
        actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
        assert actions[0] == "world.loaded"
        assert {"role_assignment.granted", "role_assignment.ended", "role_assignment.refused", "user.deactivated"} <= {
            *actions
        }

    def test_the_auditor_is_at_home_in_an_msp(self):
        auditor = User.objects.get(email="hugo.marchetti@contoso.example")
        assert auditor.tenant.is_msp
        assert list(auditor.role_assignments.values_list("role__key", "scope")) == [("auditor", "owner")]

    def test_every_persona_can_sign_in_and_nobody_else(self):
        for persona in PERSONAS:
            assert authenticate(None, email=persona.email, password=PASSWORD)
        assert User.objects.exclude(password__startswith="!").count() == len(PERSONAS)

    def test_the_personas_see_what_is_said_of_them(self):
        dana, leila = self.access("dana.whitfield@contoso.example"), self.access("leila.haddad@contoso.example")
        controller = Computer.objects.get(name="FAB-DC01")
        assert dana.can(Permission.COMPUTERS_VIEW, controller)
        assert not dana.can(Permission.COMPUTERS_MANAGE, controller)
        assert dana.can(Permission.COMPUTERS_MANAGE, Computer.objects.get(name="FAB-SQL02"))
        assert leila.scope(Script, Permission.SCRIPTS_MANAGE).exists()
        assert not leila.scope(Computer, Permission.COMPUTERS_VIEW).exists()
        priya = self.access("priya.raman@relecloud.example")
        assert set(priya.scope(Tenant, Permission.TENANTS_VIEW).values_list("msp__slug", flat=True)) == {"relecloud"}
        grace = self.access("grace.kim@fabrikam.example")
        assert set(grace.scope(Tenant, Permission.TENANTS_VIEW).values_list("slug", flat=True)) == {"fabrikam"}

    def test_there_are_usable_owners(self):
        assert usable_owners().filter(email=PERSONAS[0].email).exists()

    def test_a_crowd_comes_round_them(self):
        said = []
        gather(CROWD, NOW, said.append)
        assert Size(Tenant.objects.count(), User.objects.count(), Computer.objects.count()) == CROWD
        assert "660 computers" in said
        assert not Computer.objects.exclude(msp=F("tenant__msp")).exists()
        assert {tuple(tenant.path[:-1]) for tenant in Tenant.objects.filter(parent=None)} == {()}
        assert all(tenant.path == [*tenant.parent.path, tenant.pk] for tenant in Tenant.objects.exclude(parent=None))
        assert Computer.objects.values("tenant", "name").distinct().count() == CROWD.computers
        made = RoleAssignment.objects.filter(granted_by=None).values_list("scope", "computer_scope").distinct()
        assert len(made) > 9
        Tenant.objects.create(slug="next", name="Next")  # the table goes on counting behind them
        loads = AuditEntry.objects.filter(action="world.loaded").order_by("pk")
        assert [entry.after["rows"]["tenants"]["created"] for entry in loads] == [40, CROWD.tenants - 40]

    def test_the_crowd_is_the_same_every_time(self):
        sums = []
        for _ in range(2):
            with transaction.atomic():
                gather(CROWD, NOW, lambda _: None)
                sums.append(AuditEntry.objects.latest("pk").after["sha256"])
                transaction.set_rollback(True)
        assert sums[0] == sums[1]

    def test_a_second_start_loads_nothing(self):
        Tenant.objects.filter(slug="litware").update(name="Litware, renamed")
        assert run("demo", "--if-empty").err == ""
        assert Tenant.objects.get(slug="litware").name == "Litware, renamed"

    @override_settings(DEBUG=False)
    def test_never_in_production(self):
        ran = run("demo")
        assert (ran.code, "needs DJANGO_DEBUG=1" in ran.err) == (1, True)
