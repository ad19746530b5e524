"""What an invitation offers, as whoever sends it, mails it and accepts it asks the rules about it (design 6).

Somebody who has no account yet is a person without a number: what they would hold is what the rows would add.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from accounts.models import Group, Invitation, User, normal_email
from accounts.opening import check_account
from computers.models import Computer, ComputerScopeKind
from immyrbac.words import Status, counted, lifetime, listed
from rbac.access import Access, access_for
from rbac.drafts import check_draft, compared
from rbac.grants import SCOPE_COLUMNS
from rbac.judgement import Judge
from rbac.models import Effect, PendingAssignment, Role, RoleAssignment
from rbac.objects import KINDS
from rbac.offers import to_change_members
from rbac.permissions import Permission
from rbac.power import Person, Reach, reaches_joining, reaches_of_draft
from rbac.previews import Passage, judged, passage_of
from rbac.regions import Estate, Region
from rbac.sentences import SENTENCE_RELATIONS, plain, sentence
from tenancy.models import Tag, Tenant, TenantScopeKind

Draft = RoleAssignment
"""An assignment that is put together, and not given."""

NOTHING_THERE = "Something that it offers is no longer there."
_COPIED = (*SCOPE_COLUMNS, "starts_at", "expires_at")


@dataclass(frozen=True)
class Offer:
    """What somebody is invited to. `newcomer` is unsaved and says address, name, home and end; so are the drafts."""

    newcomer: User
    drafts: tuple[RoleAssignment, ...]
    groups: tuple[Group, ...] = ()
    reason: str = ""
    message: str = ""

    def __post_init__(self) -> None:
        self.newcomer.email = normal_email(self.newcomer.email)
        for draft in self.drafts:
            draft.user, draft.group, draft.reason = self.newcomer, None, self.reason

    @property
    def tenant(self) -> Tenant:
        return self.newcomer.tenant

    @property
    def sentences(self) -> list[str]:
        return [plain(sentence(draft)) for draft in self.drafts]


def offer_of(invitation: Invitation) -> Offer:
    """What it offers now; what has expired since is left out. Three queries."""
    rows = PendingAssignment.objects.filter(invitation=invitation).select_related(*SENTENCE_RELATIONS).order_by("pk")
    now = timezone.now()
    newcomer = User(
        email=invitation.email,
        name=invitation.name,
        tenant=invitation.tenant,
        access_expires_at=invitation.access_expires_at,
    )
    drafts = tuple(_draft(row) for row in rows if row.expires_at is None or row.expires_at > now)
    groups = tuple(invitation.groups.select_related("tenant").order_by("name", "pk"))
    return Offer(newcomer, drafts, groups, invitation.reason, invitation.message)


def _draft(row: PendingAssignment) -> RoleAssignment:
    draft = RoleAssignment(effect=Effect.ALLOW, **{name: getattr(row, name) for name in _COPIED})
    for name in SENTENCE_RELATIONS:
        setattr(draft, name, getattr(row, name))
    return draft


def pending_of(invitation: Invitation, draft: RoleAssignment) -> PendingAssignment:
    """The row that keeps a draft until the invitation is accepted; unsaved."""
    columns = {name: getattr(draft, name) for name in _COPIED}
    return PendingAssignment(invitation=invitation, role=draft.role, **columns)


def draft_at_home(role: Role, *, children: bool) -> RoleAssignment:
    """The role on all computers of the newcomer's own tenant; unsaved."""
    scope = TenantScopeKind.OWN_TENANT
    return RoleAssignment(
        role=role, effect=Effect.ALLOW, scope=scope, include_children=children, computer_scope=ComputerScopeKind.ALL
    )


def roles_to_give(access: Access) -> QuerySet[Role]:
    """Of two of one name the tenant's own comes last."""
    rows: QuerySet[Role] = access.seen(Role).filter(deny_only=False)
    return rows.order_by(F("tenant").asc(nulls_first=True), "pk")


# What speaks against it


def check_offer(offer: Offer) -> None:
    """Raise ValidationError beside the field for what nobody could offer."""
    check_account(offer.newcomer, nameless=not offer.newcomer.name)
    ends = offer.newcomer.access_expires_at
    if ends is not None and ends <= timezone.now():
        raise ValidationError({"access_expires_at": "This has passed. Choose a later moment, or leave it empty."})
    seen, estate = set(), Estate()
    estate.learn(region for draft in offer.drafts for region in compared(draft))
    for draft in offer.drafts:
        if draft.effect != Effect.ALLOW:
            raise ValidationError({"role": "An invitation gives; it cannot deny."})
        check_draft(draft, estate)
        twin = (draft.role_id, *(getattr(draft, name) for name in SCOPE_COLUMNS))
        if twin in seen:
            raise ValidationError({"role": "This is among what they get already."})
        seen.add(twin)
    for group in offer.groups:
        if group.tenant_id is not None and group.tenant_id not in offer.tenant.path:
            raise ValidationError({"group": f"{group} takes only people of {group.tenant} and of tenants below it."})


def reaches_of_offer(offer: Offer) -> list[Reach]:
    """All that would reach the newcomer, by what is given and through groups."""
    own = [reach for draft in offer.drafts for reach in reaches_of_draft(draft)]
    joins = ((group.pk, Person(None), offer.newcomer.tenant_id, None) for group in offer.groups)
    return [*own, *reaches_joining(joins)]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the newcomer would hold, and on how many tenants and computers of those that the reader may see."""

    passage: Passage
    tenants: int
    computers: int


def preview_invitation(access: Access, offer: Offer) -> Arrival:
    """What the invitation would do, and what the gate would say to this actor. Takes no lock."""
    reaches = reaches_of_offer(offer)
    gaining = [reach for reach in reaches if reach.allows and reach.permissions]
    tenants = access.scope(Tenant, Tenant.VIEW).filter(_rows(gaining, Tenant)) if gaining else Tenant.objects.none()
    seen = access.scope(Computer, Computer.VIEW)
    computers = seen.filter(_rows(gaining, Computer), deleted_at=None) if gaining else Computer.objects.none()
    return Arrival(_passage(access, offer, reaches), tenants.count(), computers.count())


def passage_of_invitation(access: Access, offer: Offer) -> Passage:
    """The same without how far it reaches, which counts tenants and computers."""
    return _passage(access, offer, reaches_of_offer(offer))


def _passage(access: Access, offer: Offer, reaches: list[Reach]) -> Passage:
    judge = Judge(access)
    judge.learn(reaches)
    judge.granted(reach for draft in offer.drafts for reach in reaches_of_draft(draft))
    change = judged(judge, [], reaches)
    for objection in _doors(access, offer):
        judge.object(objection)
    return passage_of(judge, change, reaches)


def _doors(access: Access, offer: Offer) -> Iterator[str]:
    """What the act takes besides what it makes different."""
    if not access.can(Permission.USERS_MANAGE, offer.tenant):
        yield f"This takes {Permission.USERS_MANAGE.label} on {offer.tenant}."
    access.know(group.tenant for group in offer.groups if group.tenant is not None)
    for permission, place in map(to_change_members, offer.groups):
        if not access.can(permission, place):
            yield f"This takes {permission.label} on {place}."
    named = [getattr(draft, name) for draft in offer.drafts for name in ("role", "tag", "computer_tag")]
    if any(each.removed_at is not None for each in (*offer.groups, *named) if each is not None):
        yield NOTHING_THERE


def _rows(reaches: list[Reach], model: type[Tenant | Computer]) -> Q:
    return reduce(or_, (_region_rows(reach.region, model) for reach in reaches))


def _region_rows(region: Region, model: type[Tenant | Computer]) -> Q:
    """A reach has one scope of each."""
    rows = region.tenants[0].rows(KINDS[model].columns)
    return rows & region.computers[0].rows() if model is Computer else rows


# How it stands


def find_invitation(**named: object) -> Invitation | None:
    """The invitation so named, with its tenant and sender, however it stands: for whoever holds its link."""
    return Invitation.objects.select_related("tenant", "invited_by__tenant").filter(**named).first()


def is_backed(invitation: Invitation) -> bool:
    """Whether whoever sent it could send it now (safety 18)."""
    offer = offer_of(invitation)
    try:
        check_offer(offer)
    except ValidationError:
        return False
    return not passage_of_invitation(access_for(invitation.invited_by), offer).objections


def state_of(invitation: Invitation, at: datetime | None = None) -> str:
    """accepted, revoked, expired or pending, at the instant; whoever decides by it says which."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    ends = [invitation.expires_at, *filter(None, [invitation.access_expires_at])]
    return "expired" if min(ends) <= (at or timezone.now()) else "pending"


_STATUS = {
    "accepted": Status("live", "Accepted"),
    "revoked": Status("off", "Revoked"),
    "expired": Status("ended", "Expired"),
}


def status_of(invitation: Invitation) -> Status:
    """As a list shows it: what still waits is a ring, or half a dot on its last day."""
    state = state_of(invitation)
    if state != "pending":
        return _STATUS[state]
    left = lifetime(timezone.now(), None, invitation.expires_at)
    return Status("new", "Invited") if left.kind == "live" or "day" in left.words else left


def offers_seen(access: Access, invitation: Invitation) -> tuple[list[str], bool]:
    """What it offers, as far as the reader may see where it counts; and whether there is more (design 3, "Objects")."""
    offer, estate = offer_of(invitation), Estate()
    reaches = [reaches_of_draft(draft) for draft in offer.drafts]
    estate.learn({grant.region for grant in access.grants} | {reach.region for held in reaches for reach in held})
    known = set(access.seen(Group).filter(pk__in=[group.pk for group in offer.groups]).values_list("pk", flat=True))
    shown = [
        words
        for words, held in zip(offer.sentences, reaches, strict=True)
        if all(access.covers(Permission.USERS_VIEW, reach.region, estate) for reach in held)
    ]
    groups = [f"Member of {group}" for group in offer.groups if group.pk in known]
    return [*shown, *groups], len(shown) + len(groups) < len(offer.drafts) + len(offer.groups)


def offering(access: Access, thing: Group | Role | Tag) -> str:
    """Which invitations offer it that can still be accepted, in words; empty where none does. At most two queries."""
    offers = Q(assignments__tag=thing.pk) | Q(assignments__computer_tag=thing.pk)
    match thing:
        case Group():
            offers = Q(groups=thing.pk)
        case Role():
            offers = Q(assignments__role=thing.pk)
    rows = Invitation.objects.pending().filter(offers).order_by().values("pk")
    every = Invitation.objects.filter(pk__in=rows).count()
    if not every:
        return ""
    seen = access.seen(Invitation).filter(pk__in=rows).count()
    told_apart = ((seen, counted(seen, "open invitation")), (every - seen, "invitations outside your view"))
    which = listed([words for number, words in told_apart if number])
    return f"{capfirst(which)} {'offers' if every == seen == 1 else 'offer'} it. Whoever accepts is refused."


def told(offer: Offer, gained: list[Permission]) -> dict[str, Any]:
    """The offer in its own terms, for audit, with what was shown before it was sent."""
    return {
        "email": offer.newcomer.email,
        "tenant": str(offer.tenant),
        "access_expires_at": offer.newcomer.access_expires_at,
        "offers": offer.sentences,
        "into": [str(group) for group in offer.groups],
        "gains": [permission.value for permission in gained],
    }
