"""Who can act as owner of the instance: there must always be somebody (design 6, rule 6)."""

from __future__ import annotations

from functools import cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import GroupMembership, Identity, User
from accounts.models.users import HAS_PASSWORD
from computers.models import ComputerScopeKind
from immyrbac.statements import Statement
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission
from tenancy.models import TenantScopeKind

OWNER_ROLE = "msp_administrator"


def usable_owners() -> QuerySet[User]:
    """Users with a direct, started, endless allow of the owners' role over everything, whom nothing keeps from it."""
    owning = RoleAssignment.objects.live().filter(
        user=OuterRef("pk"),
        role__key=OWNER_ROLE,
        effect=Effect.ALLOW,
        scope=TenantScopeKind.OWNER,
        computer_scope=ComputerScopeKind.ALL,
        expires_at=None,
    )
    groups = GroupMembership.objects.unended().filter(user=OuterRef(OuterRef("pk"))).values("group")
    # That role holds every permission, so any deny takes some of it.
    denied = RoleAssignment.objects.unended().filter(
        Q(user=OuterRef("pk")) | Q(group__in=groups),
        effect=Effect.DENY,
        role__permissions__overlap=Permission.values,
    )
    linked = Identity.objects.standing().order_by().filter(user=OuterRef("pk"))
    return User.objects.filter(
        HAS_PASSWORD | Exists(linked),
        Exists(owning),
        ~Exists(denied),
        access_expires_at=None,
        is_active=True,
        removed_at=None,
        tenant__is_active=True,
        tenant__is_msp=True,
    )


def has_usable_owner() -> bool:
    """Whether there is one. Every guarded act asks twice, so the query, dear to compose, is composed once."""
    return bool(_first_usable_owner().rows({}))


@cache
def _first_usable_owner() -> Statement:
    return Statement(usable_owners().order_by().values_list("pk")[:1], planned_once=True)
