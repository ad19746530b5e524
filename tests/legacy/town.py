"""A provider and a customer, an owner who acts, and files about people of the old system."""

from typing import Any, NamedTuple

from accounts.models import User
from rbac.legacy.abilities import CARRIED, Preferences
from rbac.legacy.people import COLUMNS, OldFile, read_users
from rbac.models import Role
from rbac.switches import SwitchKey
from tenancy.models import Tenant
from tests import factories

PREFERENCES: Preferences = {key: key.spec.default for key in CARRIED}
CAREFUL: Preferences = {**PREFERENCES, SwitchKey.TERMINAL_AND_SCRIPTS: False}
"""With the terminal and scripts for administrators alone."""


class Town(NamedTuple):
    contoso: Tenant
    fabrikam: Tenant
    olga: User


def town() -> Town:
    contoso = factories.MspFactory(name="Contoso", slug="contoso")
    fabrikam = factories.TenantFactory(name="Fabrikam", slug="fabrikam", parent=contoso)
    olga = factories.UserFactory(name="Olga", tenant=contoso)
    owner = Role.objects.get(key="msp_administrator")
    factories.RoleAssignmentFactory(user=olga, role=owner, scope="owner")
    return Town(contoso, fabrikam, olga)


def line(email: str, **said: Any) -> str:
    """One line; a customer without any flag at Fabrikam unless said otherwise."""
    row = {"email": email, "name": "Somebody", "tenant": "fabrikam", "expires_at": "", **said}
    return ",".join(str(row.get(column, "false")) for column in COLUMNS)


def content(*lines: str) -> bytes:
    return "\n".join([",".join(COLUMNS), *lines]).encode()


def file(*lines: str) -> OldFile:
    return read_users("users.csv", content(*lines))


MSP_ADMIN = {"tenant": "contoso", "is_msp": "true", "is_admin": "true"}
MSP_USER = {"tenant": "contoso", "is_msp": "true"}
CUSTOMER_ADMIN = {"is_admin": "true"}
CROSSING = {"can_manage_cross_tenant_deployments": "true"}

EVERYBODY = (
    line("ada@contoso.test", **MSP_ADMIN),
    line("ben@contoso.test", **MSP_USER),
    line("cai@contoso.test", **MSP_USER, **CROSSING),
    line("dee@fabrikam.test", **CUSTOMER_ADMIN),
    line("eli@fabrikam.test"),
)
