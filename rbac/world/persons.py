"""People of a document who use computers, and which computers they use. None of it gives anybody anything."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import Person
from computers.models import Computer, ComputerPerson
from rbac.world import writing
from rbac.world.directory import Directory
from rbac.world.shapes import Row, identity
from rbac.world.values import WorldError
from rbac.world.writing import Count

Known = tuple[Any, ...]


def put(directory: Directory) -> dict[str, Count]:
    people = _known(directory)
    wanted = {identity("people", row): _columns(directory, row, place) for place, row in directory.rows("people")}
    count = writing.put(Person.objects.all(), people, wanted)
    return {"people": count, "people on computers": _put_links(directory, people)}


def _columns(directory: Directory, row: Row, place: str) -> dict[str, Any]:
    tenant = directory.tenant(row["tenant"], f"{place}.tenant")
    user = None if row["user"] is None else directory.user(row["user"], f"{place}.user")
    if user is not None and user.tenant_id != tenant.pk:
        raise WorldError(f"{place}.user", f'"{user.email}" has their home outside "{row["tenant"]}"')
    said = {key: row[key] or "" for key in ("name", "email", "login")}
    return {**said, "tenant_id": tenant.pk, "user_id": user.pk if user else None}


def _known(directory: Directory) -> dict[Known, Person]:
    """Who of these is there: known by address, else by name on computers, else by name where they have neither."""
    rows = [row for _, row in directory.rows("people")]
    emails, logins, names = ({row[key] for row in rows if row[key]} for key in ("email", "login", "name"))
    found = Person.objects.filter(Q(email__in=emails) | Q(login__in=logins) | Q(email="", login="", name__in=names))
    there: dict[Known, Person] = {}
    for person in found.select_related("tenant").order_by("-pk"):
        slug = person.tenant.slug
        there |= {(slug, "email", person.email): person, (slug, "login", person.login): person}
        if not person.email and not person.login:
            there[slug, "name", person.name] = person
    return _matched(directory, there)


def _matched(directory: Directory, there: dict[Known, Person]) -> dict[Known, Person]:
    known: dict[Known, Person] = {}
    places: dict[int, str] = {}
    for place, row in directory.rows("people"):
        keys = [(row["tenant"], key, row[key]) for key in ("email", "login") if row[key]]
        person = next((there[key] for key in [*keys, identity("people", row)] if key in there), None)
        if person is not None:
            known[identity("people", row)] = person
            if (first := places.setdefault(person.pk, place)) != place:
                raise WorldError(place, f"is the same person as {first}, as they are known now")
    return known


def _put_links(directory: Directory, people: dict[Known, Person]) -> Count:
    wanted, primary = [], dict[int, str]()
    for place, row in directory.rows("people"):
        person = people[identity("people", row)]
        for reference in row["computers"]:
            computer = _used(directory, person, reference, place)
            is_primary = reference in row["primary_on"]
            wanted.append((computer.pk, person.pk, is_primary))
            if is_primary and (first := primary.setdefault(computer.pk, place)) != place:
                raise WorldError(f"{place}.primary_on", f'"{reference}" has its primary person in {first}')
    listed = [people[identity("people", row)].pk for _, row in directory.rows("people")]
    _check_primary(primary, listed)
    present = ComputerPerson.objects.filter(person__in=listed)
    return writing.put_set(present, ("computer_id", "person_id", "is_primary"), wanted)


def _used(directory: Directory, person: Person, reference: str, place: str) -> Computer:
    computer = directory.computer(reference, f"{place}.computers")
    if computer.tenant_id != person.tenant_id:
        raise WorldError(f"{place}.computers", f'"{reference}" is a computer of another tenant')
    return computer


def _check_primary(primary: dict[int, str], listed: list[int]) -> None:
    """No computer is for somebody already whom the document does not name."""
    others = ComputerPerson.objects.filter(computer__in=primary, is_primary=True).exclude(person__in=listed)
    if taken := others.select_related("computer", "person").first():
        place = f"{primary[taken.computer_id]}.primary_on"
        raise WorldError(place, f'the primary person of "{taken.computer}" is "{taken.person}"')
