"""What can be asked about, as addresses name it: `computer:12`, or `instance`; and the addresses that ask."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse

from accounts.models import AccessRequest, Group, IdentityProvider, Invitation, Person, User
from computers.agents.models import Enrolment
from computers.deployments.models import ChangeRequest, Deployment
from computers.models import Computer, ComputerScopeType, License, Script, Software
from computers.schedules.models import Schedule
from rbac.models import Role
from rbac.objects import INSTANCE, ComputersOf, Instance, Subject
from tenancy.models import Tag, Tenant

SUBJECTS: dict[str, type[Model]] = {
    "computer": Computer,
    "tenant": Tenant,
    "user": User,
    "group": Group,
    "role": Role,
    "tag": Tag,
    "script": Script,
    "license": License,
    "software": Software,
}
"""By the name of its kind; an assignment is seen with its principal and its scope, so ask about these."""

THE_INSTANCE = "instance"
COMPUTERS_OF = frozenset(ComputerScopeType.values)
"""Kinds of computers of one tenant, `servers:12`, the number being the tenant's."""

MOST_DIGITS = 18


def parse(reference: str) -> tuple[type[Model] | None, int]:
    """The model, None for the instance, and the number; of computers of a tenant the tenant's. Raises ValueError."""
    kind, _, number = reference.partition(":")
    if reference == THE_INSTANCE:
        return None, 0
    if kind in COMPUTERS_OF:
        return Tenant, parse_number(number)
    if kind not in SUBJECTS:
        raise ValueError(f"no kind of object: {kind!r}")
    return SUBJECTS[kind], parse_number(number)


def parse_number(text: str) -> int:
    """The number of a row. Raises ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise ValueError(f"no number: {text!r}")
    return int(text)


def asked_about(obj: Subject) -> Subject:
    """What a question about it is a question about: what has no address of that kind is decided where it stands."""
    own = Invitation | AccessRequest | IdentityProvider | Enrolment | Deployment | ChangeRequest | Schedule | Person
    return (obj.tenant or INSTANCE) if isinstance(obj, own) else obj


def reference_to(obj: Subject) -> str:
    if isinstance(obj, Instance):
        return THE_INSTANCE
    if isinstance(obj, ComputersOf):
        return f"{obj.type}:{obj.tenant_id}"
    kind = next(kind for kind, model in SUBJECTS.items() if isinstance(obj, model))
    return f"{kind}:{obj.pk}"


def explain_url(*, user: User | None = None, permission: str = "", on: Subject | None = None) -> str:
    """Why this user may or may not; what is left out is asked there."""
    said = {"user": user.pk if user else "", "permission": str(permission), "on": reference_to(on) if on else ""}
    return _address("rbac:explain", said)


def who_url(*, permission: str = "", on: Subject | None = None) -> str:
    """Who may; what is left out is asked there."""
    return _address("rbac:explain-who", {"permission": str(permission), "on": reference_to(on) if on else ""})


def ask_url(*, permission: str = "", on: Subject | None = None) -> str:
    """The request for access, filled in with what is lacking and where; what is left out is asked there."""
    said = {"permission": str(permission), "about": reference_to(on) if on else ""}
    return _address("accounts:access-request-create", said)


def _address(route: str, said: Mapping[str, object]) -> str:
    query = urlencode({name: value for name, value in said.items() if value}, safe=":")
    return reverse(route) + (f"?{query}" if query else "")
