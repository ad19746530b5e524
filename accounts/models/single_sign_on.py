"""Single sign-on: which providers say who somebody is, and who is whom there (safety 21)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

from accounts.models.users import User
from immyrbac.fetching import FetchError, check_address
from immyrbac.sealing import SealedField
from rbac.permissions import Permission
from tenancy.models import Tenant, fit_for_references

DOMAIN = r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"


is_domain = RegexValidator(DOMAIN, "A domain reads as in contoso.com.")


def is_issuer(address: str) -> None:
    """Raises ValidationError for what names no provider that may be asked."""
    try:
        parts = check_address(address)
    except FetchError as error:
        raise ValidationError(f"This address cannot be asked: {error}.") from error
    if parts.query:
        raise ValidationError("An issuer is an address without a question mark.")


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


class IdentityProviderQuerySet(models.QuerySet["IdentityProvider"]):
    def standing(self) -> IdentityProviderQuerySet:
        return self.filter(is_active=True)

    def open_to(self, user: User) -> IdentityProviderQuerySet:
        """Those by which this user may sign in: of their tenant or above it, and for the domain of their address."""
        return self.standing().filter(tenant__in=user.tenant.path, domains__contains=[domain_of(user.email)])


class IdentityProvider(models.Model):
    """Where a tenant's people, and those of all tenants below it, may sign in (OpenID Connect).

    `issuer` is who it is, and never changes, nor does the tenant: whoever is linked trusts that one. `key` stands in
    the address of its sign-in, which nobody guesses. `sealed` is the secret that we show the provider, encrypted.
    """

    VIEW = Permission.USERS_MANAGE

    name = models.CharField(max_length=60, validators=(fit_for_references,))
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    issuer = models.CharField(max_length=400, validators=(is_issuer,))
    client_id = models.CharField(max_length=200)
    sealed = SealedField(editable=False)
    domains = ArrayField(models.CharField(max_length=253, validators=(is_domain,)))
    is_active = models.BooleanField(default=True)
    key = models.CharField(max_length=43, unique=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = IdentityProviderQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "name"),
                name="identity_provider_name_unique",
                violation_error_message="A provider with this name is already there.",
            ),
            models.CheckConstraint(name="identity_provider_has_domains", condition=Q(domains__len__gt=0)),
        )

    def __str__(self) -> str:
        return self.name

    def allows(self, email: str) -> bool:
        """Whether an address is of one of its domains."""
        return "@" in email and domain_of(email) in self.domains


class IdentityQuerySet(models.QuerySet["Identity"]):
    def standing(self) -> IdentityQuerySet:
        """Those that sign in now, as far as they say it: whether the user may act is asked apart.

        Who moved to another tenant, or to an address of another domain, is not the provider's any more.
        """
        domain = Func(F("user__email"), Value("@"), Value(-1), function="split_part", output_field=models.CharField())
        return self.filter(
            provider__is_active=True,
            user__tenant__path__contains=[F("provider__tenant")],
            provider__domains__contains=[domain],
        )


class Identity(models.Model):
    """One user at one provider: by the subject that it gave them, never by their address. Linked and unlinked whole."""

    provider = models.ForeignKey(IdentityProvider, models.PROTECT, related_name="identities")
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(User, models.PROTECT, related_name="identities")
    linked_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        ordering = ("provider__name", "id")
        constraints = (
            models.UniqueConstraint(fields=("provider", "subject"), name="identity_is_of_one_user"),
            models.UniqueConstraint(fields=("provider", "user"), name="identity_once_at_a_provider"),
            models.CheckConstraint(name="identity_has_a_subject", condition=~Q(subject="")),
        )

    def __str__(self) -> str:
        return f"{self.user} at {self.provider}"
