"""What shall be on which computers: software or a script, and a target made of the scope classes (design 3 and 8)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from computers.models import Computer, ComputerScope, ComputerScopeKind, ScriptVersion, Software
from computers.scopes import ComputerScope as Narrowing
from computers.scopes import computer_scope
from rbac.permissions import Permission
from tenancy.models import Tag, TenantOwned, fit_for_references, letters
from tenancy.scopes import MspScope, OwnerScope, SingleScope, SubtreeScope, TagScope, TenantScope


class State(models.TextChoices):
    """What shall become of a computer: the first two of software, the last of a script."""

    INSTALLED = "installed", "Install software"
    ABSENT = "absent", "Remove software"
    RUN = "run", "Run a script"


class Target(models.TextChoices):
    """The first two are of one tenant, its owner; the others may reach several."""

    INDIVIDUAL = "individual", "Single computers or people"
    TENANT = "tenant", "One tenant"
    CHILDREN = "children", "A tenant and its child tenants"
    MSP = "msp", "An MSP and its customers"
    TAG = "tag", "Tenants that bear a tag"
    OWNER = "owner", "Every tenant"


OF_ONE_TENANT = (Target.INDIVIDUAL, Target.TENANT)


TARGET_FITS = (
    Q(target__in=("individual", "tenant", "children", "msp"), tenant__isnull=False, tag=None)
    | Q(target="tag", tag__isnull=False)
    | Q(target="owner", tenant=None, tag=None)
)


class Aimed(TenantOwned, ComputerScope):
    """What has a target made of the scope classes, which starts at its owner: `tenant`, None is the instance."""

    target = models.CharField(max_length=10, choices=Target.choices)
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def tenants(self) -> TenantScope:
        """Where its computers are."""
        match self.target:
            case Target.OWNER:
                return OwnerScope()
            case Target.TAG if self.tag_id is not None:
                return TagScope(self.tag_id)
            case Target.MSP if self.tenant_id is not None:
                return MspScope(self.tenant_id)
            case Target.CHILDREN if self.tenant_id is not None:
                return SubtreeScope(self.tenant_id)
            case Target.INDIVIDUAL | Target.TENANT if self.tenant_id is not None:
                return SingleScope(self.tenant_id)
        raise ValueError(f"No target: {self.target!r}")

    @property
    def narrowing(self) -> Narrowing:
        """Which of their computers."""
        return computer_scope(self.computer_scope, self.computer_id, self.computer_tag_id, self.computer_type)


class Deployment(Aimed):
    """Seen and managed as one of its two kinds below, each with permissions of its own.

    `tenant` owns it and is where its target starts; None is the instance. It counts by the right of `saved_by`, whoever
    last saved it, as that right is when somebody asks. `people` are names as agents report them.
    """

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    is_enabled = models.BooleanField("enabled", default=True)
    state = models.CharField(max_length=10, choices=State.choices)
    software = models.ForeignKey(Software, models.PROTECT, null=True, blank=True, related_name="deployments")
    script_version = models.ForeignKey(ScriptVersion, models.PROTECT, null=True, blank=True, related_name="deployments")
    computers = models.ManyToManyField(Computer, through="DeploymentComputer", related_name="+")
    people = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "id")
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *ComputerScope.Meta.constraints,
            models.CheckConstraint(name="deployment_target_fits", condition=TARGET_FITS),
            models.CheckConstraint(
                name="deployment_item_fits",
                condition=(
                    Q(state__in=("installed", "absent"), software__isnull=False, script_version=None)
                    | Q(state="run", software=None, script_version__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="deployment_individual_fits",
                condition=(
                    Q(target="individual", computer_scope=ComputerScopeKind.ALL)
                    | ~Q(target="individual") & Q(people=[]) & ~Q(computer_scope=ComputerScopeKind.COMPUTER)
                ),
            ),
        )
        indexes = (
            letters("deployment_letters", "name"),
            models.Index(fields=("tenant", "name", "id"), name="deployment_tenant_name"),
            models.Index(fields=("name", "id"), name="deployment_name"),
        )

    def __str__(self) -> str:
        return self.name


class DeploymentComputer(models.Model):
    """A single computer that an individual deployment is for."""

    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="+")
    computer = models.ForeignKey(Computer, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("deployment", "computer"), name="deployment_computer_once"),)

    def __str__(self) -> str:
        return f"{self.deployment_id} on {self.computer_id}"


class _OfOneTenant(models.Manager["TenantDeployment"]):
    def get_queryset(self) -> models.QuerySet[TenantDeployment]:
        return super().get_queryset().filter(target__in=OF_ONE_TENANT)


class _OfManyTenants(models.Manager["CrossTenantDeployment"]):
    def get_queryset(self) -> models.QuerySet[CrossTenantDeployment]:
        return super().get_queryset().exclude(target__in=OF_ONE_TENANT)


class TenantDeployment(Deployment):
    """For single computers or people of a tenant, or for all of it."""

    VIEW = Permission.DEPLOYMENTS_VIEW

    objects: ClassVar[_OfOneTenant] = _OfOneTenant()

    class Meta:
        proxy = True
        verbose_name = "deployment"


class CrossTenantDeployment(Deployment):
    """For more tenants than one."""

    VIEW = Permission.DEPLOYMENTS_VIEW_CROSS_TENANT

    objects: ClassVar[_OfManyTenants] = _OfManyTenants()

    class Meta:
        proxy = True
        verbose_name = "cross-tenant deployment"


class RequestState(models.TextChoices):
    OPEN = "open", "Waits for review"
    ATTENTION = "attention", "Needs attention"
    APPROVED = "approved", "Approved"
    DENIED = "denied", "Denied"
    WITHDRAWN = "withdrawn", "Withdrawn"


PENDING = (RequestState.OPEN, RequestState.ATTENTION)


class ChangeRequest(TenantOwned):
    """A cross-tenant deployment that somebody proposes, or how one that is there shall become.

    `proposed` holds its columns, relations by number; `before` and `after` tell both in words, as they were when it was
    sent. `changes` is the number of the deployment, and `stood` what that was then (`immyrbac.versions`); both empty
    for a new one.
    """

    VIEW = Permission.DEPLOYMENTS_VIEW_CROSS_TENANT

    name = models.CharField(max_length=120)
    changes = models.BigIntegerField(null=True, editable=False)
    stood = models.CharField(max_length=32, blank=True, editable=False)
    proposed = models.JSONField(editable=False)
    before = models.JSONField(default=dict, editable=False)
    after = models.JSONField(editable=False)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="change_request_decided_once",
                condition=(
                    Q(state__in=PENDING, decided_by=None, decided_at=None)
                    | ~Q(state__in=PENDING) & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="change_request_not_of_its_author",
                condition=~Q(state__in=("approved", "denied")) | ~Q(decided_by=models.F("asked_by")),
            ),
            models.CheckConstraint(
                name="change_request_changes_fit",
                condition=Q(changes=None, stood="") | Q(changes__isnull=False) & ~Q(stood=""),
            ),
        )
        indexes = (
            letters("change_request_letters", "name"),
            models.Index(fields=("-asked_at", "-id"), name="change_request_asked"),
        )

    def __str__(self) -> str:
        return self.name


class ChangeRequestNote(models.Model):
    """What somebody said about a request, and what became of it with that."""

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    did = models.CharField(max_length=20)
    text = models.TextField(max_length=2000, blank=True)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("written_at", "id")

    def __str__(self) -> str:
        return f"{self.did}: {self.text[:40]}"
