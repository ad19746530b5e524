"""What the palette and the search page offer one reader: pages, things by name and actions, all within their reach.

Things are asked for as their lists ask for them, so nothing outside the reader's view is ever found (safety 3 and 5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Group, Person, User
from accounts.saved_views import views_for
from computers.models import Computer, ComputerType
from immyrbac.arrays import any_of
from immyrbac.deeds import VERBS, Deed, deeds_said, questions, questions_on
from immyrbac.finding import best
from immyrbac.navigation import groups_of
from immyrbac.requests import Request
from rbac.access import Access
from rbac.rosters import roles_seen
from tenancy.models import Tag, Tenant

MOST, ACTED_ON = 5, 2
"""Hits of one shelf; and of how many things that were found it is said what may be done to them."""

ASKS, ASKED_ABOUT = "?", ("Tenants", "Computers", "Users")
"""Typed first, it leads to the explanation of access, about things of these kinds."""

SERVERS = (ComputerType.SERVER, ComputerType.DOMAIN_CONTROLLER)

OWN_PAGES = (
    ("Your account", "user", "accounts:profile-detail"),
    ("Your access", "key", "accounts:profile-access"),
    ("Your sign-in", "lock", "accounts:profile-security"),
    ("Your saved views", "views", "accounts:saved-view-list"),
)
"""What everybody has besides what the side bar shows them."""


class Hit(NamedTuple):
    """`context` stands right of the words; `fills` is what goes into the field instead of leading away."""

    words: SafeString
    context: SafeString
    icon: str
    address: str
    fills: str = ""


class Shelf(NamedTuple):
    """One group of hits. `all_url`: the list of everything that matches."""

    title: str
    hits: Sequence[Hit]
    all_url: str = ""


@dataclass(frozen=True)
class Kind:
    """One model: which rows are searched in which columns, and how one of them is told and opened.

    `context` gets the thing, the name of the tenant whose number `around` has, empty where the reader does not see
    that one, and the words. `sign`, typed first, asks for this kind alone.
    """

    title: str
    icon: Callable[[Any], str]
    rows: Callable[[Access], QuerySet[Any]]
    columns: tuple[str, ...]
    address: Callable[[Any], str]
    list_url: Callable[[str], str]
    context: Callable[[Any, str, str], str]
    around: str = "tenant_id"
    sign: str = ""

    def find(self, access: Access, words: str) -> list[Any]:
        return best(self.rows(access), words, *self.columns, most=MOST)

    def hit(self, thing: Any, words: str, tenants: Mapping[int, str]) -> Hit:
        """What the name does not say of the words, its context does. `tenants`: the names that the reader sees."""
        around = tenants.get(getattr(thing, self.around), "")
        name, context = marked(thing.name, words), self.context(thing, around, words)
        return Hit(name, marked(context, "" if "<mark>" in name else words), self.icon(thing), self.address(thing))


def _page(name: str) -> Callable[[Model], str]:
    return lambda thing: reverse(name, args=[thing.pk])


def _list(name: str) -> Callable[[str], str]:
    return lambda words: f"{reverse(name)}?{urlencode({'q': words})}"


def _joined(*said: str) -> str:
    return " · ".join(filter(None, said))


def _of(_thing: Model, owner: str, _words: str = "") -> str:
    return f"of {owner}" if owner else ""


def _always(icon: str) -> Callable[[Model], str]:
    return lambda _thing: icon


def _computer(computer: Computer, tenant: str, words: str) -> str:
    serial = computer.serial_number if words.casefold() in computer.serial_number.casefold() else ""
    return _joined(tenant, computer.get_type_display().lower(), serial)


KINDS = (
    Kind(
        "Tenants",
        _always("tenants"),
        lambda access: access.seen(Tenant),
        ("name", "slug"),
        _page("tenancy:tenant-detail"),
        _list("tenancy:tenant-list"),
        lambda tenant, above, _: _joined("MSP" if tenant.is_msp else "", f"below {above}" if above else ""),
        around="parent_id",
    ),
    Kind(
        "Computers",
        lambda computer: "servers" if computer.type in SERVERS else "computers",
        lambda access: access.seen(Computer).filter(deleted_at=None),
        ("name", "serial_number"),
        _page("computers:computer-detail"),
        _list("computers:computer-list"),
        _computer,
    ),
    Kind(
        "Users",
        _always("user"),
        lambda access: access.seen(User).filter(removed_at=None),
        ("name", "email"),
        _page("accounts:user-detail"),
        _list("accounts:user-list"),
        lambda user, tenant, _: _joined(user.email, tenant),
        sign="@",
    ),
    Kind(
        "People",
        _always("user"),
        lambda access: access.seen(Person),
        ("name", "email", "login"),
        _page("accounts:person-detail"),
        _list("accounts:person-list"),
        lambda person, tenant, _: _joined(person.email, tenant),
    ),
    Kind(
        "Groups",
        _always("groups"),
        lambda access: access.seen(Group),
        ("name",),
        _page("accounts:group-detail"),
        _list("accounts:group-list"),
        _of,
    ),
    Kind(
        "Roles",
        _always("roles"),
        roles_seen,
        ("name",),
        _page("rbac:role-detail"),
        _list("rbac:role-list"),
        lambda role, owner, _: "built-in" if role.key else _of(role, owner),
    ),
    Kind(
        "Tags",
        _always("tags"),
        lambda access: access.seen(Tag),
        ("name",),
        _page("tenancy:tag-detail"),
        _list("tenancy:tag-list"),
        _of,
        sign="#",
    ),
)


def shelves(request: Request, words: str) -> list[Shelf]:
    """What the words find, at most 5 of a kind; without words the pages and actions to begin with."""
    if words.startswith(ASKS):
        return _questions(request, words.removeprefix(ASKS).strip())
    sign = next((kind.sign for kind in KINDS if kind.sign and words.startswith(kind.sign)), "")
    words = words.removeprefix(sign).strip()
    asked = [kind for kind in KINDS if words and kind.sign == (sign or kind.sign)]
    found = {kind: kind.find(request.access, words) for kind in asked}
    tenants = _around(request.access, found)
    things = [
        Shelf(kind.title, [kind.hit(each, words, tenants) for each in rows], kind.list_url(words))
        for kind, rows in found.items()
    ]
    every = things if sign else [_pages(request, words), *things, _views(request, words), _deeds(request, words, found)]
    return [shelf for shelf in every if shelf.hits]


def _around(access: Access, found: Mapping[Kind, Sequence[Any]]) -> dict[int, str]:
    """The names, by number, of the tenants of what was found, as far as the reader sees them. One query."""
    ids = {getattr(each, kind.around) for kind, rows in found.items() for each in rows} - {None}
    return dict(access.seen(Tenant).filter(any_of("pk", ids)).order_by().values_list("pk", "name")) if ids else {}


def _questions(request: Request, words: str) -> list[Shelf]:
    """What the explanation may be asked about each thing that is found; without words, what it answers."""
    if not words:
        return [Shelf("Explain access", [_deed(each, words) for each in questions(request)])]
    found = {kind: kind.find(request.access, words) for kind in KINDS if kind.title in ASKED_ABOUT}
    asked = [Shelf(kind.title, [_deed(each, words) for each in questions_on(request, found[kind])]) for kind in found]
    return [shelf for shelf in asked if shelf.hits]


def _pages(request: Request, words: str) -> Shelf:
    own = ((label, icon, reverse(name)) for label, icon, name in OWN_PAGES)
    side = ((item.label, item.icon, item.url) for _, items in groups_of(request) for item in items)
    named = (page for page in chain(side, own) if words.casefold() in page[0].casefold())
    hits = [Hit(marked(label, words), SafeString(""), icon, url) for label, icon, url in islice(named, MOST)]
    return Shelf("Pages", hits)


def _views(request: Request, words: str) -> Shelf:
    found = views_for(request.user).filter(name__icontains=words)[:MOST] if words else ()
    hits = [Hit(marked(view.name, words), marked(view.sharing, words), "views", view.address) for view in found]
    return Shelf("Views", [hit for hit in hits if hit.address])


def _deeds(request: Request, words: str, found: Mapping[Kind, Sequence[Any]]) -> Shelf:
    deeds = chain(deeds_said(request, words), _deeds_on(request, words, found) if words else ())
    return Shelf("Actions", [_deed(deed, words) for deed in islice(deeds, MOST)])


def _deeds_on(request: Request, words: str, found: Mapping[Kind, Sequence[Any]]) -> Iterator[Deed]:
    """Acts on what was typed behind a verb, then on the first things that the words alone have found."""
    for verb in VERBS:
        if verb.is_held(request):
            kind = next(kind for kind in KINDS if kind.title == verb.of)
            name = verb.after(words)
            yield from verb.on(request, [*(kind.find(request.access, name) if name else ()), *found[kind][:ACTED_ON]])


def _deed(deed: Deed, words: str) -> Hit:
    return Hit(marked(deed.words, words), SafeString(""), deed.icon, deed.address, deed.fills)


def marked(text: str, words: str) -> SafeString:
    """The text with what was searched for marked, the first time it stands there."""
    found = re.search(re.escape(words), text, re.IGNORECASE) if words else None
    if found is None:
        return format_html("{}", text)
    start, end = found.span()
    return format_html("{}<mark>{}</mark>{}", text[:start], text[start:end], text[end:])
