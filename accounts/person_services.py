"""People who use computers: made, edited and deleted. None of it gives anybody anything (design 2)."""

from __future__ import annotations

from accounts.models import Person, User, normal_email
from accounts.persons import check_person, person_described, values_of
from computers.models import Computer, ComputerPerson
from immyrbac.versions import check_version
from rbac.audit import Actor, named
from rbac.delegation import Gate, act
from rbac.permissions import Permission
from tenancy.models import Tenant

MANAGE = Permission.USERS_MANAGE


def create_person(
    *, actor: Actor, tenant: Tenant, name: str, email: str = "", login: str = "", user: User | None = None
) -> Person:
    """`user` is the account of the same human, in the same tenant."""
    with act(actor, "person.created", label=name, tenant=tenant.pk) as gate:
        tenant = gate.lock(tenant)
        gate.require(MANAGE, tenant)
        made = Person(tenant=tenant, name=name.strip(), email=normal_email(email), login=login.strip())
        _name_account(gate, made, user)
        check_person(made)
        alike = Person.objects.filter(tenant=tenant, name=made.name, email=made.email, login=made.login, user=made.user)
        if twin := gate.twin("person.created", alike):
            return twin
        made.save(force_insert=True)
        gate.keeping(made)
        gate.record(target=made, tenant=tenant.pk, after=person_described(made))
    return made


def edit_person(
    *,
    actor: Actor,
    person: Person,
    name: str,
    email: str,
    login: str,
    user: User | None,
    version: str | None = None,
) -> Person:
    """The tenant stays. `version` is that of the values which the actor was shown."""
    with act(actor, "person.edited", target=person, tenant=person.tenant_id) as gate:
        found = _managed(gate, person)
        before = person_described(found)
        said = {"name": name.strip(), "email": normal_email(email), "login": login.strip(), "user": user}
        check_version(version, values_of(found), said)
        found.name, found.email, found.login = name.strip(), normal_email(email), login.strip()
        _name_account(gate, found, user)
        after = person_described(found)
        if after != before:
            check_person(found)
            found.save(update_fields=("name", "email", "login", "user"))
            gate.record(target=found, tenant=found.tenant_id, before=before, after=after)
        gate.keeping(found)
    return found


def delete_person(*, actor: Actor, person: Person, reason: str) -> None:
    """Their account, if they have one, stays as it is; no computer has them as its person any more."""
    with act(actor, "person.deleted", target=person, tenant=person.tenant_id) as gate:
        found = _managed(gate, person)
        gone, before = Person(pk=found.pk, name=found.name), person_described(found)
        used = Computer.objects.filter(pk__in=ComputerPerson.objects.filter(person=found).values("computer_id"))
        before |= {"computers": named(used.order_by("pk"))} if used else {}
        found.delete()
        gate.record(target=gone, tenant=found.tenant_id, reason=reason, before=before)


def _managed(gate: Gate, person: Person) -> Person:
    found = gate.lock(person)
    gate.require(MANAGE, found)
    return found


def _name_account(gate: Gate, person: Person, user: User | None) -> None:
    """What is newly named must be seen."""
    person.user = gate.lock(user) if user is not None and user.pk != person.user_id else user
