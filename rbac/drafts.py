"""Assignments before they are given: what no actor could give, what they name, and how audit describes them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from computers.scopes import AllScope
from immyrbac.words import date
from rbac.grants import SCOPE_COLUMNS
from rbac.models import Effect, RoleAssignment, RoleAssignmentQuerySet
from rbac.power import reaches_of_draft
from rbac.regions import Estate, Region, contains
from rbac.sentences import SENTENCE_RELATIONS, plain, sentence
from tenancy.models import TenantScopeKind
from tenancy.scopes import owned_region


def check_draft(draft: RoleAssignment, estate: Estate | None = None) -> None:
    """Raise ValidationError beside the field for what nobody could give; the database holds the same (design 8).

    Of several drafts, `estate` has learned `compared(draft)` of each.
    """
    if draft.role.deny_only and draft.effect != Effect.DENY:
        raise ValidationError({"role": "This role is for denying only."})
    if draft.user is not None and draft.user.removed_at is not None:
        raise ValidationError("This person was removed.")
    if draft.scope == TenantScopeKind.MSP and draft.tenant is not None and not draft.tenant.is_msp:
        raise ValidationError({"tenant": f"{draft.tenant} is not an MSP."})
    now = timezone.now()
    if draft.expires_at is not None and draft.expires_at <= max(draft.starts_at or now, now):
        raise ValidationError({"expires_at": "It has to end later than it starts, and later than now."})
    if not role_fits(draft, estate):
        raise ValidationError({"role": f"This role belongs to {draft.role.tenant}: choose a scope within it."})
    draft.clean_fields(exclude=("granted_by", "user", "group", *SENTENCE_RELATIONS))  # these are rows that were read


def handed(row: RoleAssignment, to: User, reason: str) -> RoleAssignment:
    """The same assignment for somebody else, unsaved: from now, or from its start where that is still to come.

    Reads what the sentence of the row does; *User's tenant* becomes theirs.
    """
    same = {name: getattr(row, name) for name in (*SENTENCE_RELATIONS, *_WHERE)}
    starts = row.starts_at if row.starts_at is not None and row.starts_at > timezone.now() else None
    return RoleAssignment(
        user=to, effect=row.effect, starts_at=starts, expires_at=row.expires_at, reason=reason, **same
    )


_WHERE = ("scope", "include_children", "computer_scope", "computer_type")


def role_fits(draft: RoleAssignment, estate: Estate | None = None) -> bool:
    """Whether the role's owner with all below contains the draft's scope (design 3, "Objects")."""
    regions = compared(draft)
    if not regions:
        return True
    if estate is None:
        estate = Estate()
        estate.learn(regions)
    outer, *inner = regions
    return all(contains(outer, region, estate) for region in inner)


def compared(draft: RoleAssignment) -> list[Region]:
    """What the role's owner reaches, and then what has to lie within; nothing of a role that fits anywhere."""
    if draft.role.tenant_id is None:
        return []
    outer = Region.of(owned_region(draft.role.tenant_id), AllScope())
    return [outer, *{reach.region for reach in reaches_of_draft(draft)}]


def twins(draft: RoleAssignment) -> RoleAssignmentQuerySet:
    """Unended assignments that differ from the draft in their bounds at most; there is never more than one."""
    own = ("user_id", "group_id", "role_id", "effect")
    same = Q()
    for column in (*own, *SCOPE_COLUMNS):
        value = getattr(draft, column)
        same &= Q(**{f"{column}__isnull": True}) if value is None else Q(**{column: value})
    return RoleAssignment.objects.unended().filter(same)


def make_room(draft: RoleAssignment) -> list[dict[str, Any]]:
    """End an expired twin as `lapsed`, and describe it for audit.

    A live one is a ValidationError, so that a double submit makes one thing.
    """
    alike = twins(draft)
    if not alike.exists():  # mostly there is none, and its names need no look
        return []
    lapsed = _lapse(alike)
    live = alike.first()
    if live is not None:
        until = f" until {date(live.expires_at)}" if live.expires_at else ""
        raise ValidationError(f"{draft.user or draft.group} has exactly this already{until}.")
    return lapsed


def lapse_expired(**named: int) -> list[dict[str, Any]]:
    """End what names this group, tag or role and expired: it reaches nobody, and would keep what it names in use.

    Describes what ended, for audit.
    """
    return _lapse(RoleAssignment.objects.unended().filter(**named))


def _lapse(rows: RoleAssignmentQuerySet) -> list[dict[str, Any]]:
    over = list(rows.filter(expires_at__lte=Now()).select_related("user", "group", *SENTENCE_RELATIONS).order_by("pk"))
    RoleAssignment.objects.filter(pk__in=[row.pk for row in over]).update(ended_at=Now(), end_reason="lapsed")
    return [described(row) for row in over]


def tenants_named(row: RoleAssignment) -> set[int | None]:
    """The tenants that the assignment names, for the place of its audit entry; None where it names the instance."""
    principal = row.user or row.group
    named = {principal.tenant_id if principal else None}
    if row.scope == TenantScopeKind.OWNER:
        named.add(None)
    if row.tenant is not None:
        named.add(row.tenant.pk)
    if row.computer is not None:
        named.add(row.computer.tenant_id)
    return named | {tag.tenant_id for tag in (row.tag, row.computer_tag) if tag is not None}


def described(row: RoleAssignment) -> dict[str, Any]:
    """The assignment in its own terms, for audit."""
    return {
        "id": row.pk,
        "principal": str(row.user or row.group),
        "sentence": plain(sentence(row)),
        "role": str(row.role),
        "effect": row.effect,
        **{column: getattr(row, column) for column in SCOPE_COLUMNS},
        "starts_at": row.starts_at,
        "expires_at": row.expires_at,
    }
