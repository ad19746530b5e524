"""Providers of single sign-on: a tenant's, for its people and those of all tenants below it (design 6).

Whoever sets one up manages users everywhere it reaches. It signs nobody in before they link themselves, so that making
one gives nothing; what changes it for those who are linked is an act on their accounts (rule 4).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError

from accounts.identities import drop_identities
from accounts.models import Identity, IdentityProvider, User
from accounts.sessions import end_sessions
from computers.scopes import AllScope
from immyrbac.sealing import seal
from immyrbac.versions import check_version
from rbac.access import Access
from rbac.audit import Actor
from rbac.delegation import Gate, Refused, act
from rbac.notices import tell_owner
from rbac.permissions import Permission
from rbac.regions import Region
from tenancy.models import Tenant
from tenancy.scopes import owned_region


def may_manage(access: Access, tenant: Tenant) -> bool:
    """Whether they manage users of the tenant and of all tenants below it, now and to come."""
    return access.covers(Permission.USERS_MANAGE, Region.of(owned_region(tenant.pk), AllScope()))


def create_provider(
    *, actor: Actor, tenant: Tenant, name: str, issuer: str, client_id: str, secret: str, domains: Sequence[str]
) -> IdentityProvider:
    """A provider that is on at once; nobody is linked with it."""
    with act(actor, "identity_provider.created", label=name, tenant=tenant.pk) as gate:
        tenant = gate.lock(tenant)
        _require(gate, tenant)
        provider = IdentityProvider(
            tenant=tenant,
            name=name.strip(),
            issuer=issuer.strip(),
            client_id=client_id.strip(),
            sealed=seal(secret),
            domains=list(domains),
            key=secrets.token_urlsafe(32),
        )
        provider.full_clean(exclude=("sealed", "key"))
        provider.save()
        gate.keeping(provider)
        gate.record(target=provider, tenant=tenant.pk, after=_described(provider))
    return provider


def values_of(provider: IdentityProvider) -> dict[str, object]:
    """What a form about it shows, for its version."""
    return {"name": provider.name, "client_id": provider.client_id, "domains": provider.domains}


def edit_provider(
    *,
    actor: Actor,
    provider: IdentityProvider,
    name: str,
    client_id: str,
    domains: Sequence[str],
    secret: str = "",
    version: str | None = None,
) -> IdentityProvider:
    """What we call it, how it knows us, and whose addresses it serves. Without a secret the one that it has stays.

    The issuer never changes: whoever is linked trusts that one. `version` is that of the values the actor was shown.
    """
    with act(actor, "identity_provider.edited", target=provider, tenant=provider.tenant_id) as gate:
        provider = _locked(gate, provider)
        said = {"name": name.strip(), "client_id": client_id.strip(), "domains": list(domains)}
        check_version(version, values_of(provider), said)
        before = _described(provider)
        if secret or any(said[key] != values_of(provider)[key] for key in ("client_id", "domains")):
            gate.covering(_linked(provider), as_long=True)
        provider.name, provider.client_id, provider.domains = name.strip(), client_id.strip(), list(domains)
        provider.sealed = seal(secret) if secret else provider.sealed
        provider.full_clean(exclude=("sealed", "key"))
        provider.save(update_fields=("name", "client_id", "domains", "sealed"))
        after = _described(provider) | ({"credentials": "replaced"} if secret else {})
        gate.record(target=provider, tenant=provider.tenant_id, before=before, after=after)
    return provider


def activate_provider(*, actor: Actor, provider: IdentityProvider) -> None:
    """It signs in again whoever is linked: an act on each of their accounts, so the actor covers them as long."""
    with act(actor, "identity_provider.activated", target=provider, tenant=provider.tenant_id) as gate:
        provider = _locked(gate, provider)
        gate.covering(_linked(provider), as_long=True)
        _switch(gate, provider, active=True)


def deactivate_provider(*, actor: Actor, provider: IdentityProvider, reason: str) -> None:
    """It signs nobody in, and who came in by it is out at their next request. They stay linked."""
    with act(actor, "identity_provider.deactivated", target=provider, tenant=provider.tenant_id) as gate:
        provider = _locked(gate, provider)
        gate.sending_home(_linked(provider))
        _switch(gate, provider, active=False, reason=reason)


def delete_provider(*, actor: Actor, provider: IdentityProvider, reason: str) -> None:
    """One with which nobody is linked any more."""
    with act(actor, "identity_provider.deleted", target=provider, tenant=provider.tenant_id) as gate:
        provider = _locked(gate, provider)
        if _linked(provider):
            raise ValidationError("People are linked with it. Deactivate it instead, or unlink them first.")
        number, before = provider.pk, _described(provider)
        provider.delete()
        provider.pk = number
        gate.record(target=provider, tenant=provider.tenant_id, reason=reason, before=before)


def unlink_user(*, actor: Actor, user: User, reason: str) -> None:
    """Take all single sign-ons of somebody. Their sessions end, since somebody else may have been in them.

    One's own goes by the profile, which asks for a proof first.
    """
    with act(actor, "user.identities_unlinked", target=user, tenant=user.tenant_id) as gate:
        user = gate.lock(user)
        gate.require(Permission.USERS_MANAGE, user)
        if user == actor.user:
            raise Refused(["Your own single sign-on is unlinked on your profile, where you prove who you are first."])
        gate.covering([user.pk], as_long=True)
        before = {"providers": [str(each.provider) for each in user.identities.select_related("provider")]}
        if not drop_identities([user]):
            raise ValidationError(f"{user.name} is linked with no provider.")
        after = {"sessions_ended": end_sessions([user])}
        gate.record(target=user, tenant=user.tenant_id, reason=reason, before=before, after=after)
        gate.then(tell_owner)


def _locked(gate: Gate, provider: IdentityProvider) -> IdentityProvider:
    """As it is now, if the actor may manage it."""
    provider = gate.lock(provider)
    _require(gate, provider.tenant)
    return provider


def _require(gate: Gate, tenant: Tenant) -> None:
    gate.require(Permission.USERS_MANAGE, tenant)
    if gate.access and not may_manage(gate.access, tenant):
        raise Refused([f"This takes {Permission.USERS_MANAGE.label} on {tenant} and all tenants below it."])


def _linked(provider: IdentityProvider) -> list[int]:
    return list(Identity.objects.filter(provider=provider).order_by("user").values_list("user_id", flat=True))


def _switch(gate: Gate, provider: IdentityProvider, *, active: bool, reason: str = "") -> None:
    before = {"is_active": provider.is_active}
    provider.is_active = active
    provider.save(update_fields=("is_active",))
    gate.record(target=provider, tenant=provider.tenant_id, reason=reason, before=before, after={"is_active": active})


def _described(provider: IdentityProvider) -> dict[str, Any]:
    return {
        "name": provider.name,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "domains": list(provider.domains),
        "is_active": provider.is_active,
    }
