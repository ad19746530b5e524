"""The world of the mission: the estates Here and There of the walk, with all that its sentences speak of."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from computers.models import ComputerType
from rbac.middleware import SEEN
from rbac.models import Role
from rbac.permissions import Permission, closure
from tenancy.models import Tenant
from tests import factories
from tests.grants import deny, grant
from tests.people import give
from tests.walk.world import Estate, World

SEEING = (Permission.COMPUTERS_MANAGE_NOTES,)
"""What a holder of a scope may do there, with all that it rests on: see its tenants and computers, and write notes."""


class Mission(World):
    """Each estate has besides a tag that its customer bears, a computer of each type, one with a tag, one elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.estates = {"Here": self.here, "There": self.there}
        for name, estate in self.estates.items():
            _furnish(name, estate)
        self.people = {name: make(self) for name, make in PERSONAS.items()}
        self.sessions = {name: _session_of(user) for name, user in self.people.items()}


def _session_of(user: User) -> str:
    """Seen just now: each request would note it anew, since all that it writes is taken back."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[SEEN] = timezone.now().timestamp()
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _furnish(name: str, estate: Estate) -> None:
    owned = {"tenant": estate.tenant}
    gold = estate.objects["Gold"] = factories.TagFactory(name=f"{name} Gold", tenant=estate.msp)
    factories.TenantTagFactory(tenant=estate.tenant, tag=gold)
    for kind in ComputerType:
        factories.ComputerFactory(name=f"{name} {kind.label}", type=kind, **owned)
    tagged = factories.ComputerFactory(name=f"{name} Tagged", **owned)
    factories.ComputerTagFactory(computer=tagged, tag=estate.objects["Tag"])
    factories.ComputerFactory(name=f"{name} Branch Computer", tenant=estate.branch)
    factories.ComputerFactory(name=f"{name} MSP Computer", tenant=estate.msp)


def _built_in(key: str, home: Callable[[Mission], Tenant], **scope: Any) -> Callable[[Mission], User]:
    """Somebody of that home with a built-in role, at the home's own MSP where the scope is one."""

    def make(world: Mission) -> User:
        user = factories.UserFactory(name="Persona", tenant=home(world))
        within = {"tenant": world.here.msp} if scope["scope"] == "msp" else {}
        give(user, key, **scope, **within)
        return user

    return make


def _with_besides(key: str, home: Callable[[Mission], Tenant], more: str, **scope: Any) -> Callable[[Mission], User]:
    def make(world: Mission) -> User:
        user = _built_in(key, home, **scope)(world)
        give(user, more, **scope)
        return user

    return make


def _holder(*permissions: Permission, **scope: Callable[[Mission], Any] | str | bool) -> Callable[[Mission], User]:
    """A technician of the provider with these permissions and nothing else, at one scope."""

    def make(world: Mission) -> User:
        user = factories.UserFactory(name="Persona", tenant=world.here.msp)
        said = {name: value(world) if callable(value) else value for name, value in scope.items()}
        grant(user, *permissions, **said)
        return user

    return make


def _customer_without(*permissions: Permission) -> Callable[[Mission], User]:
    """A Customer Non-Admin from whom a deny takes these."""

    def make(world: Mission) -> User:
        user = _built_in("tenant_user", _customer, **OWN)(world)
        deny(user, *permissions, scope="own_tenant")
        return user

    return make


def _of_two_scopes(world: Mission) -> User:
    user = _holder(*SEEING, scope="tenant", tenant=_customer)(world)
    grant(user, *SEEING, scope="tenant", tenant=world.there.msp)
    return user


def _customer_holder(**scope: Any) -> Callable[[Mission], User]:
    def make(world: Mission) -> User:
        user = factories.UserFactory(name="Persona", tenant=world.here.tenant)
        grant(user, *SEEING, scope="own_tenant", **scope)
        return user

    return make


def _giver(*permissions: Permission) -> Callable[[Mission], User]:
    """Somebody who holds at scope owner all that a Tenant User holds, and these permissions."""

    def make(world: Mission) -> User:
        user = factories.UserFactory(name="Persona", tenant=world.here.msp)
        held = map(Permission, Role.objects.get(key="tenant_user").permissions)
        grant(user, *closure([*permissions, *held]), scope="owner")
        return user

    return make


def _provider(world: Mission) -> Tenant:
    return world.here.msp


def _customer(world: Mission) -> Tenant:
    return world.here.tenant


def _neighbour(world: Mission) -> Tenant:
    return world.there.tenant


OWN, OWNER, MSP = {"scope": "own_tenant"}, {"scope": "owner"}, {"scope": "msp"}
USERS = Permission.USERS_MANAGE

PERSONAS: dict[str, Callable[[Mission], User]] = {
    "Nobody": World.nobody,
    "MSP Admin": _built_in("msp_administrator", _provider, **OWNER),
    "MSP Admin of Here": _built_in("msp_administrator", _provider, **MSP),
    "MSP Non-Admin": _built_in("msp_user", _provider, **OWNER),
    "MSP Non-Admin of Here": _built_in("msp_user", _provider, **MSP),
    "Customer Admin": _built_in("tenant_administrator", _customer, **OWN),
    "Customer Admin with children": _built_in("tenant_administrator", _customer, include_children=True, **OWN),
    "Customer Admin of There": _built_in("tenant_administrator", _neighbour, **OWN),
    "Customer Non-Admin": _built_in("tenant_user", _customer, **OWN),
    "Customer Non-Admin of There": _built_in("tenant_user", _neighbour, **OWN),
    "Customer Non-Admin with children": _built_in("tenant_user", _customer, include_children=True, **OWN),
    "Customer Non-Admin without maintenance": _customer_without(Permission.SESSIONS_RUN, Permission.SESSIONS_RERUN),
    "Customer with an MSP role": _built_in("msp_user", _customer, **OWN),
    "Auditor": _built_in("auditor", _provider, **OWNER),
    "MSP Non-Admin and Script Manager": _with_besides("msp_user", _provider, "script_manager", **OWNER),
    "MSP Non-Admin and Computer Terminal User": _with_besides("msp_user", _provider, "computer_terminal_user", **OWNER),
    "Holder at owner": _holder(*SEEING, scope="owner"),
    "Holder at an MSP": _holder(*SEEING, scope="msp", tenant=_provider),
    "Holder at a tag": _holder(*SEEING, scope="tag", tag=lambda world: world.here.objects["Gold"]),
    "Holder at a tenant": _holder(*SEEING, scope="tenant", tenant=_customer),
    "Holder at a tenant with children": _holder(*SEEING, scope="tenant", tenant=_customer, include_children=True),
    "Holder at their own tenant": _customer_holder(),
    "Holder at their own tenant with children": _customer_holder(include_children=True),
    "Holder of two scopes": _of_two_scopes,
    "Holder of one computer": _holder(
        *SEEING, scope="owner", computer_scope="computer", computer=lambda world: world.here.objects["Computer"]
    ),
    "Holder of tagged computers": _holder(
        *SEEING, scope="owner", computer_scope="tag", computer_tag=lambda world: world.here.objects["Tag"]
    ),
    "Holder of all computers": _holder(*SEEING, scope="owner", computer_scope="all"),
    "Holder of workstations and portables": _holder(
        *SEEING, scope="owner", computer_scope="type", computer_type="workstations_and_portables"
    ),
    "Holder of servers": _holder(*SEEING, scope="owner", computer_scope="type", computer_type="servers"),
    "Holder of domain controllers": _holder(
        *SEEING, scope="owner", computer_scope="type", computer_type="domain_controllers"
    ),
    "Manager of users": _giver(USERS),
    "Assigner at owner": _giver(USERS, Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES),
    "Assigner at MSPs": _giver(USERS, Permission.USERS_ASSIGN_MSP_SCOPED_ROLES),
    "Assigner at tags": _giver(USERS, Permission.USERS_ASSIGN_TAG_SCOPED_ROLES),
    "Assigner at tenants": _giver(USERS, Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES),
}
"""Who the tables speak of, by name; `of Here` is the same role at the scope of that provider alone."""
