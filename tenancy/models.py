"""Tenants, their tree, their tags, and the columns of a tenant scope (design 2, 3 and 8)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from rbac.permissions import Permission

# References are made of names, `tenant-slug/NAME`, one a line (design 10).
NOT_IN_NAMES = r"[/\x00-\x1f\x7f-\x9f\u2028\u2029]"
fit_for_references = RegexValidator(NOT_IN_NAMES, "A name cannot hold a slash or a line break.", inverse_match=True)

one_line = RegexValidator(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", "It stands on one line.", inverse_match=True)
hex_color = RegexValidator(r"^#[0-9a-f]{6}\Z", "A colour is # and six digits, as in #005c69.")


def letters(name: str, *fields: str) -> GinIndex:
    """Each three letters that stand together in these columns: where `immyrbac.searching` finds words."""
    return GinIndex(*(OpClass(Upper(field), name="gin_trgm_ops") for field in fields), name=name)


def beginnings(name: str, field: str) -> models.Index:
    """How the column begins: where `immyrbac.searching` finds one letter or two."""
    return models.Index(OpClass(Upper(field), name="text_pattern_ops"), name=name)


class TenantQuerySet(models.QuerySet["Tenant"]):
    def at_or_below(self, tenant_id: int) -> TenantQuerySet:
        """The tenant itself and all that stand below it, at any depth."""
        return self.filter(path__contains=[tenant_id])


class Tenant(models.Model):
    """An organisation. `msp` and `path` are kept by triggers, never by this code (design 8).

    `path` holds the ids from the root down, the tenant's own included; `msp` is the nearest MSP at or above it.
    """

    VIEW = Permission.TENANTS_VIEW

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    slug = models.SlugField(max_length=80, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    is_msp = models.BooleanField(default=False)
    msp = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    path = ArrayField(models.BigIntegerField(), default=list, editable=False)
    tags: models.ManyToManyField[Tag, TenantTag] = models.ManyToManyField(
        "Tag", through="TenantTag", related_name="tenants"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        indexes = (
            GinIndex(fields=("path",), name="tenant_path"),
            models.Index(fields=("msp", "id"), name="tenant_msp"),
            models.Index(fields=("name", "id"), name="tenant_name"),
            models.Index(fields=("id",), condition=models.Q(is_active=False), name="tenant_inactive"),
            letters("tenant_letters", "name", "slug"),
            beginnings("tenant_beginnings", "name"),
        )

    def __str__(self) -> str:
        return self.name


class TenantOwned(models.Model):
    """What a tenant owns, or the instance where `tenant` is null."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class TagQuerySet(models.QuerySet["Tag"]):
    def live(self) -> TagQuerySet:
        return self.filter(removed_at=None)


class Tag(TenantOwned):
    """A label on tenants and computers.

    A removed tag stays as a row, without bearers, because ended assignments still name it.
    """

    VIEW = Permission.TAGS_VIEW

    name = models.CharField(max_length=60, validators=(fit_for_references,))
    color = models.CharField(max_length=20, blank=True, default="")
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "name"),
                name="tag_name_unique_in_owner",
                condition=Q(removed_at=None),
                nulls_distinct=False,
                violation_error_message="A tag with this name is already there.",
            ),
        )
        indexes = (letters("tag_letters", "name"),)

    def __str__(self) -> str:
        return self.name


class TenantTag(models.Model):
    """A tag put on a tenant; a trigger holds it within the tag's owner (design 2)."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("tag", "tenant"), name="tenant_tag_once"),)

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.tenant_id}"


class TenantScopeKind(models.TextChoices):
    OWNER = "owner", "Owner"
    MSP = "msp", "MSP"
    TAG = "tag", "Tag"
    TENANT = "tenant", "Specific tenant"
    OWN_TENANT = "own_tenant", "User's tenant"


class TenantScope(models.Model):
    """The columns of a tenant scope; what they mean stands in `tenancy.scopes` alone."""

    scope = models.CharField(max_length=10, choices=TenantScopeKind.choices)
    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, blank=True, related_name="+")
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="+")
    include_children = models.BooleanField(default=False)

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                name="%(class)s_tenant_scope_fits",
                condition=(
                    Q(scope="owner", tenant=None, tag=None, include_children=False)
                    | Q(scope="msp", tenant__isnull=False, tag=None, include_children=False)
                    | Q(scope="tag", tenant=None, tag__isnull=False, include_children=False)
                    | Q(scope="tenant", tenant__isnull=False, tag=None)
                    | Q(scope="own_tenant", tenant=None, tag=None)
                ),
            ),
        )


class TenantPreferences(models.Model):
    """What a tenant chose for itself and all below it; what is empty, the nearest tenant above that chose says."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="+")
    time_zone = models.CharField(max_length=60, blank=True, default="")
    invitation_days = models.PositiveSmallIntegerField(null=True, blank=True)
    support = models.CharField("Support contact", max_length=200, blank=True, default="", validators=(one_line,))

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="tenantpreferences_days_of_an_invitation",
                condition=Q(invitation_days=None) | Q(invitation_days__gte=1, invitation_days__lte=30),
            ),
        )

    def __str__(self) -> str:
        return f"preferences of {self.tenant_id}"


class Branding(models.Model):
    """How mail to the people of a tenant, and of all below it, looks; the nearest tenant with a name decides."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="+")
    name = models.CharField(max_length=60, blank=True, default="", validators=(one_line,))
    color = models.CharField("Accent colour", max_length=7, blank=True, default="", validators=(hex_color,))
    footer = models.TextField(max_length=500, blank=True, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="branding_color_is_one", condition=Q(color="") | Q(color__regex=r"^#[0-9a-f]{6}$")
            ),
        )

    def __str__(self) -> str:
        return f"branding of {self.tenant_id}"
