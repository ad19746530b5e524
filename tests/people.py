"""Contoso, a provider, its customers, and the people whom the tests of their pages are about."""

from accounts.models import User
from rbac.models import Role, RoleAssignment
from tenancy.models import Tenant
from tests.factories import (
    GroupFactory,
    GroupMembershipFactory,
    MspFactory,
    RoleAssignmentFactory,
    TenantFactory,
    UserFactory,
)


class People:
    """Marcus owns the instance; Dana works at Contoso; Olivia administers Litware, where Sam has an account.

    Theo is at Northwind, which belongs to another provider.
    """

    def __init__(self) -> None:
        self.contoso = MspFactory(name="Contoso MSP", slug="contoso")
        self.fabrikam = TenantFactory(name="Fabrikam", slug="fabrikam", parent=self.contoso)
        self.litware = TenantFactory(name="Litware", slug="litware", parent=self.contoso)
        self.tailspin = MspFactory(name="Tailspin MSP", slug="tailspin")
        self.northwind = TenantFactory(name="Northwind", slug="northwind", parent=self.tailspin)
        self.marcus = person("Marcus Oyelaran", self.contoso)
        self.dana = person("Dana Whitfield", self.contoso)
        self.olivia = person("Olivia Novak", self.litware)
        self.sam = person("Sam Okafor", self.litware)
        self.theo = person("Theo Brandt", self.northwind)
        give(self.marcus, "msp_administrator", scope="owner")
        give(self.olivia, "tenant_administrator", scope="own_tenant")
        self.desk = GroupFactory(name="Service Desk", tenant=self.contoso)
        GroupMembershipFactory(group=self.desk, user=self.dana, added_by=self.marcus)


def size(role: str) -> int:
    """How many permissions the built-in role with this key holds: more with each release."""
    return len(Role.objects.get(key=role).permissions)


def person(name: str, tenant: Tenant, **fields) -> User:
    first = name.split(maxsplit=1)[0].lower()
    return UserFactory(name=name, tenant=tenant, **{"email": f"{first}@{tenant.slug}.example", **fields})


def give(to: User, key: str, **scope) -> RoleAssignment:
    """A built-in role, without the gate."""
    return RoleAssignmentFactory(user=to, role=Role.objects.get(key=key), **scope)


def give_group(group, key: str, **scope) -> RoleAssignment:
    return RoleAssignmentFactory(group=group, role=Role.objects.get(key=key), **scope)
