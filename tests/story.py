"""A small world of people with names, for tests of pages.

Contoso MSP looks after Fabrikam (with Fabrikam Logistics below it) and Northwind; Litware IT is another provider and
looks after Adventure Works. Marcus owns the system from Contoso. Dana is a technician of Contoso, Olivia of Litware.
Rosa administers Fabrikam, Grace works there. Hugo audits.
"""

from dataclasses import dataclass

from accounts.models import User
from computers.models import Computer, ComputerType
from rbac.models import Role
from tenancy.models import Tag, Tenant
from tests.factories import (
    ComputerFactory,
    ComputerTagFactory,
    MspFactory,
    RoleAssignmentFactory,
    TagFactory,
    TenantFactory,
    UserFactory,
)


@dataclass
class Story:
    contoso: Tenant
    fabrikam: Tenant
    logistics: Tenant
    northwind: Tenant
    litware: Tenant
    adventure: Tenant
    marcus: User
    dana: User
    rosa: User
    grace: User
    hugo: User
    olivia: User
    dc01: Computer
    laptop: Computer
    press: Computer
    bikes: Computer
    tier0: Tag
    branch: Tag


def tell() -> Story:
    """The whole of it, in the database."""
    contoso, litware = MspFactory(name="Contoso MSP", slug="contoso"), MspFactory(name="Litware IT", slug="litware")
    fabrikam = TenantFactory(name="Fabrikam", slug="fabrikam", parent=contoso)
    tenants = {
        "contoso": contoso,
        "litware": litware,
        "fabrikam": fabrikam,
        "logistics": TenantFactory(name="Fabrikam Logistics", slug="logistics", parent=fabrikam),
        "northwind": TenantFactory(name="Northwind", slug="northwind", parent=contoso),
        "adventure": TenantFactory(name="Adventure Works", slug="adventure", parent=litware),
    }
    tags = {"tier0": TagFactory(name="Tier 0", color="red"), "branch": TagFactory(name="Branch", tenant=fabrikam)}
    return Story(**tenants, **tags, **_people(tenants), **_computers(tenants, tags))


def _people(tenants: dict[str, Tenant]) -> dict[str, User]:
    contoso, fabrikam = tenants["contoso"], tenants["fabrikam"]
    return {
        "marcus": _person("Marcus Oyelaran", contoso, "msp_administrator", scope="owner"),
        "dana": _person("Dana Whitfield", contoso, "msp_user", scope="msp", tenant=contoso),
        "rosa": _person("Rosa Delgado", fabrikam, "tenant_administrator", scope="own_tenant", include_children=True),
        "grace": _person("Grace Kim", fabrikam, "tenant_user", scope="own_tenant"),
        "hugo": _person("Hugo Marchetti", contoso, "auditor", scope="owner"),
        "olivia": _person("Olivia Novak", tenants["litware"], "msp_user", scope="msp", tenant=tenants["litware"]),
    }


def _person(name: str, home: Tenant, role: str, **scope) -> User:
    email = f"{name.replace(' ', '.').lower()}@{home.slug}.example"
    user = UserFactory(name=name, tenant=home, email=email)
    RoleAssignmentFactory(user=user, role=Role.objects.get(key=role), **scope)
    return user


def _computers(tenants: dict[str, Tenant], tags: dict[str, Tag]) -> dict[str, Computer]:
    computers = {
        "dc01": ComputerFactory(
            name="DC01", tenant=tenants["fabrikam"], type=ComputerType.DOMAIN_CONTROLLER, os="Windows Server 2025"
        ),
        "laptop": ComputerFactory(name="FAB-LT-0147", tenant=tenants["fabrikam"], type=ComputerType.PORTABLE),
        "press": ComputerFactory(name="NW-PRESS", tenant=tenants["northwind"], type=ComputerType.SERVER),
        "bikes": ComputerFactory(name="AW-BIKES", tenant=tenants["adventure"], type=ComputerType.SERVER),
    }
    ComputerTagFactory(computer=computers["dc01"], tag=tags["tier0"])
    ComputerTagFactory(computer=computers["dc01"], tag=tags["branch"])
    return computers
