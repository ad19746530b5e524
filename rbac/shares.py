"""Shares as everything reads them: of one library item, one permission for one user (design 3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Case, CharField, DateTimeField, Func, Model, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from accounts.models import User
from computers.models import LibraryItem
from computers.scopes import AllScope
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.models import SHARES, Effect, Share, ShareQuerySet
from rbac.permissions import Permission
from rbac.regions import Item, Region
from tenancy.scopes import OwnerScope, SingleScope

ITEMS: dict[str, type[LibraryItem]] = {str(model._meta.model_name): model for model in SHARES}
"""The kinds of library items by the name that a query gives them."""

SHARE = "share"
"""The kind of scope of a share: one item."""

_NUMBER, _TEXT, _MOMENT = (Cast(Value(None), field) for field in (BigIntegerField(), CharField(), DateTimeField()))


def shareable(model: type[Model]) -> tuple[Permission, ...]:
    """What may be shared of one such item alone; nothing of most models."""
    return tuple(Permission(codename) for codename, _ in model._meta.permissions) if model in SHARES else ()


def region_of(model: type[LibraryItem], pk: int, tenant_id: int | None) -> Region:
    """One item, as what contains its owner contains it; what belongs to no tenant takes scope *owner*."""
    owner = OwnerScope() if tenant_id is None else SingleScope(tenant_id)
    return Region.of(owner, AllScope(), Item(model, pk))


def as_assignments(model: type[LibraryItem], account: Sequence[Any], at: datetime | None) -> QuerySet[Share, Any]:
    """Each live share as an assignment of one permission on the item's owner would be read; then which item it is."""
    codenames = Func("permission__codename", template="ARRAY[%(expressions)s]", output_field=ArrayField(CharField()))
    own = ("pk", _NUMBER, Value("allow"), _NUMBER, _TEXT, codenames, "expires_at", _MOMENT)
    scope = Case(When(content_object__tenant=None, then=Value("owner")), default=Value("tenant"))
    tenants = (scope, "content_object__tenant_id", _NUMBER, Value(False))
    computers = (Value("all"), _NUMBER, _NUMBER, _TEXT)
    item = (Value(model._meta.model_name), "content_object_id")
    return SHARES[model].objects.live(at).order_by().values_list(*own, *account, *tenants, *computers, *item)


def _each(narrow: Callable[[ShareQuerySet], ShareQuerySet], *columns: str) -> QuerySet[Any, Any]:
    """Of every kind of item, with the kind's name behind the columns."""
    first, *others = (
        narrow(table.objects.order_by()).values_list(*columns, Value(model._meta.model_name))
        for model, table in SHARES.items()
    )
    return first.union(*others, all=True)


class Shared(NamedTuple):
    """One unended, unexpired share in the terms of the gate."""

    user_id: int
    permission: Permission
    expires_at: datetime | None
    region: Region


def shared_with(users: Collection[int]) -> list[Shared]:
    """All that is shared with these users now. One query."""
    found = _live_shares().rows({-1: sorted(users)}) if users else ()
    return [
        Shared(user_id, Permission(codename), ends, region_of(ITEMS[kind], pk, tenant_id))
        for user_id, codename, ends, pk, tenant_id, kind in found
    ]


@cache
def _live_shares() -> Statement:
    columns = ("user_id", "permission__codename", "expires_at", "content_object_id", "content_object__tenant_id")
    return Statement(_each(lambda rows: rows.live().filter(any_of("user_id", [-1])), *columns), planned_once=True)


def places_shared(user: User) -> set[int | None]:
    """The owners of what is shared with the user and has not ended; None is the instance. One query."""
    rows = _each(lambda found: found.unended().filter(user=user), "content_object__tenant_id")
    return {owner for owner, _ in rows}


def users_with_shares(users: Collection[int]) -> set[int]:
    """Those of these users of whom some share has not ended, expired or not. One query."""
    return {user_id for user_id, _ in _each(lambda found: found.unended().filter(any_of("user_id", users)), "user_id")}


def users_sharing(permissions: Iterable[Permission]) -> set[int]:
    """Whom one of these is shared with now, on whatever item. One query, none where nobody could share them."""
    return {user_id for user_id, _ in _of_each(permissions, None, "user_id")}


def shares_in_rows(permissions: Iterable[Permission], at: datetime | None) -> list[tuple[Any, ...]]:
    """Live shares as `rbac.flows` reads rows of assignments, each on its item's tenant, numbered below zero.

    Without those of the instance, whose items stand nowhere. One query, none where nobody could share them.
    """
    columns = ("pk", "user_id", "permission__codename", "content_object__tenant_id")
    scope = ("tenant", None, False, "all", None, None, None)
    return [
        (-pk, user, None, Effect.ALLOW, 0, None, frozenset([codename]), "A share", None, scope[0], owner, *scope[1:])
        for pk, user, codename, owner, _ in _of_each(permissions, at, *columns)
        if owner is not None
    ]


def _of_each(permissions: Iterable[Permission], at: datetime | None, *columns: str) -> Iterable[tuple[Any, ...]]:
    wanted = [each for each in permissions if any(each in shareable(model) for model in SHARES)]
    rows = _each(lambda found: found.live(at).filter(Q(permission__codename__in=wanted)), *columns)
    found: Iterable[tuple[Any, ...]] = rows if wanted else ()
    return found


def shares_on(obj: object, permission: str) -> list[Share]:
    """The unended shares of this permission on this item, with who gave them. One query; none of other things."""
    if not isinstance(obj, LibraryItem) or permission not in shareable(type(obj)):
        return []
    rows = SHARES[type(obj)].objects.unended().of(obj.pk, permission)
    return list(rows.select_related("user__tenant", "shared_by").order_by("pk"))
