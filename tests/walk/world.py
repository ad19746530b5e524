"""Two providers with a customer each, one of every object in both, and the personas who try every route."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import AccessRequest, Group, IdentityProvider, Invitation, Person, User
from computers.deployments.models import ChangeRequest, ChangeRequestNote, Deployment
from computers.models import Computer, License, Script, Software, SoftwareFile
from computers.schedules.models import Schedule
from immyrbac.declarations import Declaration
from rbac.audit import Actor, record
from rbac.models import AuditEntry, Role
from rbac.permissions import Permission, Scoping, closure
from rbac.switches import SwitchKey
from tenancy.models import Tag, Tenant
from tests import factories, factors
from tests.deployments.factories import (
    ChangeRequestFactory,
    ChangeRequestNoteFactory,
    CrossTenantDeploymentFactory,
    DeploymentComputerFactory,
    TenantDeploymentFactory,
)
from tests.maintenance import factories as made
from tests.schedules.factories import ScheduleFactory, ScheduleRunFactory
from tests.sharing import share

MISSING = 2_000_000_000


class Estate:
    """A provider, its customer, and one of each thing that the customer owns; by name of the model."""

    def __init__(self, name: str) -> None:
        self.msp = factories.MspFactory(name=f"{name} MSP")
        self.tenant = factories.TenantFactory(name=f"{name} Customer", parent=self.msp)
        self.branch = factories.TenantFactory(name=f"{name} Branch", parent=self.tenant)
        owned = {"tenant": self.tenant}
        user = factories.UserFactory(name=f"{name} Person", **owned)
        factors.AppFactory(user=user)
        self.group = factories.GroupFactory(name=f"{name} Group", **owned)
        self.membership = factories.GroupMembershipFactory(group=self.group, user__tenant=self.tenant)
        self.objects: dict[str, Any] = {
            "Tenant": self.tenant,
            "User": user,
            "Person": factories.PersonFactory(name=f"{name} Somebody", user=user, **owned),
            "Group": self.group,
            "Role": factories.RoleFactory(name=f"{name} Role", **owned),
            "Tag": factories.TagFactory(name=f"{name} Tag", **owned),
            "Computer": factories.ComputerFactory(name=f"{name} Computer", **owned),
            "Enrolment": factories.EnrolmentFactory(**owned),
            "Script": factories.ScriptFactory(name=f"{name} Script", **owned),
            "Software": factories.SoftwareFactory(name=f"{name} Software", **owned),
            "License": factories.LicenseFactory(name=f"{name} License", **owned),
            "RoleAssignment": factories.RoleAssignmentFactory(user=user, scope="tenant", tenant=self.tenant),
            "Invitation": factories.InvitationFactory(
                email=f"invited@{name.lower()}.example", invited_by=user, **owned
            ),
            "IdentityProvider": factories.IdentityProviderFactory(name=f"{name} Login", **owned),
            "AccessRequest": factories.AccessRequestFactory(user__tenant=self.tenant),
        }
        factories.IdentityFactory(user=user, provider=self.objects["IdentityProvider"])
        self._deploy(name, user)
        self.objects["Script"].body = "exit 1"
        self.objects["Script"].save()  # its second version
        self.objects["ScriptVersion"] = self.objects["Script"].versions.first()
        self.file = factories.SoftwareFileFactory(software=self.objects["Software"], name=f"{name}.exe")
        self.shares = {
            kind: share(self.objects[kind], factories.UserFactory(**owned), self.objects[kind].VIEW, by=user)
            for kind in ("License", "Script", "Software")
        }
        self._equip(self.objects["Computer"], user)
        self.objects["AuditEntry"] = self._left(user)

    def _equip(self, computer: Computer, user: User) -> None:
        factories.AgentFactory(computer=computer, people=["reported"])
        factories.ComputerPersonFactory(computer=computer, person=self.objects["Person"])
        self.session = made.MaintenanceSessionFactory(computer=computer, asked_by=user)

    def _deploy(self, name: str, user: User) -> None:
        """A deployment of each kind, of somebody who may do nothing."""
        software = factories.SoftwareFactory(name=f"{name} Deployed", tenant=self.tenant)
        owned = {"tenant": self.tenant, "software": software, "saved_by": user}
        one = TenantDeploymentFactory(name=f"{name} Deployment", target="individual", **owned)
        DeploymentComputerFactory(deployment=one, computer=self.objects["Computer"])
        many = CrossTenantDeploymentFactory(name=f"{name} Cross-Tenant Deployment", **owned)
        asked = ChangeRequestFactory(name=f"{name} Proposal", asked_by=user, tenant=self.tenant)
        ChangeRequestNoteFactory(request=asked, text=f"{name} note")
        self.objects |= {"TenantDeployment": one, "CrossTenantDeployment": many, "ChangeRequest": asked}
        timed = ScheduleFactory(name=f"{name} Schedule", tenant=self.tenant, saved_by=user)
        ScheduleRunFactory(schedule=timed)
        self.objects["Schedule"] = timed

    def _left(self, user: User) -> AuditEntry:
        """What told of the person's leaving, with a line of each kind."""
        to = {"to": "Persona", "to_id": self.membership.user_id}
        things = {"assignment": self.objects["RoleAssignment"].pk, "membership": self.membership.pk, "view": 1}
        handed = [{"kind": kind, "id": pk, "words": kind, "name": kind, **to} for kind, pk in things.items()]
        for line in handed[1:]:
            line["group_id"] = self.group.pk
        closed = {"sessions": 1, "views": 0, "links": 0}
        gained = [{"id": self.membership.user_id, "name": "Persona", "permissions": [Permission.TENANTS_VIEW]}]
        after = {"handed": handed, "closed": closed, "ripple": {"gained": gained}}
        return record(Actor(None), "user.left", target=user, tenant=self.tenant.pk, after=after)


class World:
    def __init__(self) -> None:
        factories.SwitchFactory(key=SwitchKey.IMPERSONATION, enabled=True)
        factories.SoftwareFactory(name="Software for all")
        self.here, self.there = Estate("Here"), Estate("There")
        # Somebody who owns the instance: what a persona does may not be refused for want of one.
        owner = factories.UserFactory(tenant=self.here.msp)
        factories.RoleAssignmentFactory(user=owner, role=Role.objects.get(key="msp_administrator"), scope="owner")

    def with_permissions(self, permissions: frozenset[Permission], *, estate: Estate | None = None, **more) -> User:
        """A technician of the provider: at scope owner, or on the estate's customer and its branch alone."""
        user = factories.UserFactory(name="Persona", tenant=self.here.msp)
        role = factories.RoleFactory(permissions=sorted(permissions))
        scope = (
            {"scope": "owner"}
            if estate is None
            else {"scope": "tenant", "tenant": estate.tenant, "include_children": True}
        )
        factories.RoleAssignmentFactory(user=user, role=role, **scope, **more)
        return user

    def nobody(self) -> User:
        return factories.UserFactory(name="Nobody", tenant=self.here.msp)

    def all_but(self, *permissions: Permission) -> User:
        """Everything that does not rest on one of these permissions, everywhere."""
        others = frozenset(each for each in Permission if closure([each]).isdisjoint(permissions))
        return self.with_permissions(others)

    def only(self, declaration: Declaration, estate: Estate | None, also: frozenset[Permission] = frozenset()) -> User:
        """The permission with all that it rests on, on the estate; a system permission only makes sense at owner."""
        needed = closure([Permission(declaration.permission), *also])
        system = any(permission.spec.scoping == Scoping.SYSTEM for permission in needed)
        everywhere = system or declaration.container == "instance"
        return self.with_permissions(needed, estate=None if everywhere else estate)

    def expired(self, declaration: Declaration) -> User:
        past = timezone.now() - timedelta(minutes=1)
        return self.with_permissions(closure([Permission(declaration.permission)]), expires_at=past)


def rename_everything(name: str) -> None:
    """Every text that somebody could have typed, of everything that the world holds."""
    for model in (
        Tenant,
        User,
        Person,
        Group,
        IdentityProvider,
        Tag,
        Computer,
        License,
        Script,
        Software,
        SoftwareFile,
        Role,
    ):
        for row in model.objects.filter(key=None) if model is Role else model.objects.all():
            model.objects.filter(pk=row.pk).update(name=f"{name} {row.pk}")
    for person in Person.objects.all():
        Person.objects.filter(pk=person.pk).update(login=f"{name[:100]} {person.pk}")
    Computer.objects.update(os=name, serial_number=name, notes=name)
    Group.objects.update(description=name)
    Role.objects.filter(key=None).update(description=name)
    Script.objects.update(body=name)
    License.objects.update(notes=name)
    Software.objects.update(publisher=name, release=name[:60], notes=name)
    Invitation.objects.update(name=name, message=name, reason=name)
    Deployment.objects.update(name=name)
    Schedule.objects.update(name=name)
    ChangeRequest.objects.update(name=name)
    ChangeRequestNote.objects.update(text=name)
    connection.check_constraints()
    with connection.cursor() as cursor:  # a trigger holds what was asked
        cursor.execute("ALTER TABLE accounts_accessrequest DISABLE TRIGGER access_request_is_what_was_asked")
        AccessRequest.objects.update(name=name, place=name, message=name)
        connection.check_constraints()
        cursor.execute("ALTER TABLE accounts_accessrequest ENABLE TRIGGER access_request_is_what_was_asked")
