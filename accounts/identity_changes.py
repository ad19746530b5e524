"""How people link their own account with a provider of single sign-on, and unlink it.

That they just proved who they are, the views ask. Both pass the gate: a usable owner must remain (design 6, rule 6).
"""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.factor_changes import Overtaken
from accounts.models import Identity, IdentityProvider, User
from accounts.oidc import Claims
from rbac.audit import Actor
from rbac.delegation import act
from rbac.notices import tell_owner


def link_identity(*, actor: Actor, provider: IdentityProvider, claims: Claims) -> Identity:
    """From now on this subject of the provider signs the actor in. Raises ValidationError, which says why not.

    Never by the address alone: whoever owns the account is signed in to it, and came back from the provider. Both
    addresses must be of an allowed domain, the account's and the one that the provider vouches for.
    """
    user = _own(actor)
    with act(actor, "identity.linked", target=user, tenant=user.tenant_id) as gate:
        user = _locked(user)
        found = IdentityProvider.objects.open_to(user).filter(pk=provider.pk).first()
        if found is None:
            raise Overtaken
        if not found.allows(claims.email):
            raise ValidationError(f"{found} has to vouch for an e-mail of {' or '.join(found.domains)}.")
        if found.identities.filter(user=user).exists():
            raise ValidationError("Your account is linked there already. Unlink that one first.")
        if found.identities.filter(subject=claims.subject).exists():
            raise ValidationError("This sign-in belongs to another account here.")
        identity = Identity.objects.create(provider=found, subject=claims.subject, user=user)
        said = {"provider": found.name, "issuer": found.issuer, "subject": claims.subject}
        gate.record(target=user, tenant=user.tenant_id, after=said)
        gate.then(tell_owner)
    return identity


def unlink_identity(*, actor: Actor, pk: int) -> None:
    """This one no longer signs the actor in; sessions that came by it are out at their next request."""
    user = _own(actor)
    with act(actor, "identity.unlinked", target=user, tenant=user.tenant_id) as gate:
        user = _locked(user)
        identity = user.identities.select_related("provider").filter(pk=pk).first()
        if identity is None:
            raise Overtaken
        said = {"provider": identity.provider.name, "issuer": identity.provider.issuer, "subject": identity.subject}
        identity.delete()
        gate.record(target=user, tenant=user.tenant_id, before=said)
        gate.then(tell_owner)


def _own(actor: Actor) -> User:
    if actor.user is None:
        raise ValueError("An identity is somebody's.")
    return actor.user


def _locked(user: User) -> User:
    return User.objects.select_related("tenant").select_for_update(of=("self",), no_key=True).get(pk=user.pk)
