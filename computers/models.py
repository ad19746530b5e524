"""Computers, their tags, the columns of a computer scope, and the library (design 2, 3 and 8)."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from immyrbac.sealing import SealedField
from rbac.permissions import Permission
from tenancy.models import Tag, Tenant, TenantOwned, beginnings, fit_for_references, letters


class ComputerType(models.TextChoices):
    WORKSTATION = "workstation", "Workstation"
    PORTABLE = "portable", "Portable"
    SERVER = "server", "Server"
    DOMAIN_CONTROLLER = "domain_controller", "Domain controller"


class Onboarding(models.TextChoices):
    """Where somebody is with a computer that came with its agent; of the others nothing is said."""

    WAITING = "waiting", "To be onboarded"
    STARTED = "started", "Onboarded"
    SKIPPED = "skipped", "Not onboarded: skipped"


class ComputerQuerySet(models.QuerySet["Computer"]):
    def live(self) -> ComputerQuerySet:
        return self.filter(deleted_at=None)


class Computer(models.Model):
    """A managed device. `msp` is its tenant's, kept by a trigger so that one MSP is one index (performance 1)."""

    VIEW = Permission.COMPUTERS_VIEW
    RESTORE = Permission.COMPUTERS_DELETE
    """Who still sees one that was deleted."""

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="computers")
    msp = models.ForeignKey(Tenant, models.PROTECT, null=True, editable=False, related_name="+")
    type = models.CharField(max_length=20, choices=ComputerType.choices)
    tags = models.ManyToManyField(Tag, through="ComputerTag", related_name="computers")
    os = models.CharField("Operating system", max_length=120, blank=True, default="")
    serial_number = models.CharField(max_length=120, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    onboarding = models.CharField(
        max_length=10, choices=Onboarding.choices, blank=True, default="", db_default="", editable=False
    )
    last_seen_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # What a form was filled in against: a save that finds another is told, and overwrites nothing.
    updated_at = models.DateTimeField(auto_now=True)

    objects = ComputerQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "name"),
                name="computer_name_unique_in_tenant",
                condition=Q(deleted_at=None),
                violation_error_message="A computer with this name is already there.",
            ),
            models.CheckConstraint(name="computer_type_known", condition=Q(type__in=ComputerType.values)),
            models.CheckConstraint(
                name="computer_onboarding_known", condition=Q(onboarding__in=["", *Onboarding.values])
            ),
        )
        indexes = (
            models.Index(fields=("tenant", "name", "id"), name="computer_tenant_name"),
            models.Index(fields=("name", "id"), include=("tenant", "type"), name="computer_name"),
            models.Index(fields=("msp", "name", "id"), include=("tenant",), name="computer_msp_name"),
            models.Index(
                fields=("name", "id"),
                name="computer_to_be_onboarded",
                condition=Q(onboarding="waiting", deleted_at=None),
            ),
            models.Index(
                fields=("type", "id"), include=("tenant", "msp"), name="computer_type", condition=Q(deleted_at=None)
            ),
            models.Index(
                fields=("last_seen_at", "id"),
                include=("tenant", "msp"),
                name="computer_seen",
                condition=Q(deleted_at=None),
            ),
            letters("computer_letters", "name", "os", "serial_number"),
            beginnings("computer_beginnings", "name"),
        )

    def __str__(self) -> str:
        return self.name


class ComputerTag(models.Model):
    """A tag put on a computer; a trigger holds it within the tag's owner (design 2)."""

    computer = models.ForeignKey(Computer, models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("tag", "computer"), name="computer_tag_once"),)

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.computer_id}"


class ComputerPerson(models.Model):
    """Somebody who uses a computer of their own tenant, which a trigger holds; one at most is its primary person."""

    computer = models.ForeignKey(Computer, models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("computer", "person"), name="computer_person_once"),
            models.UniqueConstraint(
                fields=("computer",), name="computer_has_one_primary_person", condition=Q(is_primary=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} on {self.computer_id}"


class ComputerScopeKind(models.TextChoices):
    ALL = "all", "All"
    COMPUTER = "computer", "One computer"
    TAG = "tag", "Tag"
    TYPE = "type", "Type"


class ComputerScopeType(models.TextChoices):
    WORKSTATIONS_AND_PORTABLES = "workstations_and_portables", "Workstations and portable devices"
    SERVERS = "servers", "Servers"
    DOMAIN_CONTROLLERS = "domain_controllers", "Domain controllers"


class ComputerScope(models.Model):
    """The columns of a computer scope; what they mean stands in `computers.scopes` alone."""

    computer_scope = models.CharField(max_length=10, choices=ComputerScopeKind.choices, default=ComputerScopeKind.ALL)
    computer = models.ForeignKey(Computer, models.PROTECT, null=True, blank=True, related_name="+")
    computer_tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="+")
    # Null, not "": the uniqueness of assignments and the CHECK below speak of absent values.
    computer_type = models.CharField(  # noqa: DJ001  see above
        max_length=30, choices=ComputerScopeType.choices, null=True, blank=True
    )

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                name="%(class)s_computer_scope_fits",
                condition=(
                    Q(computer_scope="all", computer=None, computer_tag=None, computer_type=None)
                    | Q(computer_scope="computer", computer__isnull=False, computer_tag=None, computer_type=None)
                    | Q(computer_scope="tag", computer=None, computer_tag__isnull=False, computer_type=None)
                    | Q(
                        computer_scope="type",
                        computer=None,
                        computer_tag=None,
                        computer_type__isnull=False,  # a CHECK lets NULL pass
                        computer_type__in=ComputerScopeType.values,
                    )
                ),
            ),
        )


def _with_labels(*permissions: Permission) -> tuple[tuple[str, str], ...]:
    return tuple((permission.value, permission.label) for permission in permissions)


class LibraryItem(TenantOwned):
    """What a tenant keeps for its computers; one of the instance is readable by all who may view its kind.

    `permissions` of its Meta are what may be shared of one item alone.
    """

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ("name", "id")
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(
                fields=("tenant", "name"),
                name="%(class)s_name_unique_in_owner",
                nulls_distinct=False,
                violation_error_message="Something with this name is already there.",
            ),
        )
        indexes = (letters("%(class)s_letters", "name"),)

    def __str__(self) -> str:
        return self.name


class ScriptLanguage(models.TextChoices):
    POWERSHELL = "powershell", "PowerShell"
    BASH = "bash", "bash"
    PYTHON = "python", "Python"


class Script(LibraryItem):
    """Each save of another text or language is kept as a `ScriptVersion`, by a trigger."""

    VIEW = Permission.SCRIPTS_VIEW

    language = models.CharField(
        max_length=20, choices=ScriptLanguage.choices, default=ScriptLanguage.POWERSHELL, db_default="powershell"
    )
    body = models.TextField(blank=True, default="")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta(LibraryItem.Meta):
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *LibraryItem.Meta.constraints,
            models.CheckConstraint(name="script_language_known", condition=Q(language__in=ScriptLanguage.values)),
        )
        permissions = _with_labels(Permission.SCRIPTS_VIEW, Permission.SCRIPTS_MANAGE)


class ScriptVersion(models.Model):
    """What a script was, the present version among them. Written by a trigger alone, and never changed."""

    script = models.ForeignKey(Script, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=20, choices=ScriptLanguage.choices)
    body = models.TextField(blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("script", "number"), name="script_version_once"),)

    def __str__(self) -> str:
        return f"{self.script_id} v{self.number}"


class Software(LibraryItem):
    """Something that can be installed, with the files that it takes."""

    VIEW = Permission.SOFTWARE_VIEW

    publisher = models.CharField(max_length=120, blank=True, default="")
    release = models.CharField(max_length=60, blank=True, default="")
    notes = models.TextField(blank=True, default="")

    class Meta(LibraryItem.Meta):
        indexes = (letters("%(class)s_letters", "name", "publisher"),)
        permissions = _with_labels(Permission.SOFTWARE_VIEW, Permission.SOFTWARE_MANAGE)


class SoftwareFile(models.Model):
    """One uploaded file. Neither its name nor what it claims to be is trusted: it is stored under `token` alone."""

    software = models.ForeignKey(Software, models.CASCADE, related_name="files")
    token = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, validators=(fit_for_references,))
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField("SHA-256", max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("software", "name"), name="software_file_name_once"),)

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """Where the storage keeps it."""
        return f"software/{self.token}"


class License(LibraryItem):
    """The right to use something on so many seats. Its key is sealed, and read by one service alone.

    The software that it is for is of the same owner, or of the instance.
    """

    VIEW = Permission.LICENSES_VIEW

    software = models.ForeignKey(Software, models.PROTECT, null=True, blank=True, related_name="licenses")
    sealed_key = SealedField(editable=False)
    seats = models.PositiveIntegerField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    notes = models.TextField(blank=True, default="")

    class Meta(LibraryItem.Meta):
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *LibraryItem.Meta.constraints,
            models.CheckConstraint(name="license_has_a_seat", condition=Q(seats=None) | Q(seats__gte=1)),
        )
        permissions = _with_labels(Permission.LICENSES_VIEW, Permission.LICENSES_MANAGE, Permission.LICENSES_DOWNLOAD)


LIBRARY: tuple[type[LibraryItem], ...] = (License, Script, Software)
"""The kinds of library items."""
