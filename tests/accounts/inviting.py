"""Invitations as tests send and accept them, without mail."""

from typing import Any

from accounts.links import hash_token
from accounts.models import Group, Invitation, User
from rbac.audit import SYSTEM, Actor
from rbac.invitation_services import accept_invitation, invite_users
from rbac.invitations import Offer
from rbac.models import Effect, Role, RoleAssignment
from tenancy.models import Tenant
from tests.factories import PASSWORD

SITE = "https://immyrbac.test"
EMAIL = "ada@fabrikam.example"


def offer(home: Tenant, *keys: str, groups: tuple[Group, ...] = (), email: str = EMAIL, **scope: Any) -> Offer:
    """Each of these built-in roles on this scope, their own tenant unless said otherwise."""
    scope = scope or {"scope": "own_tenant"}
    drafts = tuple(RoleAssignment(role=Role.objects.get(key=key), effect=Effect.ALLOW, **scope) for key in keys)
    return Offer(User(email=email, name="Ada Berg", tenant=home), drafts, groups, "Starts on Monday")


def invite(sender: User, *offers: Offer, token: str = "sesame") -> Invitation:
    """The first of these invitations, with the link that a mail with this token would bring."""
    first = invite_users(actor=Actor(sender), offers=offers, site=SITE)[0]
    first.token_hash = hash_token(token)
    first.save(update_fields=["token_hash"])
    return first


def accept(invitation: Invitation) -> User:
    return accept_invitation(actor=SYSTEM, invitation=invitation, name="Ada Berg", password=PASSWORD)
