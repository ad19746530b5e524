"""django-guardian in the bench: rows for each object, in its table for every model or in one for computers alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Cast
from guardian.core import ObjectPermissionChecker
from guardian.models import UserObjectPermission
from guardian.shortcuts import get_objects_for_user

from accounts.models import User
from bench.users import Asker
from computers.models import Computer

VIEW = "view"
ACTIONS = {
    "computers:view": VIEW,
    "computers:manage": "manage",
    "computers:manage_notes": "manage_notes",
    "computers:manage_tags": "manage_tags",
    "computers:export": "export",
    "computers:delete": "delete",
    "computers:change_tenant": "change_tenant",
}
"""The product's permission, and how its codename is with guardian."""


def permissions() -> dict[str, Permission]:
    """By the product's name; made where they are not there yet."""
    kind = ContentType.objects.get_for_model(Computer)
    return {
        ours: Permission.objects.get_or_create(content_type=kind, codename=name, defaults={"name": name})[0]
        for ours, name in ACTIONS.items()
    }


def give_rows(asker: Asker) -> int:
    """What guardian needs to know about this user: a row for each computer seen, and for each deed on a first page."""
    seen = Computer.objects.filter(asker.ideals[0])
    page = Computer.objects.filter(pk__in=[*seen.live().order_by("name", "pk").values_list("pk", flat=True)[:51]])
    given = 0
    with transaction.atomic():
        for ours, permission in permissions().items():
            if ours in asker.role.permissions:
                given += _insert(asker.user, permission, seen if ours == "computers:view" else page)
    return given


def _insert(user: User, permission: Permission, computers: QuerySet[Computer]) -> int:
    for model in filter(None, (UserObjectPermission, own_table())):
        rows = computers.order_by().values_list(*_columns(model, user, permission))
        sql, parameters = rows.query.sql_with_params()
        named = "user_id, permission_id, " + (
            "object_pk, content_type_id" if _is_generic(model) else "content_object_id"
        )
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(f"INSERT INTO {model._meta.db_table} ({named}) {sql}", parameters)
            written = cursor.rowcount
    return written


def _columns(model: type[models.Model], user: User, permission: Permission) -> Sequence[Any]:
    def number(value: int) -> models.Value:
        return models.Value(value, models.BigIntegerField())

    common = number(user.pk), number(permission.pk)
    if _is_generic(model):
        return *common, Cast("pk", models.CharField()), number(permission.content_type_id)
    return *common, "pk"


def own_table() -> Any:
    """Only the bench's settings have it; its smoke test does without."""
    return apps.get_model("bench", "ComputerPermission") if apps.is_installed("bench") else None


def _is_generic(model: Any) -> bool:
    return bool(model.objects.is_generic())


@contextmanager
def by_own_table() -> Iterator[None]:
    """Here guardian asks the table for computers alone."""
    model = own_table()
    model.enabled = True
    try:
        yield
    finally:
        model.enabled = False


def prepared(user: User) -> User:
    """A copy that guardian can ask for groups of `auth`; it is in none, which spares guardian that query."""
    copy: Any = User.objects.get(pk=user.pk)
    copy.groups = Group.objects.none()
    return copy


def rows_for(user: User, source: QuerySet[Computer], codename: str = VIEW) -> QuerySet[Computer]:
    found: QuerySet[Computer] = get_objects_for_user(
        user, codename, source, use_groups=False, with_superuser=False, accept_global_perms=False
    )
    return found


def checker_of(user: User, page: Sequence[Computer]) -> ObjectPermissionChecker:
    """What knows all about these computers."""
    checker = ObjectPermissionChecker(user)
    checker.prefetch_perms(page)
    return checker
