"""Every link that two people of the demo world can reach: no foreign name for one, no way to change for the other."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from django.urls import resolve

from accounts.models import User
from computers.models import Computer
from rbac.demo.loading import load_demo
from tenancy.models import Tenant
from tests.browser.cast import email_of

pytestmark = pytest.mark.django_db

EACH = 6
"""How many pages of one route are opened."""

OWN = {"account_logout", "accounts:session-end", "accounts:session-end-others", "accounts:password-edit"}
"""What everybody may post: about their own sign-in."""


@pytest.fixture
def visitor() -> Client:
    load_demo()
    return Client()


def crawl(visitor: Client, who: str) -> Iterator[tuple[str, str]]:
    """(address, HTML) of the pages that links lead to from the start page; none of them breaks or refuses."""
    visitor.force_login(User.objects.get(email=email_of(who)))
    waiting, seen, opened = ["/"], {"/"}, Counter()
    while waiting:
        address = waiting.pop(0)
        name = resolve(address.partition("?")[0]).view_name
        if opened[name] >= EACH:
            continue
        opened[name] += 1
        answer = visitor.get(address, follow=True)
        assert answer.status_code == 200, address
        html = b"".join(answer) if answer.streaming else answer.content
        text = unescape(html.decode())
        yield address, text
        links = re.findall(r'<a [^>]*href="(/[^"#]*)', text)
        waiting += [link for link in dict.fromkeys(links) if link not in seen]
        seen.update(links)


def test_a_tenant_administrator_meets_no_other_tenant(visitor):
    home = User.objects.get(email=email_of("Rosa")).tenant
    foreign = Tenant.objects.exclude(path__contains=[home.pk]).exclude(pk=home.msp_id)
    strangers = {
        *foreign.values_list("name", flat=True),
        *User.objects.filter(tenant__in=foreign).values_list("email", flat=True),
        *Computer.objects.filter(tenant__in=foreign).values_list("name", flat=True),
    }
    pages = list(crawl(visitor, "Rosa"))
    assert len(pages) > 30
    for address, text in pages:
        found = {name for name in strangers if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)}
        assert not found, (address, sorted(found)[:5])


def test_an_auditor_opens_everything_and_can_change_nothing(visitor):
    pages = list(crawl(visitor, "Hugo"))
    assert {resolve(address.partition("?")[0]).view_name for address, _ in pages} >= {
        *("accounts:user-list", "accounts:user-detail", "rbac:assignment-list", "computers:computer-list"),
        *("computers:computer-detail", "computers:script-detail", "rbac:audit-list", "rbac:preference-list"),
    }
    for address, text in pages:
        for form in re.findall(r"<form[^>]*>", text):
            if re.search(r'method="post"', form, re.IGNORECASE):
                action = re.search(r'action="([^"]*)"', form)
                target = resolve((action.group(1) if action else address).partition("?")[0] or address)
                assert target.view_name in OWN, (address, form)
        assert not re.search(r"hx-(post|put|delete|patch)=", text), address
