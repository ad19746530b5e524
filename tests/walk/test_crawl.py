"""Every page that links lead to: nothing of another customer for one, nothing that changes anything for another."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.models import Group, Person, User
from computers.models import Computer, License, Script, Software
from rbac.demo.loading import load_demo
from rbac.models import AuditEntry
from tenancy.models import Tag, Tenant
from tests.browser.cast import email_of
from tests.effort import effort

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("start")]

START = load_demo

EACH = effort(1, 4, 4)
"""Pages of one route, at most: the fifth computer has nothing that the first four have not."""

BEGINNING = 6
"""Letters by which names are looked up before they are searched for."""

OURS, OPERATOR = ("fabrikam", "fabrikam-logistics", "fabrikam-retail"), "contoso"
"""Rosa's tenants, and who looks after them: whose people and groups can touch Fabrikam is hers to see."""

OWN = {
    *("account_logout", "accounts:password-edit", "accounts:session-end", "accounts:session-end-others"),
    *("accounts:app-add", "accounts:app-remove", "accounts:code-renew", "account_reauthenticate", "mfa_reauthenticate"),
    "accounts:access-request-create",
    *("accounts:passkey-add", "accounts:passkey-edit", "accounts:passkey-remove", "mfa_reauthenticate_webauthn"),
    *("accounts:saved-view-create", "accounts:saved-view-edit", "accounts:saved-view-delete"),
}
"""What everybody may send: about nobody but themselves."""

OURS_AS_WELL = {"Support"}
"""Names of others that the product's own pages say."""

LINKS = {"href", "hx-get", "data-source"}
SENDERS = {"action", "formaction", "hx-post", "hx-put", "hx-patch", "hx-delete"}


@dataclass
class Visited:
    """`sends`: where its forms and buttons post to."""

    path: str
    route: str
    status: int
    text: str
    sends: list[str]


class Reader(HTMLParser):
    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.sends: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            said.setdefault("action", "")
        asks = said.get("method") or said.get("formmethod") or ("get" if tag == "form" else "post")
        for name in said.keys() & (LINKS | SENDERS):
            address = urljoin(self.path, said[name]).partition("#")[0]
            (self.links if name in LINKS or asks == "get" else self.sends).append(address)


def crawl(who: str) -> Iterator[Visited]:
    """Breadth first from the start page, the first pages of each route; a redirect is a link."""
    client = Client()
    client.force_login(User.objects.get(email=email_of(who)))
    waiting, seen, taken = deque(["/"]), {"/"}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        route = route_of(path)
        if not route or taken[route] >= EACH:
            continue
        taken[route] += 1
        answer = client.get(path)
        text = b"".join(answer).decode(errors="replace")  # a workbook is packed: its rows are those of the CSV
        reader = Reader(path, text)
        yield Visited(path, route, answer.status_code, unescape(text), reader.sends)
        found = dict.fromkeys([*reader.links, *filter(None, [answer.headers.get("Location")])])
        waiting.extend(link for link in found if link not in seen)
        seen.update(found)


def route_of(path: str) -> str:
    """The name of the route; empty for static files and other sites."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def foreign() -> set[str]:
    """What Rosa must not meet: other customers, all that is theirs, and the operator's own computers and scripts."""
    known = (*OURS, OPERATOR)
    people = User.objects.exclude(tenant__slug__in=known)
    rows = [
        Tenant.objects.exclude(slug__in=known).values_list("name"),
        *(people.values_list(field) for field in ("name", "email")),
        *(
            model.objects.exclude(tenant=None).exclude(tenant__slug__in=known).values_list("name")
            for model in (Group, Tag)
        ),
        Script.objects.exclude(tenant=None).exclude(tenant__slug__in=OURS).values_list("name"),
        Software.objects.exclude(tenant=None).exclude(tenant__slug__in=OURS).values_list("name"),
        Person.objects.exclude(tenant__slug__in=known).values_list("name"),  # the operator's have accounts as well
        License.objects.exclude(tenant=None).exclude(tenant__slug__in=OURS).values_list("name"),
        Computer.objects.exclude(tenant__slug__in=OURS).values_list("name"),
    ]
    return {name for names in rows for (name,) in names} - OURS_AS_WELL


def met(text: str, names: set[str]) -> list[str]:
    """Which of thousands of names a text holds; their beginnings are looked up first, since nearly none is there."""
    beginnings = {text[start : start + BEGINNING] for start in range(len(text))}
    near = (name for name in names if len(name) < BEGINNING or name[:BEGINNING] in beginnings)
    return [name for name in near if name in text]


def test_a_tenant_administrator_meets_no_other_tenant():
    forbidden = foreign()
    assert len(forbidden) > 3000
    pages = list(crawl("Rosa"))
    assert len({each.route for each in pages}) > 25
    assert [(each.path, each.status) for each in pages if each.status >= 400] == []
    assert [(each.path, name) for each in pages for name in met(each.text, forbidden)] == []


def test_an_auditor_opens_everything_and_has_nothing_to_change_it_with():
    before = AuditEntry.objects.count()
    pages = list(crawl("Hugo"))
    assert {"rbac:user-history", "computers:computer-why", "rbac:audit-detail"} <= {each.route for each in pages}
    assert [(each.path, each.status) for each in pages if each.status >= 400] == []
    assert {address for each in pages for address in each.sends if route_of(address) not in OWN} == set()
    assert AuditEntry.objects.count() == before
