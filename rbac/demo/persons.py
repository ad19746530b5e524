"""The people of the demo world who use computers: made of whom and what the world holds once it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from accounts.models import Person, User
from computers.models import Computer, ComputerPerson, ComputerType
from tenancy.models import Tenant

EACH = 8
"""So many people with an account use computers at each tenant."""

WITHOUT_ACCOUNT = {
    "fabrikam": ("Mara Lindgren", "Otto Brandt", "Salma Idrissi"),
    "fabrikam-logistics": ("Piet de Vries",),
    "litware": ("Noor Haddad", "Viktor Lind"),
    "northwind": ("Ines Carvalho",),
}


def write_people() -> None:
    """Some of the users of each tenant, and who has no account; most at a computer of their own."""
    Person.objects.bulk_create([*_with_account(), *_without_account()])
    ComputerPerson.objects.bulk_create(_at_their_computers())


def _with_account() -> Iterator[Person]:
    rows = User.objects.present().order_by("tenant_id", "pk")
    for tenant, users in groupby(rows, lambda user: user.tenant_id):
        logins = set[str]()
        for _, user in zip(range(EACH), users, strict=False):
            login = _login(user.name)
            yield Person(
                name=user.name,
                email=user.email,
                login="" if login in logins else login,
                tenant_id=tenant,
                user=user,
            )
            logins.add(login)


def _without_account() -> Iterator[Person]:
    tenants = dict(Tenant.objects.values_list("slug", "pk"))
    for slug, names in WITHOUT_ACCOUNT.items():
        if slug in tenants:
            yield from (Person(name=name, login=f"x-{_login(name)}", tenant_id=tenants[slug]) for name in names)


def _at_their_computers() -> Iterator[ComputerPerson]:
    """Each has a portable or workstation of their own, and every third shares the one before as well."""
    people: dict[int, list[Person]] = {}
    for person in Person.objects.order_by("pk"):
        people.setdefault(person.tenant_id, []).append(person)
    desks = Computer.objects.live().filter(type__in=(ComputerType.PORTABLE, ComputerType.WORKSTATION))
    for tenant, here in people.items():
        before = None
        for number, (person, computer) in enumerate(
            zip(here, desks.filter(tenant=tenant).order_by("name", "pk"), strict=False)
        ):
            yield ComputerPerson(computer=computer, person=person, is_primary=True)
            if before and number % 3 == 0:
                yield ComputerPerson(computer=before, person=person)
            before = computer


def _login(name: str) -> str:
    """As their computers know them: mlindgren."""
    first, *_, last = name.lower().split()
    return f"{first[0]}{last}"
