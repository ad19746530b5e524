"""What the palette can start: acts that stand alone, switches, acts on somebody or on a tenant, and questions of why.

Each is offered only where its own door would open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse

from accounts.models import User
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.pages import GIVERS, may_give
from rbac.permissions import Permission
from rbac.subjects import explain_url, who_url
from rbac.switches import SwitchKey

EXPLAIN = Permission.GOVERNANCE_EXPLAIN_ACCESS


class Deed(NamedTuple):
    """`fills`: what goes into the field, for a name to follow; then the address is that of the search page."""

    words: str
    icon: str
    address: str
    fills: str = ""


@dataclass(frozen=True)
class Verb:
    """An act on one of a kind: "Grant assignment to" and a name. `opens`: may the reader, on this one?"""

    lead: str
    icon: str
    of: str
    page: str
    anyhow: tuple[Permission, ...]
    opens: Callable[[Request, Any], bool]

    def is_held(self, request: Request) -> bool:
        return any(map(request.access.holds, self.anyhow))

    def on(self, request: Request, things: Sequence[Any]) -> Iterator[Deed]:
        request.access.know(things)
        for thing in things:
            if self.opens(request, thing):
                yield Deed(f"{self.lead} {thing}", self.icon, reverse(self.page, args=[thing.pk]))

    def after(self, words: str) -> str | None:
        """The name that follows the verb, which may be cut short; None where the words begin otherwise."""
        said, left = words.split(), self.lead.casefold().split()
        taken = 0
        for word in said:
            found = next((at for at, each in enumerate(left) if each.startswith(word.casefold())), None)
            if found is None or (not taken and len(word) == 1):
                break
            left, taken = left[found + 1 :], taken + 1
        return " ".join(said[taken:]) if taken else None


GRANT = Verb(
    "Grant assignment to",
    "plus",
    "Users",
    "rbac:assignment-create",
    (Permission.USERS_MANAGE, *GIVERS),
    lambda request, user: user != request.user and may_give(request, user),
)
CREATE_IN = Verb(
    "Create user in",
    "plus",
    "Tenants",
    "accounts:user-create",
    (Permission.USERS_MANAGE,),
    lambda request, tenant: request.access.can(Permission.USERS_MANAGE, tenant),
)
VERBS = (GRANT, CREATE_IN)

ALONE: tuple[tuple[str, str, str, Permission | None], ...] = (
    ("Invite somebody", "plus", "accounts:invitation-place", Permission.USERS_MANAGE),
    ("Create user", "plus", "accounts:user-place", Permission.USERS_MANAGE),
    ("Create person", "plus", "accounts:person-place", Permission.USERS_MANAGE),
    ("Create group", "plus", "accounts:group-place", Permission.GROUPS_MANAGE),
    ("Create role", "plus", "rbac:role-place", Permission.ROLES_MANAGE),
    ("Create tenant", "plus", "tenancy:tenant-place", Permission.TENANTS_MANAGE),
    ("Create tag", "plus", "tenancy:tag-place", Permission.TAGS_MANAGE),
    ("Create script", "plus", "computers:script-start", Permission.SCRIPTS_MANAGE),
    ("Create software", "plus", "computers:software-start", Permission.SOFTWARE_MANAGE),
    ("Create license", "plus", "computers:license-start", Permission.LICENSES_MANAGE),
    ("Create deployment", "plus", "deployments:deployment-place", Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL),
    (
        "Propose a cross-tenant deployment",
        "plus",
        "deployments:change-request-place",
        Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS,
    ),
    ("Create schedule", "plus", "schedules:schedule-place", Permission.SCHEDULES_MANAGE),
    ("Install an agent", "plus", "agents:enrolment-place", Permission.AGENTS_INSTALL),
    ("Change your password", "lock", "accounts:password-edit", None),
)
"""Words, icon, route and what its door asks for."""


def deeds_said(request: Request, words: str) -> Iterator[Deed]:
    """Those of which each word that was typed begins a word."""
    for deed in (*_unfinished(request), *_alone(request), *_switches(request)):
        said = deed.words.casefold().split()
        if all(any(each.startswith(word) for each in said) for word in words.casefold().split()):
            yield deed


def _alone(request: Request) -> Iterator[Deed]:
    for words, icon, page, permission in ALONE:
        if request.access.holds(permission) if permission else request.impersonation is None:
            yield Deed(words, icon, reverse(page))


def _unfinished(request: Request) -> Iterator[Deed]:
    """Verbs that wait for a name."""
    for verb in VERBS:
        if verb.is_held(request):
            address = f"{reverse('search')}?q={verb.lead.replace(' ', '+')}"
            yield Deed(f"{verb.lead} …", verb.icon, address, f"{verb.lead} ")


def _switches(request: Request) -> Iterator[Deed]:
    if request.access.can(Permission.PREFERENCES_MANAGE_SYSTEM, INSTANCE):
        for key in SwitchKey:
            on = request.access.switches.get(key, key.spec.default)
            address = reverse("rbac:switch-change", kwargs={"key": key, "enabled": not on})
            yield Deed(f"Turn {'off' if on else 'on'} {key.label}", "preferences", address)


def questions(request: Request) -> Iterator[Deed]:
    """What the explanation of access answers."""
    others = request.access.holds(EXPLAIN)
    yield Deed(f"Why can or can’t {'somebody' if others else 'you'} …", "explain", explain_url())
    if others:
        yield Deed("Who can …", "explain", who_url())


def questions_on(request: Request, things: Sequence[Any]) -> Iterator[Deed]:
    """Of people why, of all else who; whoever may not ask about others asks about themselves."""
    request.access.know(things)
    for thing in things:
        if not isinstance(thing, User):
            others = request.access.holds(EXPLAIN)
            words = f"Who can … on {thing}" if others else f"Why can or can’t you … on {thing}"
            yield Deed(words, "explain", who_url(on=thing) if others else explain_url(on=thing))
        elif thing == request.user or request.access.can(EXPLAIN, thing):
            yield Deed(f"Why can or can’t {thing} …", "explain", explain_url(user=thing))
