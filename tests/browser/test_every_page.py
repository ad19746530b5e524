"""Each page as the people of the demo world meet it: sound, accessible, no wider than the window, usable by keyboard."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from accounts.models import User
from immyrbac.declarations import routes
from rbac.demo.people import PERSONAS
from tests.browser.conftest import broken_rules
from tests.browser.visits import NO_PAGES, VISITS, Visit

BARE = {"account_login", "accounts:password-set", "accounts:password-link-open"}
"""Pages of one form, with nothing to skip."""

WIDE, NARROW, NARROWEST = 1440, 390, 320
STOPS = 12

RING = """() => {
    const element = document.activeElement, box = element.getBoundingClientRect();
    const drawn = element.closest(".card, .joined > .btn") ?? element;
    const isDrawn = getComputedStyle(drawn).outlineStyle !== "none";
    const isIn = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    return element === document.body || (isDrawn && isIn) ? "" : `no ring round ${element.outerHTML.slice(0, 120)}`;
}"""
STEPS = """() => [...document.querySelectorAll("h1, h2, h3, h4")]
    .filter((heading) => heading.checkVisibility())
    .map((heading) => Number(heading.tagName[1]))"""


def test_every_page_has_a_visit():
    pages = {visit.name for visit in VISITS}
    assert pages | NO_PAGES.keys() == {route.name for route in routes() if "GET" in route.declaration.methods}
    assert not pages & NO_PAGES.keys()


@pytest.mark.parametrize("look", ["light-1440"], indirect=True)
def test_every_page_in_the_light(guest: Page, complaints: list[str], demo, base_url):
    faults = [*faults_of_all(guest, complaints, base_url, {WIDE: True, NARROW: True, NARROWEST: False})]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", ["dark-1440"], indirect=True)
def test_every_page_in_the_dark(guest: Page, complaints: list[str], demo, base_url):
    faults = [*faults_of_all(guest, complaints, base_url, {WIDE: True})]
    assert not faults, "\n".join(faults)


@pytest.fixture
def guest(page: Page) -> Page:
    page.set_default_timeout(10_000)
    return page


@pytest.fixture
def complaints(guest: Page) -> list[str]:
    """What the browser itself finds wrong: scripts, styles, what the policy blocks, what does not arrive."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 410" not in message.text:
            found.append(message.text)

    guest.on("console", note)
    guest.on("pageerror", lambda error: found.append(str(error)))
    guest.on("requestfailed", lambda request: found.append(f"{request.url}: {request.failure}"))
    return found


def faults_of_all(page: Page, complaints: list[str], base_url: str, widths: dict[int, bool]) -> Iterator[str]:
    """One line a fault. `widths`: in pixels, and whether axe looks at that one."""
    who = ""
    for visit in sorted(VISITS, key=lambda visit: visit.who):
        if visit.who != who:
            who = visit.who
            enter(page.context, who, base_url)
        page.set_viewport_size({"width": WIDE, "height": 900})
        answer = page.goto(visit.address)
        if answer is None or answer.status != visit.status:
            yield f"{visit}: answers {answer and answer.status}"
        yield from (f"{visit}: {fault}" for fault in [*headings(page), *keyboard(page, visit), *fit(page, widths)])
        yield from (f"{visit}: {complaint}" for complaint in complaints)
        complaints.clear()


def enter(context: BrowserContext, who: str, url: str) -> None:
    """Somebody's session, without the sign-in page: that is for journeys."""
    email = next(persona.email for persona in PERSONAS if persona.email.startswith(f"{who.lower()}."))
    client = Client()
    client.force_login(User.objects.get(email=email))
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def headings(page: Page) -> Iterator[str]:
    levels = page.evaluate(STEPS)
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of level 1"
    if any(lower > upper + 1 for upper, lower in pairwise(levels)):
        yield f"headings skip a level: {levels}"


def keyboard(page: Page, visit: Visit) -> Iterator[str]:
    page.keyboard.press("Tab")
    if visit.name not in BARE and not page.evaluate("document.activeElement.matches('.skip')"):
        yield "the first Tab is not the skip link"
    for _ in range(STOPS):
        if fault := page.evaluate(RING):
            yield fault
        page.keyboard.press("Tab")


def fit(page: Page, widths: dict[int, bool]) -> Iterator[str]:
    for width, with_axe in widths.items():
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            yield f"{over} px too wide at {width}"
        if with_axe and (report := broken_rules(page)):
            yield f"at {width}: {report}"
