"""The only authentication backend (design 4): who may sign in, and what `has_perm` says."""

from __future__ import annotations

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User, normal_email
from immyrbac.statements import Statement
from rbac.access import access_for
from rbac.permissions import Permission

AnyUser = AbstractBaseUser | AnonymousUser


@cache
def _able_to_act() -> Statement:
    rows = User.objects.able_to_act().select_related("tenant").filter(pk=-1).order_by()
    return Statement(rows, planned_once=True)


class AccessBackend(AuthenticationBackend):
    """Loads only users who may act now, so that a session dies with its account; permissions are `rbac.access`'s."""

    def authenticate(  # type: ignore[override]  # allauth's signature, which names the address as well
        self,
        request: HttpRequest | None,  # noqa: ARG002  Django's signature
        *,
        email: str = "",
        password: str | None = None,
        **_other: Any,
    ) -> User | None:
        """By e-mail and password. Whatever is wrong: one query, and one password is hashed (safety 21).

        Who may not act is not looked at any further. The address is `User.email` and no other.
        """
        user = User.objects.able_to_act().select_related("tenant").filter(email=normal_email(email)).first()
        return user if (user or User()).check_password(password) else None

    def get_user(self, user_id: int) -> User | None:
        found: list[User] = _able_to_act().objects({-1: user_id})
        return found[0] if found else None

    def user_can_authenticate(self, user: AnyUser | None) -> bool:
        return isinstance(user, User) and User.objects.able_to_act().filter(pk=user.pk).exists()

    def has_perm(self, user_obj: AnyUser, perm: str, obj: Model | None = None) -> bool:
        access = access_for(user_obj if isinstance(user_obj, User) else AnonymousUser())
        return access.holds(perm) if obj is None else access.can(perm, obj)

    def get_user_permissions(self, user_obj: AnyUser, obj: Model | None = None) -> set[str]:
        return {permission.value for permission in Permission if self.has_perm(user_obj, permission, obj)}

    def get_group_permissions(self, user_obj: AnyUser, obj: Model | None = None) -> set[str]:  # noqa: ARG002  ours have none apart
        return set()

    def get_all_permissions(self, user_obj: AnyUser, obj: Model | None = None) -> set[str]:
        return self.get_user_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: AnyUser, app_label: str) -> bool:  # noqa: ARG002  apps are no permissions
        return False

    def with_perm(self, perm: Any, *_options: Any, **_more: Any) -> Any:
        """Refused: whom a permission reaches depends on an object; `rbac.access.who_can` answers that."""
        raise TypeError(f"Ask rbac.access.who_can for {perm}.")
