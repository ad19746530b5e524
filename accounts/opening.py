"""The bare writes that open and close an account, and how audit describes one; the guards stand in the services."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Now

from accounts.models import Identity, User, normal_email
from tenancy.models import Tenant

TAKEN = "This address cannot be used. Choose another one."


def open_account(
    *, tenant: Tenant, email: str, name: str, access_expires_at: datetime | None, hashed: str | None = None
) -> User:
    """A new account without access; without `hashed`, a password as it is kept, nobody can sign in to it.

    Raises ValidationError beside the field.
    """
    user = User(email=normal_email(email), name=name.strip(), tenant=tenant, access_expires_at=access_expires_at)
    user.password = hashed or make_password(None)
    check_account(user)
    user.save(force_insert=True)
    return user


def check_account(user: User, *, nameless: bool = False) -> None:
    """Raises ValidationError for what no account may be, a second one of its address included."""
    user.clean_fields(exclude=("password", "name") if nameless else ("password",))
    if User.objects.filter(email=user.email).exclude(pk=user.pk).exists():
        raise ValidationError({"email": TAKEN})


def close_accounts(users: Collection[User]) -> None:
    """Remove these accounts: nobody signs in to them any more, and their addresses are free."""
    tombstone = Concat(Value("removed-"), Cast("pk", CharField()), Value("@removed.invalid"))
    Identity.objects.filter(user__in=[user.pk for user in users]).delete()
    User.objects.filter(pk__in=[user.pk for user in users]).update(
        is_active=False, removed_at=Now(), email=tombstone, password=make_password(None)
    )


def account_described(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "email": user.email,
        "tenant": str(user.tenant),
        "tenant_id": user.tenant_id,
        "access_expires_at": user.access_expires_at,
        "is_active": user.is_active,
    }
