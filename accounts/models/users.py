"""Users, groups, invitations, and the links by which somebody sets a password (design 8)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower, Now
from django.urls import NoReverseMatch, reverse

from rbac.permissions import Permission
from tenancy.models import Tenant, TenantOwned, beginnings, fit_for_references, letters

HAS_PASSWORD = ~Q(password="") & ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)


class IsOfActiveTenant(Func):
    """Whether the tenant of this number is active: those that are not are few, and found at once by an index.

    A join would look up the tenant of each user, and Django take a millisecond to compile a sub-select of its own.
    """

    template = f"%(expressions)s NOT IN (SELECT id FROM {Tenant._meta.db_table} WHERE NOT is_active)"  # noqa: S608  no value in it
    output_field = models.BooleanField()


class UserQuerySet(models.QuerySet["User"]):
    def present(self) -> UserQuerySet:
        """Everybody who was not removed."""
        return self.filter(removed_at=None)

    def able_to_act(self, at: object = None) -> UserQuerySet:
        """Who is active, in an active tenant, and not expired at the instant (the statement clock unless given)."""
        return self.filter(
            Q(access_expires_at=None) | Q(access_expires_at__gt=Now() if at is None else at),
            Q(IsOfActiveTenant("tenant_id")),
            is_active=True,
            removed_at=None,
        )

    def with_password(self) -> UserQuerySet:
        """Who has set a password, usable or not by now for other reasons."""
        return self.filter(HAS_PASSWORD)


def normal_email(email: str) -> str:
    """The one normal form of an address: trimmed, lower case. The database holds the same (design 8)."""
    return email.strip().lower()


_UserManager = BaseUserManager.from_queryset(UserQuerySet)


class UserManager(_UserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        user: User = self.get(email=normal_email(username or ""))
        return user


class User(AbstractBaseUser):
    """Somebody who may sign in. What they may do is decided in `rbac.access` alone.

    There is no superuser flag and no `PermissionsMixin` (design 3 and 4).
    """

    VIEW = Permission.USERS_VIEW

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, validators=(fit_for_references,))
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="users")
    access_expires_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    is_staff: ClassVar[bool] = False
    is_superuser: ClassVar[bool] = False

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.CheckConstraint(
                name="user_email_normal", condition=Q(email=Lower("email")) & ~Q(email__regex=r"\s")
            ),
            models.CheckConstraint(name="user_removed_is_inactive", condition=Q(removed_at=None) | Q(is_active=False)),
        )
        indexes = (
            models.Index(fields=("tenant", "name", "id"), name="user_tenant_name"),
            models.Index(fields=("name", "id"), name="user_name"),
            models.Index(fields=("access_expires_at", "id"), name="user_ends", condition=Q(removed_at=None)),
            models.Index(fields=("last_seen_at", "id"), name="user_seen", condition=Q(removed_at=None)),
            letters("user_letters", "name", "email"),
            beginnings("user_beginnings", "name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Whatever the one backend says (design 4): `can` with an object, `holds` without."""
        return any(backend.has_perm(self, perm, obj) for backend in get_backends())


class GroupQuerySet(models.QuerySet["Group"]):
    def live(self) -> GroupQuerySet:
        return self.filter(removed_at=None)


class Group(TenantOwned):
    """Users who share role assignments. Removed groups stay as rows: ended assignments still name them."""

    VIEW = Permission.GROUPS_VIEW

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    description = models.TextField(blank=True, default="")
    members = models.ManyToManyField(
        User, through="GroupMembership", through_fields=("group", "user"), related_name="+"
    )
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "name"),
                name="group_name_unique_in_owner",
                condition=Q(removed_at=None),
                nulls_distinct=False,
                violation_error_message="A group with this name is already there.",
            ),
        )
        indexes = (
            models.Index(fields=("name", "id"), name="group_name"),
            letters("group_letters", "name", "description"),
        )

    def __str__(self) -> str:
        return self.name


class GroupMembershipQuerySet(models.QuerySet["GroupMembership"]):
    def unended(self) -> GroupMembershipQuerySet:
        return self.filter(ended_at=None)

    def live(self, at: object = None) -> GroupMembershipQuerySet:
        """Neither ended nor expired at the instant (the statement clock unless given)."""
        now = Now() if at is None else at
        return self.unended().filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def end(self) -> list[GroupMembership]:
        """End those that are not over yet, now; returns them with user and group, for the entry that tells it."""
        rows = list(self.unended().select_related("user", "group").order_by("pk"))
        GroupMembership.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=Now())
        return rows


class GroupMembership(models.Model):
    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "group"), name="group_membership_once", condition=Q(ended_at=None)),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of_reader(self, user: User) -> SavedViewQuerySet:
        """Their own, and those shared with a group that they are in now."""
        mine = GroupMembership.objects.live().filter(user=user, group__removed_at=None).values("group_id")
        return self.filter(Q(owner=user) | Q(group__in=mine))


class SavedView(models.Model):
    """A list's filters and order under a name. It carries no access: opening it is a request like any other.

    `route` names the list, `query` is empty or what follows its path, from the question mark on.
    """

    owner = models.ForeignKey(User, models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=60)
    route = models.CharField(max_length=80)
    query = models.CharField(max_length=4000, blank=True)
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "name"),
                name="saved_view_name_unique",
                violation_error_message="You have a view of this name.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Empty where the list is no more."""
        try:
            return reverse(self.route) + self.query
        except NoReverseMatch:
            return ""

    @property
    def sharing(self) -> str:
        return f"shared with {self.group}" if self.group else ""


class ImpersonationQuerySet(models.QuerySet["Impersonation"]):
    def unended(self) -> ImpersonationQuerySet:
        return self.filter(ended_at=None)

    def live(self) -> ImpersonationQuerySet:
        """Neither ended nor over by the statement clock."""
        return self.unended().filter(expires_at__gt=Now())


class Impersonation(models.Model):
    """One user acts as another for a while; the other reads the reason afterwards. Never edited, only ended."""

    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField()
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = ImpersonationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="impersonation_of_another", condition=~Q(actor=F("user"))),
            models.CheckConstraint(name="impersonation_expires", condition=Q(expires_at__gt=F("started_at"))),
        )
        indexes = (models.Index(fields=("user", "-id"), name="impersonation_user"),)

    def __str__(self) -> str:
        return f"{self.actor_id} as {self.user_id}"


class PasswordLink(models.Model):
    """A single-use link by which a user sets a password. Only the hash of its token is kept (safety 23)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="password_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(name="password_link_expires", condition=Q(expires_at__gt=F("created_at"))),
        )

    def __str__(self) -> str:
        return f"Link for {self.user_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Neither accepted nor revoked; it may have expired, and can be sent again."""
        return self.filter(accepted_at=None, revoked_at=None)

    def pending(self) -> InvitationQuerySet:
        """What can still be accepted, as far as the invitation itself says."""
        return self.open().filter(expires_at__gt=Now())


class Invitation(models.Model):
    """Somebody without an account is asked into a tenant; what they get is in `rbac.models.PendingAssignment`.

    It counts by the right of `invited_by`, who is asked again when it is accepted. `token_hash` is empty until its mail
    is written: the job that mails the link makes its token, so that no queue holds one (safety 23).
    """

    VIEW = Permission.USERS_VIEW

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True, validators=(fit_for_references,))
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="invitations")
    groups = models.ManyToManyField(Group, related_name="+")
    access_expires_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField()
    message = models.TextField(blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001  unique, may lack
    accepted_at = models.DateTimeField(null=True, editable=False)
    user = models.OneToOneField(User, models.PROTECT, null=True, editable=False, related_name="invitation")
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-invited_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="invitation_email_normal", condition=Q(email=Lower("email")) & ~Q(email__regex=r"\s")
            ),
            models.CheckConstraint(
                name="invitation_ends_once",
                condition=Q(accepted_at=None, user=None)
                | Q(accepted_at__isnull=False, user__isnull=False, revoked_at=None),
            ),
            models.UniqueConstraint(
                fields=("tenant", "email"),
                name="invitation_open_once",
                condition=Q(accepted_at=None, revoked_at=None),
                violation_error_message="This address was invited already: send that invitation again, or revoke it.",
            ),
        )
        indexes = (
            models.Index(fields=("email", "id"), name="invitation_email"),
            letters("invitation_letters", "name", "email"),
        )

    def __str__(self) -> str:
        return self.email
