"""Roles, role assignments, switches and the audit log (design 2, 8 and 9)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now
from guardian.models import UserObjectPermissionBase

from accounts.models import Group, Invitation
from computers.models import ComputerScope, LibraryItem, License, Script, Software
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tenancy.models import Tenant, TenantOwned, TenantScope, fit_for_references, letters


class RoleQuerySet(models.QuerySet["Role"]):
    def live(self) -> RoleQuerySet:
        return self.filter(removed_at=None)


class Role(TenantOwned):
    """A named set of permissions: built-in (has a `key`, read-only), public, or owned by a tenant.

    `version` counts the edits of a custom role, and `edited_*` tell of the last one. A trigger counts, and keeps what
    stood before each as a `RoleVersion`. A removed role stays as a row, because ended assignments still name it.
    """

    VIEW = Permission.ROLES_VIEW

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    description = models.TextField(blank=True, default="")
    key = models.CharField(max_length=60, null=True, unique=True, editable=False)  # noqa: DJ001  unique, mostly absent
    deny_only = models.BooleanField(default=False)
    permissions = ArrayField(models.CharField(max_length=60), default=list)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    edited_at = models.DateTimeField(db_default=Now(), editable=False)
    edit_reason = models.TextField(blank=True, db_default="", editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "name"),
                name="role_name_unique_in_owner",
                condition=Q(removed_at=None),
                nulls_distinct=False,
                violation_error_message="A role with this name is already there.",
            ),
            models.CheckConstraint(
                name="role_built_in_is_public", condition=Q(key=None) | Q(tenant=None, deny_only=False)
            ),
        )
        indexes = (letters("role_letters", "name", "description"),)

    def __str__(self) -> str:
        return self.name


class RoleVersion(models.Model):
    """A custom role as it stood before an edit; written by a trigger, never changed. `number` counts from 1."""

    role = models.ForeignKey(Role, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    permissions = ArrayField(models.CharField(max_length=60))
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField()
    edit_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("role", "-number")
        constraints = (models.UniqueConstraint(fields=("role", "number"), name="role_version_once"),)

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class Effect(models.TextChoices):
    ALLOW = "allow", "Allow"
    DENY = "deny", "Deny"


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def unended(self) -> RoleAssignmentQuerySet:
        return self.filter(ended_at=None)

    def unexpired(self, at: object = None) -> RoleAssignmentQuerySet:
        """Not ended and not expired at the instant, started or not: what may still give or take something."""
        now = Now() if at is None else at
        return self.unended().filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def live(self, at: object = None) -> RoleAssignmentQuerySet:
        """Not ended, and `starts_at <= at < expires_at` where null means no bound (design 3)."""
        now = Now() if at is None else at
        return self.unexpired(at).filter(Q(starts_at=None) | Q(starts_at__lte=now))


class RoleAssignment(TenantScope, ComputerScope):
    """Principal, role, effect and scope. Granted and ended, never edited: a trigger holds it so (design 8)."""

    VIEW = Permission.USERS_VIEW

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="role_assignments"
    )
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="role_assignments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="assignments")
    effect = models.CharField(max_length=5, choices=Effect.choices, default=Effect.ALLOW)
    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    end_reason = models.TextField(blank=True, default="", editable=False)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("-granted_at", "-id")
        constraints = (
            *TenantScope.Meta.constraints,
            *ComputerScope.Meta.constraints,
            models.CheckConstraint(
                name="assignment_one_principal",
                condition=Q(user__isnull=False, group=None) | Q(user=None, group__isnull=False),
            ),
            models.CheckConstraint(
                name="assignment_starts_before_it_expires",
                condition=Q(starts_at=None) | Q(expires_at=None) | Q(starts_at__lt=F("expires_at")),
            ),
            models.CheckConstraint(name="assignment_effect_known", condition=Q(effect__in=Effect.values)),
            models.CheckConstraint(
                name="assignment_end_is_whole",
                condition=Q(ended_at__isnull=False) | Q(ended_at=None, ended_by=None, end_reason=""),
            ),
            models.UniqueConstraint(
                fields=(
                    "user",
                    "group",
                    "role",
                    "effect",
                    "scope",
                    "tenant",
                    "tag",
                    "include_children",
                    "computer_scope",
                    "computer",
                    "computer_tag",
                    "computer_type",
                ),
                name="assignment_unended_once",
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
        )
        indexes = (
            models.Index(fields=("user",), name="assignment_user", condition=Q(ended_at=None, user__isnull=False)),
            models.Index(fields=("group",), name="assignment_group", condition=Q(ended_at=None, group__isnull=False)),
            models.Index(
                fields=("tenant",), name="assignment_tenant", condition=Q(ended_at=None, tenant__isnull=False)
            ),
            models.Index(fields=("tag",), name="assignment_tag", condition=Q(ended_at=None, tag__isnull=False)),
            models.Index(fields=("role",), name="assignment_owner", condition=Q(ended_at=None, scope="owner")),
            # Of hundreds at home above a place, the few whose own tenant reaches down to it.
            models.Index(
                fields=("user",),
                name="assignment_own_below",
                condition=Q(ended_at=None, scope="own_tenant", include_children=True),
            ),
            models.Index(fields=("role", "id"), name="assignment_role", condition=Q(ended_at=None)),
            models.Index(
                fields=("role", "group"),
                name="assignment_role_group",
                condition=Q(ended_at=None, group__isnull=False),
            ),
            models.Index(fields=("id",), name="assignment_newest", condition=Q(ended_at=None)),
            models.Index(fields=("expires_at", "id"), name="assignment_ends", condition=Q(ended_at=None)),
        )

    def __str__(self) -> str:
        return f"{self.effect} {self.role_id} on {self.scope}"


class ShareQuerySet(models.QuerySet["Share"]):
    def unended(self) -> ShareQuerySet:
        return self.filter(ended_at=None)

    def live(self, at: object = None) -> ShareQuerySet:
        """Neither ended nor expired at the instant (the statement clock unless given)."""
        now = Now() if at is None else at
        return self.unended().filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def of(self, item: int, permission: str | None = None) -> ShareQuerySet:
        """Those of this item, by its number; of one permission alone where it is given."""
        of_what = {} if permission is None else {"permission__codename": permission}
        return self.filter(Q(content_object=item, **of_what))

    def told(self) -> ShareQuerySet:
        """With all that is told of a share, in the order in which they were given."""
        names = ["user__tenant", "permission", "shared_by__tenant", "content_object__tenant"]
        return self.select_related(*names).order_by("pk")


class Share(UserObjectPermissionBase):
    """One permission on one library item for one user, and nobody else (design 3): django-guardian's table of a kind.

    A trigger holds that it is ended and never edited, and goes only with its item.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    permission = models.ForeignKey("auth.Permission", models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    end_reason = models.TextField(blank=True, default="", editable=False)

    content_object_id: int
    objects = ShareQuerySet.as_manager()  # type: ignore[misc, assignment]  # guardian's knows no end

    class Meta:
        abstract = True
        ordering = ("-shared_at", "-id")
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(
                fields=("user", "content_object", "permission"),
                name="%(class)s_unended_once",
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="%(class)s_expires_later", condition=Q(expires_at=None) | Q(expires_at__gt=F("shared_at"))
            ),
            models.CheckConstraint(
                name="%(class)s_end_is_whole",
                condition=Q(ended_at__isnull=False) | Q(ended_at=None, ended_by=None, end_reason=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.permission_id} on {self.content_object_id} for {self.user_id}"

    @property
    def item(self) -> LibraryItem:
        found: LibraryItem = getattr(self, "content_object")  # noqa: B009  each table has its own
        return found

    @property
    def shared(self) -> Permission:
        return Permission(self.permission.codename)


class LicenseShare(Share):
    content_object = models.ForeignKey(License, models.CASCADE, related_name="shares")

    class Meta(Share.Meta):
        pass


class ScriptShare(Share):
    content_object = models.ForeignKey(Script, models.CASCADE, related_name="shares")

    class Meta(Share.Meta):
        pass


class SoftwareShare(Share):
    content_object = models.ForeignKey(Software, models.CASCADE, related_name="shares")

    class Meta(Share.Meta):
        pass


SHARES: dict[type[LibraryItem], type[Share]] = {License: LicenseShare, Script: ScriptShare, Software: SoftwareShare}
"""The table of each kind of library item."""


class PendingAssignment(TenantScope, ComputerScope):
    """What an invitation gives whoever accepts it; always an allow. A trigger holds that it never changes."""

    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="assignments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("invitation", "id")
        constraints = (
            *TenantScope.Meta.constraints,
            *ComputerScope.Meta.constraints,
            models.CheckConstraint(
                name="pendingassignment_starts_before_it_expires",
                condition=Q(starts_at=None) | Q(expires_at=None) | Q(starts_at__lt=F("expires_at")),
            ),
            models.UniqueConstraint(
                fields=(
                    "invitation",
                    "role",
                    "scope",
                    "tenant",
                    "tag",
                    "include_children",
                    "computer_scope",
                    "computer",
                    "computer_tag",
                    "computer_type",
                ),
                name="pendingassignment_once",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.role_id} on {self.scope} for {self.invitation_id}"


class Switch(models.Model):
    """Where a switch stands: for the instance, or tightened by one tenant for its own objects (design 7)."""

    key = models.CharField(max_length=80, choices=SwitchKey.choices)
    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, blank=True, related_name="+")
    enabled = models.BooleanField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("key", "tenant"), name="switch_once", nulls_distinct=False),
            models.CheckConstraint(name="switch_key_known", condition=Q(key__in=SwitchKey.values)),
        )

    def __str__(self) -> str:
        return f"{self.key}={self.enabled}"


class AuditEntry(models.Model):
    """One change or one refused guarded act, chained by hash (design 9).

    It names rows by number without foreign keys where these may be deleted later: the log outlives what it speaks of.
    `tenant` is where the entry is asked about; null is the instance.
    """

    VIEW = Permission.AUDIT_VIEW

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    impersonator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=80)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.BigIntegerField(null=True)
    target_label = models.CharField(max_length=300, blank=True)
    tenant = models.ForeignKey(Tenant, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("tenant", "-id"), name="audit_tenant"),
            models.Index(fields=("target_type", "target_id", "-id"), name="audit_target"),
            models.Index(fields=("actor", "-id"), name="audit_actor"),
            letters("audit_letters", "target_label", "reason"),
            # Of which computers an entry tells that is about something else, or about many of them.
            GinIndex(
                OpClass(KeyTransform("computers", "after"), name="jsonb_path_ops"),
                name="audit_computers",
                condition=Q(after__has_key="computers"),
            ),
        )

    def __str__(self) -> str:
        return self.action
