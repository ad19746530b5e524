"""Requests for access, of users and of strangers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Lower, Now

from accounts.models.users import Invitation, User
from rbac.permissions import Permission
from tenancy.models import Tenant, fit_for_references, letters


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def waiting(self) -> AccessRequestQuerySet:
        return self.filter(decided_at=None)


class AccessRequest(models.Model):
    """Somebody asks for access: a user, or somebody without an account (`user` is empty), who says who they are.

    `name` and `email` are as they were then; `place` is a stranger's own word for where. `permission` and `about`
    (`computer:12`) say what a user lacked, as far as they said so. It waits until it is decided: given, which made the
    `assignment`, or for a stranger the `invitation`; or refused, and `refusal` says why. Triggers hold that what was
    asked never changes, nor what was decided.
    """

    VIEW = Permission.USERS_MANAGE_ACCESS_REQUESTS

    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="access_requests")
    name = models.CharField(max_length=120, validators=(fit_for_references,))
    email = models.EmailField(max_length=254)
    place = models.CharField(max_length=120, blank=True, default="")
    permission = models.CharField(max_length=60, blank=True, default="")
    about = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(max_length=2000)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    assignment = models.OneToOneField(
        "rbac.RoleAssignment", models.PROTECT, null=True, editable=False, related_name="access_request"
    )
    invitation = models.OneToOneField(
        Invitation, models.PROTECT, null=True, editable=False, related_name="access_request"
    )
    refusal = models.TextField(blank=True, default="", editable=False)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="access_request_email_normal", condition=Q(email=Lower("email")) & ~Q(email__regex=r"\s")
            ),
            models.CheckConstraint(
                name="access_request_decided_once",
                condition=Q(decided_at=None, decided_by=None, assignment=None, invitation=None, refusal="")
                | Q(decided_at__isnull=False, decided_by__isnull=False)
                & (
                    Q(user__isnull=False, assignment__isnull=False, invitation=None, refusal="")
                    | Q(user=None, assignment=None, invitation__isnull=False, refusal="")
                    | (Q(assignment=None, invitation=None) & ~Q(refusal=""))
                ),
            ),
            models.UniqueConstraint(
                "email",
                "permission",
                "about",
                MD5("message"),
                name="access_request_waits_once",
                condition=Q(decided_at=None),
            ),
        )
        indexes = (
            models.Index(fields=("asked_at", "id"), name="access_request_asked"),
            models.Index(fields=("user", "-asked_at"), name="access_request_user"),
            letters("access_request_letters", "name", "email", "message"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def tenant(self) -> Tenant | None:
        """Where it is asked about: the home of its user as it is now; None, the instance, for a stranger's."""
        return self.user.tenant if self.user else None

    @property
    def tenant_id(self) -> int | None:
        return self.user.tenant_id if self.user else None
