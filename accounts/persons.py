"""The bare writes of people who use computers, and how audit describes one; the guards stand in the services."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Person, User
from rbac.audit import named

TAKEN = {
    "email": "Somebody else at this tenant has this address.",
    "login": "Somebody else at this tenant has this name on computers.",
    "user": "This account is another person’s.",
}
NOT_AT_HOME = "An account of another tenant, or one that was removed, is nobody’s here."


def check_person(person: Person) -> None:
    """Raises ValidationError, beside its field, for what no person may be; the access lock keeps it so to the end."""
    person.clean_fields()
    account = person.user
    if account is not None and (account.tenant_id != person.tenant_id or account.removed_at is not None):
        raise ValidationError({"user": NOT_AT_HOME})
    others = Person.objects.filter(tenant=person.tenant_id).exclude(pk=person.pk)
    for field, said in TAKEN.items():
        value = getattr(person, field)
        if value and others.filter(**{field: value}).exists():
            raise ValidationError({field: said})


def values_of(person: Person) -> dict[str, object]:
    """What a form about the person shows, for its version."""
    return {"name": person.name, "email": person.email, "login": person.login, "user": person.user}


def person_described(person: Person) -> dict[str, Any]:
    account = person.user
    said: dict[str, Any] = {"name": person.name, "email": person.email, "login": person.login}
    return said | ({"account": account.name, "account_id": account.pk} if account else {})


def unlink_people(users: Collection[User]) -> dict[str, list[dict[str, Any]]]:
    """These accounts are gone from their tenants: whoever they were named of stays, without one.

    Returns them as the entry of the act names them, nothing where there are none.
    """
    rows = list(Person.objects.filter(user__in=[user.pk for user in users]).order_by("pk"))
    Person.objects.filter(pk__in=[row.pk for row in rows]).update(user=None)
    return {"persons": named(rows)} if rows else {}
