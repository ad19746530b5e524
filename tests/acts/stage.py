"""A small world in which every service can be called, and an actor who lacks as much or as little as a test wants."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from computers.models import ComputerType
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission, closure
from tenancy.models import Tag, Tenant
from tests import factories
from tests.grants import deny, grant

GIVEN = Permission.COMPUTERS_MANAGE_NOTES
"""What the people on the stage hold, and what some come to hold by an act."""

STRONG = Permission.COMPUTERS_DELETE
"""What makes somebody stronger than the actor."""

CHILDREN = {"scope": "tenant", "include_children": True}


class Stage:
    """Contoso, a provider; Fabrikam and Litware, its customers; and another provider with a customer.

    Tess, of Contoso, holds notes wherever a tag, a type or a parent leads: an act that moves one of these gives her
    access. Beth, of Fabrikam, holds them at Fabrikam, as does the Desk; Newt, of Fabrikam, and Lena, of Litware, hold
    nothing. Olga owns the instance. Ada is whoever acts.
    """

    def __init__(self) -> None:
        self.contoso: Tenant = factories.MspFactory(name="Contoso")
        self.fabrikam: Tenant = factories.TenantFactory(name="Fabrikam", parent=self.contoso)
        self.branch: Tenant = factories.TenantFactory(name="Branch", parent=self.fabrikam)
        self.litware: Tenant = factories.TenantFactory(name="Litware", parent=self.contoso)
        self.tailspin: Tenant = factories.MspFactory(name="Tailspin")
        self.olga = factories.UserFactory(name="Olga", tenant=self.contoso)
        factories.RoleAssignmentFactory(user=self.olga, role=role("msp_administrator"), scope="owner")
        self.gold: Tag = factories.TagFactory(name="Gold", tenant=self.contoso)
        self.silver: Tag = factories.TagFactory(name="Silver", tenant=self.contoso)
        self.role = factories.RoleFactory(name="Notes", permissions=sorted(closure([GIVEN])))
        self.tess = factories.UserFactory(name="Tess", tenant=self.contoso)
        for scope in self.open_scopes():
            self.give(self.tess, **scope)
        self.beth = factories.UserFactory(name="Beth", tenant=self.fabrikam)
        self.beths = self.give(self.beth, scope="tenant", tenant=self.fabrikam)
        self.newt = factories.UserFactory(name="Newt", tenant=self.fabrikam)
        self.lena = factories.UserFactory(name="Lena", tenant=self.litware)
        self.group = factories.GroupFactory(name="Desk", tenant=self.contoso)
        self.give(group=self.group, scope="tenant", tenant=self.fabrikam)
        own = {"tenant": self.fabrikam, "type": ComputerType.WORKSTATION}
        self.computer = factories.ComputerFactory(name="DC01", **own)
        self.mara = factories.PersonFactory(name="Mara", tenant=self.fabrikam)
        self.software = factories.SoftwareFactory(name="Office", tenant=self.fabrikam)
        self.file = factories.SoftwareFileFactory(software=self.software)
        self.license = factories.LicenseFactory(name="Office", tenant=self.fabrikam)
        self.script = factories.ScriptFactory(name="Clean", tenant=self.fabrikam)

    def open_scopes(self) -> list[dict[str, Any]]:
        """Scopes into which an act can bring something."""
        servers = {"computer_scope": "type", "computer_type": "servers"}
        return [
            {"scope": "tag", "tag": self.gold},
            {"scope": "tenant", "tenant": self.litware, "include_children": True},
            {"scope": "tenant", "tenant": self.fabrikam, **servers},
            {"scope": "tenant", "tenant": self.fabrikam, "computer_scope": "tag", "computer_tag": self.gold},
        ]

    def give(self, user: User | None = None, **fields: Any) -> RoleAssignment:
        """The role of the stage, without the gate."""
        return factories.RoleAssignmentFactory(user=user, role=self.role, **fields)

    def actor(self, *permissions: Permission, everywhere: bool = False, **bounds: Any) -> User:
        """Ada, with these permissions and all that they rest on: at Contoso and below, or at scope owner."""
        user = factories.UserFactory(name="Ada", tenant=self.contoso)
        scope = {"scope": "owner"} if everywhere else {"tenant": self.contoso, **CHILDREN}
        grant(user, *permissions, **{**scope, **bounds})
        return user

    def make_stronger(self, user: User) -> None:
        """Let the person hold something that Ada does not, somewhere else."""
        grant(user, STRONG, scope="tenant", tenant=self.tailspin)

    def deny(self, user: User, *permissions: Permission, everywhere: bool = False) -> RoleAssignment:
        """Take these from the user wherever they could need them."""
        scope = {"scope": "owner"} if everywhere else {"tenant": self.contoso, **CHILDREN}
        return deny(user, *permissions, **scope)

    def soon(self) -> datetime:
        return timezone.now() + timedelta(hours=1)


def role(key: str) -> Role:
    return Role.objects.get(key=key)
