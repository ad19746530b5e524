"""People at a tenant who use computers, users or not (design 2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models.users import User
from rbac.permissions import Permission
from tenancy.models import Tenant, beginnings, fit_for_references, letters


class Person(models.Model):
    """Somebody at a tenant who uses computers. Being one gives nothing, and neither does the account that is named.

    `login` is the name under which computers know them, as agents report it; `user` the account of the same human, in
    the same tenant.
    """

    VIEW = Permission.USERS_VIEW

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    email = models.EmailField("E-mail", max_length=254, blank=True, default="")
    login = models.CharField("Name on computers", max_length=120, blank=True, default="")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")
        verbose_name_plural = "people"
        constraints = (
            models.CheckConstraint(
                name="person_email_normal", condition=Q(email=Lower("email")) & ~Q(email__regex=r"\s")
            ),
            models.UniqueConstraint(fields=("tenant", "email"), name="person_email_once", condition=~Q(email="")),
            models.UniqueConstraint(fields=("tenant", "login"), name="person_login_once", condition=~Q(login="")),
        )
        indexes = (
            models.Index(fields=("tenant", "name", "id"), name="person_tenant_name"),
            models.Index(fields=("name", "id"), name="person_name"),
            letters("person_letters", "name", "email", "login"),
            beginnings("person_beginnings", "name"),
        )

    def __str__(self) -> str:
        return self.name
