"""The first owner, and any later one, from the shell."""

import pytest
from django.contrib.auth import authenticate

from accounts.models import User
from rbac.access import INSTANCE, access_for
from rbac.management.commands import create_owner
from rbac.models import AuditEntry
from rbac.owners import usable_owners
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.commands.shell import run
from tests.factories import MspFactory, TenantFactory, UserFactory

PASSWORD = "a long way to the summit"
pytestmark = pytest.mark.django_db


def create(email="Ada@Contoso.example", tenant="Contoso", *options):
    return run("create_owner", email, "--tenant", tenant, *options)


def test_makes_tenant_user_and_assignment(stdin):
    stdin(f"{PASSWORD}\n")
    ran = create()
    user = User.objects.get()
    assert (ran.code, ran.out) == (0, "")
    assert (user.email, user.name, user.tenant.name, user.tenant.slug) == (
        "ada@contoso.example",
        "ada",
        "Contoso",
        "contoso",
    )
    assert user.check_password(PASSWORD)
    assert list(usable_owners()) == [user]
    assert access_for(user).can(Permission.PREFERENCES_MANAGE_SYSTEM, INSTANCE)


def test_is_audited_without_the_password(stdin):
    stdin(PASSWORD)
    create()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_id) == ("owner.created", None, User.objects.get().pk)
    assert PASSWORD not in str(entry.after)


@pytest.mark.parametrize("written", ["Contoso", " Contoso "])
def test_takes_the_msp_of_that_name(stdin, written):
    home = MspFactory(name="Contoso")
    stdin(PASSWORD)
    create("ada@contoso.example", written, "--name", "Ada Byron")
    assert User.objects.get().tenant == home
    assert User.objects.get().name == "Ada Byron"


def test_a_customer_of_that_name_is_not_taken(stdin):
    TenantFactory(name="Contoso", slug="contoso")
    stdin(PASSWORD)
    create()
    assert sorted(Tenant.objects.values_list("slug", "is_msp")) == [("contoso", False), ("contoso-2", True)]


@pytest.mark.parametrize(
    ("email", "tenant", "password", "reason"),
    [
        ("taken@contoso.example", "Contoso", PASSWORD, "taken@contoso.example is in use."),
        ("TAKEN@contoso.example", "Contoso", PASSWORD, "is in use."),
        ("no address", "Contoso", PASSWORD, "Enter a valid email address."),
        ("ada@contoso.example", "Contoso", "short", "too short"),
        ("ada@contoso.example", "Contoso", "", "too short"),
        ("ada@contoso.example", "Contoso", "ada@contoso.example", "too similar"),
        ("ada@contoso.example", "A/S", PASSWORD, "slash"),
        ("ada@contoso.example", "", PASSWORD, "blank"),
        ("ada@contoso.example", "Asleep", PASSWORD, "Asleep is inactive"),
        ("ada@contoso.example", "Twin", PASSWORD, '2 MSPs are called "Twin".'),
    ],
)
def test_refusals_change_nothing(stdin, email, tenant, password, reason):
    UserFactory(email="taken@contoso.example")
    MspFactory(name="Asleep", is_active=False)
    MspFactory.create_batch(2, name="Twin")
    tenants = Tenant.objects.count()
    stdin(password)
    ran = create(email, tenant)
    assert ran.code == 1
    assert reason in ran.err
    assert (User.objects.count(), Tenant.objects.count(), AuditEntry.objects.count()) == (1, tenants, 0)


@pytest.fixture
def terminal(monkeypatch, stdin):
    """Somebody who types these answers."""

    def typing(*answers):
        stdin("")
        typed = iter(answers)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr(create_owner, "getpass", lambda _prompt: next(typed))

    return typing


def test_asks_at_a_terminal(terminal):
    terminal(PASSWORD, PASSWORD)
    assert create().code == 0
    assert authenticate(None, email="ada@contoso.example", password=PASSWORD) is not None


def test_asks_twice(terminal):
    terminal(PASSWORD, "another one entirely")
    assert "two different passwords" in create().err
    assert not User.objects.exists()
