"""Factories of every model, with the smallest valid defaults. What the world of a test is about, the test says itself.

Owners default to the instance, tenants to roots, assignments to scope `owner` with all computers.
"""

from datetime import timedelta
from hashlib import sha256

import factory
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from factory.django import DjangoModelFactory, Password

from accounts.links import hash_token
from accounts.models import (
    AccessRequest,
    Group,
    GroupMembership,
    Identity,
    IdentityProvider,
    Impersonation,
    Invitation,
    PasswordLink,
    Person,
    SavedView,
    User,
)
from computers.agents.models import Agent, Enrolment, Run
from computers.agents.secrets import hashed
from computers.models import (
    Computer,
    ComputerPerson,
    ComputerTag,
    ComputerType,
    License,
    Script,
    ScriptVersion,
    Software,
    SoftwareFile,
)
from immyrbac.sealing import seal
from rbac.audit import SYSTEM, record
from rbac.models import AuditEntry, PendingAssignment, Role, RoleAssignment, RoleVersion, Switch
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tenancy.models import Tag, Tenant, TenantTag

PASSWORD = "correct horse battery staple"
"""The password of every user that a factory makes."""


AGENT_KEY = "a key that only this agent has"


class _KeptByTriggers(DjangoModelFactory):
    """Reads back the columns that the database sets itself."""

    class Meta:
        abstract = True

    @classmethod
    def _after_postgeneration(cls, instance, create, results=None):
        if create:
            instance.refresh_from_db(fields={"msp", "path"} & {field.name for field in instance._meta.fields})


class TenantFactory(_KeptByTriggers):
    class Meta:
        model = Tenant

    name = factory.Sequence(lambda n: f"Tenant {n}")
    slug = factory.Sequence(lambda n: f"tenant-{n}")


class MspFactory(TenantFactory):
    is_msp = True
    name = factory.Sequence(lambda n: f"Provider {n}")
    slug = factory.Sequence(lambda n: f"provider-{n}")


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Tag {n}")


class TenantTagFactory(DjangoModelFactory):
    class Meta:
        model = TenantTag

    tenant = factory.SubFactory(TenantFactory)
    tag = factory.SubFactory(TagFactory)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    name = factory.Sequence(lambda n: f"User {n}")
    password = Password(PASSWORD)
    tenant = factory.SubFactory(TenantFactory)


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Person {n}")
    tenant = factory.SubFactory(TenantFactory)


class ComputerPersonFactory(DjangoModelFactory):
    """Of one tenant, that of the computer unless the person is given."""

    class Meta:
        model = ComputerPerson

    computer = factory.SubFactory("tests.factories.ComputerFactory")
    person = factory.SubFactory(PersonFactory, tenant=factory.SelfAttribute("..computer.tenant"))


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = Group

    name = factory.Sequence(lambda n: f"Group {n}")


class GroupMembershipFactory(DjangoModelFactory):
    class Meta:
        model = GroupMembership

    group = factory.SubFactory(GroupFactory)
    user = factory.SubFactory(UserFactory)


class PasswordLinkFactory(DjangoModelFactory):
    class Meta:
        model = PasswordLink

    user = factory.SubFactory(UserFactory)
    created_by = factory.SubFactory(UserFactory)
    token_hash = factory.Sequence(lambda n: f"{n:064x}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=72))


class ImpersonationFactory(DjangoModelFactory):
    class Meta:
        model = Impersonation

    actor = factory.SubFactory(UserFactory)
    user = factory.SubFactory(UserFactory)
    reason = "test"
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=30))


class InvitationFactory(DjangoModelFactory):
    """Mailed already: its link has the token that `token` says."""

    class Meta:
        model = Invitation
        exclude = ("token",)

    token = factory.Sequence(lambda n: f"token-{n}")
    email = factory.Sequence(lambda n: f"newcomer{n}@example.com")
    tenant = factory.SubFactory(TenantFactory)
    invited_by = factory.SubFactory(UserFactory)
    reason = "They start on Monday"
    token_hash = factory.LazyAttribute(lambda invitation: hash_token(invitation.token))
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class PendingAssignmentFactory(DjangoModelFactory):
    class Meta:
        model = PendingAssignment

    invitation = factory.SubFactory(InvitationFactory)
    role = factory.SubFactory("tests.factories.RoleFactory")
    scope = "own_tenant"


class AccessRequestFactory(DjangoModelFactory):
    """Of a user, unless `user` is None: then of a stranger."""

    class Meta:
        model = AccessRequest

    user = factory.SubFactory(UserFactory)
    name = factory.LazyAttribute(lambda asked: asked.user.name if asked.user else "Stranger")
    email = factory.Maybe(
        "user",
        yes_declaration=factory.LazyAttribute(lambda asked: asked.user.email),
        no_declaration=factory.Sequence(lambda n: f"stranger{n}@example.com"),
    )
    message = factory.Sequence(lambda n: f"I need it for ticket {n}")


class IdentityProviderFactory(DjangoModelFactory):
    """For addresses of example.com, as users have them here; no server stands behind it."""

    class Meta:
        model = IdentityProvider

    name = factory.Sequence(lambda n: f"Provider {n}")
    tenant = factory.SubFactory(TenantFactory)
    issuer = factory.Sequence(lambda n: f"https://login{n}.example")
    client_id = "immyrbac"
    sealed = factory.LazyFunction(lambda: seal("as good as any other"))
    domains = ["example.com"]
    key = factory.Sequence(lambda n: f"key-{n}")


class IdentityFactory(DjangoModelFactory):
    """Of a user at a provider of their own tenant, unless said otherwise."""

    class Meta:
        model = Identity
        django_get_or_create = ("provider", "user")

    user = factory.SubFactory(UserFactory)
    provider = factory.SubFactory(IdentityProviderFactory, tenant=factory.SelfAttribute("..user.tenant"))
    subject = factory.Sequence(lambda n: f"subject-{n}")


class ComputerFactory(_KeptByTriggers):
    class Meta:
        model = Computer

    name = factory.Sequence(lambda n: f"PC-{n}")
    tenant = factory.SubFactory(TenantFactory)
    type = ComputerType.WORKSTATION


class ComputerTagFactory(DjangoModelFactory):
    class Meta:
        model = ComputerTag

    computer = factory.SubFactory(ComputerFactory)
    tag = factory.SubFactory(TagFactory)


class SavedViewFactory(DjangoModelFactory):
    class Meta:
        model = SavedView

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"View {n}")
    route = "computers:computer-list"


CONTENT = b"MZ, or so it says"


def uploaded(name: str = "setup.exe", content: bytes = CONTENT) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


class SoftwareFactory(DjangoModelFactory):
    class Meta:
        model = Software

    name = factory.Sequence(lambda n: f"Software {n}")


class SoftwareFileFactory(DjangoModelFactory):
    """With `CONTENT` in the storage."""

    class Meta:
        model = SoftwareFile
        skip_postgeneration_save = True

    software = factory.SubFactory(SoftwareFactory)
    name = "setup.exe"
    size = len(CONTENT)
    sha256 = sha256(CONTENT).hexdigest()

    @factory.post_generation
    def kept(self, create, extracted, **more):
        default_storage.save(self.place, ContentFile(CONTENT))


class LicenseFactory(DjangoModelFactory):
    """Sealed with the key that `key` says."""

    class Meta:
        model = License
        exclude = ("key",)

    key = "AAAA-BBBB-CCCC"
    name = factory.Sequence(lambda n: f"License {n}")
    sealed_key = factory.LazyAttribute(lambda made: seal(made.key))


class ScriptFactory(DjangoModelFactory):
    class Meta:
        model = Script

    name = factory.Sequence(lambda n: f"Script {n}")
    body = "echo hello"


class ScriptVersionFactory(DjangoModelFactory):
    """The first of a new script: the database keeps them itself."""

    class Meta:
        model = ScriptVersion

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return ScriptFactory().versions.get()


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = Enrolment

    tenant = factory.SubFactory(TenantFactory)
    token_hash = factory.Sequence(lambda n: f"{n:064x}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=24))


class AgentFactory(DjangoModelFactory):
    """Known by `token`; its work is signed with AGENT_KEY."""

    class Meta:
        model = Agent
        exclude = ("token",)

    token = factory.Sequence(lambda n: f"agent-{n}")
    computer = factory.SubFactory(ComputerFactory)
    token_hash = factory.LazyAttribute(lambda agent: hashed(agent.token))
    sealed_key = factory.LazyFunction(lambda: seal(AGENT_KEY))
    reported_type = factory.LazyAttribute(lambda agent: agent.computer.type)


class RunFactory(DjangoModelFactory):
    class Meta:
        model = Run

    computer = factory.SubFactory(ComputerFactory)
    tenant = factory.LazyAttribute(lambda run: run.computer.tenant)
    asked_by = factory.SubFactory(UserFactory)
    title = body = "uptime"


class RoleFactory(DjangoModelFactory):
    class Meta:
        model = Role

    name = factory.Sequence(lambda n: f"Role {n}")
    permissions = factory.LazyFunction(lambda: [Permission.TENANTS_VIEW])


class RoleVersionFactory(DjangoModelFactory):
    class Meta:
        model = RoleVersion

    role = factory.SubFactory(RoleFactory)
    number = factory.Sequence(lambda n: n + 100)
    name = "As it was"
    permissions = factory.LazyFunction(lambda: [Permission.TENANTS_VIEW])
    edited_at = factory.LazyFunction(timezone.now)


class RoleAssignmentFactory(DjangoModelFactory):
    """To a new user, unless `user` or `group` is given."""

    class Meta:
        model = RoleAssignment

    group = None
    user = factory.Maybe("group", yes_declaration=None, no_declaration=factory.SubFactory(UserFactory))
    role = factory.SubFactory(RoleFactory)
    scope = "owner"


class SwitchFactory(DjangoModelFactory):
    class Meta:
        model = Switch

    key = SwitchKey.DEPLOYMENTS
    enabled = False


class AuditEntryFactory(DjangoModelFactory):
    """Takes what `rbac.audit.record` takes: the chain admits no other entry."""

    class Meta:
        model = AuditEntry

    actor = SYSTEM
    action = "tenant.edited"

    @classmethod
    def _create(cls, model_class, actor, action, **said):
        return record(actor, action, **said)
