"""Who uses which computers, as far as a reader sees both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Person
from computers.models import Computer, ComputerPerson
from rbac.access import Access


def users_of(access: Access, computer: Computer) -> list[ComputerPerson]:
    """Those whom the reader sees, the primary person first."""
    rows = ComputerPerson.objects.filter(computer=computer, person__in=access.seen(Person).order_by().values("pk"))
    return list(rows.select_related("person").order_by("-is_primary", "person__name", "pk"))


def person_of(access: Access, computer: Computer, pk: int) -> Person:
    """Somebody of the computer's tenant whom the reader sees. Raises Http404."""
    found: Person = get_object_or_404(access.seen(Person), pk=pk, tenant=computer.tenant_id)
    return found


def people_at(access: Access, computer: Computer) -> QuerySet[Person]:
    """Whom the reader sees of the tenant that the computer is in."""
    return access.seen(Person).filter(tenant=computer.tenant_id)


def candidates(access: Access, computer: Computer) -> QuerySet[Person]:
    """Who can still be named on the computer."""
    there = ComputerPerson.objects.filter(computer=computer).values("person_id")
    return access.seen(Person).filter(tenant=computer.tenant_id).exclude(pk__in=there)


def computers_of(access: Access, person: Person) -> list[tuple[Computer, bool]]:
    """Those that the reader sees, each with whether this is its primary person."""
    links = dict(ComputerPerson.objects.filter(person=person).values_list("computer_id", "is_primary"))
    rows = access.seen(Computer).filter(pk__in=links, deleted_at=None).order_by("name", "pk")
    return [(computer, links[computer.pk]) for computer in rows]


def count_computers(access: Access, people: Collection[Person]) -> Counter[int]:
    """How many computers that the reader sees each of these people uses, by their number."""
    rows = _links(access).filter(person__in=[person.pk for person in people])
    return Counter(rows.values_list("person_id", flat=True))


def uses_some(access: Access) -> Exists:
    """Of rows of people: whether they use a computer that the reader sees."""
    return Exists(_links(access).filter(person=OuterRef("pk")))


def _links(access: Access) -> QuerySet[ComputerPerson]:
    seen = access.seen(Computer).filter(deleted_at=None).order_by()
    return ComputerPerson.objects.filter(computer__in=seen.values("pk"))
