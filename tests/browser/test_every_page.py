"""Each page as the people of the demo world meet it: sound, accessible, fitting the window, usable by keyboard."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import User
from immyrbac.declarations import routes
from tests.browser.cast import cookie_of, email_of
from tests.browser.conftest import ONE_LOOK, RULES, SIDE_BAR, asked_of_axe, broken_rules, complaints_of, put_on
from tests.browser.no_pages import NO_PAGES
from tests.browser.visit import Visit
from tests.browser.visits import VISITS
from tests.effort import effort, half

BARE = {"account_login", "accounts:password-set", "accounts:password-link-open", "accounts:invitation-open"}
BARE |= {"accounts:invitation-accept", "accounts:password-forget", "mfa_authenticate"}
BARE |= {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "accounts:factor-choose"}
BARE |= {"accounts:access-request-ask"}
BARE |= {f"accounts:single-sign-on-{page}" for page in ("find", "start", "return")}
"""Pages of one form, with nothing to skip."""

FIRST = {visit.name: visit for visit in reversed(VISITS)}
ONE_OF_EACH = [visit for visit in VISITS if FIRST[visit.name] is visit]
"""The first visit of each page: of these a normal run meets half, the other one at another commit."""

PARTS = 4
"""As tests of their own, so that all processes end at about the same time."""

BY_KEYBOARD = "light-1440"
"""The look in which pages are gone through by Tab."""

NARROWEST = 320
STOPS = effort(8, 12, 12)
RING = """() => {
    const element = document.activeElement, ringed = element.closest(".card, .joined > .btn") ?? element;
    if (element === document.body) return "";
    const style = getComputedStyle(ringed), box = ringed.getBoundingClientRect();
    const reach = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset) - 0.5;
    const cuts = (by) => box.top - reach < by.top || box.left - reach < by.left
        || box.bottom + reach > by.bottom || box.right + reach > by.right;
    let isCut = cuts({top: 0, left: 0, bottom: innerHeight, right: innerWidth});
    for (let around = ringed.parentElement; around !== document.body && !isCut; around = around.parentElement)
        isCut = getComputedStyle(around).overflow !== "visible" && cuts(around.getBoundingClientRect());
    if (style.outlineStyle !== "none" && !isCut) return "";
    return `${isCut ? "a cut" : "no"} ring round ${ringed.outerHTML.slice(0, 120)}`;
}"""
STEPS = """() => [...document.querySelectorAll("h1, h2, h3, h4")]
    .filter((heading) => heading.checkVisibility())
    .map((heading) => Number(heading.tagName[1]))"""
OVER = "document.documentElement.scrollWidth - innerWidth"


def test_every_page_has_a_visit():
    pages = {visit.name for visit in VISITS}
    assert pages | NO_PAGES.keys() == {route.name for route in routes() if "GET" in route.declaration.methods}
    assert not pages & NO_PAGES.keys()


@ONE_LOOK
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page(part: int, look_at: Callable[[Visit], list[str]], request):
    wanted = request.config.getoption("--visits")
    every = effort(ONE_OF_EACH, VISITS, VISITS)
    is_looked_at = wanted or request.config.getoption("--pictures")
    visits = [visit for visit in every if wanted in visit.name] if is_looked_at else half(every)
    faults = [fault for visit in visits[part::PARTS] for fault in look_at(visit)]
    assert not faults, "\n".join(faults)


@pytest.fixture
def look_at(page: Page, shot, base_url, demo, request) -> Callable[[Visit], list[str]]:
    """Open a page as its visitor, go through it by Tab, look at it in every look, and return its faults.

    In a normal run it is met in one look, in which axe is asked; by Tab where that is the first, since most of what Tab
    meets is the same on each page.
    """
    complaints, met = complaints_of(page), set[tuple[str, str]]()
    known = {visit.who for visit in VISITS} - {""}
    cookies = {who: cookie_of(User.objects.get(email=email_of(who)), base_url) for who in known}
    in_all = effort(request.config.getoption("--pictures"), True, True)

    def is_new(visit: Visit, look: str) -> bool:
        """Whether the side bar was not met yet, of this person in this look; --full asks each time."""
        new = (visit.who, look) not in met
        met.add((visit.who, look))
        return effort(new, True, True)

    def meet(visit: Visit, name: str, asked: dict[str, Any] | None) -> Iterator[str]:
        yield from look_through(page, name, asked, () if asked is not None and is_new(visit, name) else SIDE_BAR)
        shot(page, f"{VISITS.index(visit):02}-{visit.name}-{visit.who}", name)

    def look(visit: Visit) -> list[str]:
        page.context.clear_cookies()
        page.context.add_cookies([cookies[visit.who]] if visit.who else [])
        asked = asked_of_axe(VISITS.index(visit))
        looks = [name for name in RULES if in_all or name in asked]
        put_on(page, looks[0])
        answer = page.goto(visit.address)
        found = [] if answer and answer.status == visit.status else [f"answers {answer and answer.status}"]
        found += headings(page)
        if looks[0] == BY_KEYBOARD:
            found += keyboard(page, visit, around=is_new(visit, "keyboard"))
        for name in looks:
            found += meet(visit, name, asked.get(name))
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        found += [*fit(page), *complaints]
        complaints.clear()
        return [f"{visit}: {fault}" for fault in found]

    return look


def look_through(page: Page, name: str, asked: dict[str, Any] | None, but: tuple[str, ...]) -> Iterator[str]:
    """In this look: what axe has to say, where it is asked anything, and what does not fit."""
    put_on(page, name)
    if asked is not None and (report := broken_rules(page, asked, but)):
        yield f"in {name}: {report}"
    yield from fit(page)


def headings(page: Page) -> Iterator[str]:
    levels = page.evaluate(STEPS)
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of level 1"
    if any(lower > upper + 1 for upper, lower in pairwise(levels)):
        yield f"headings skip a level: {levels}"


def keyboard(page: Page, visit: Visit, *, around: bool) -> Iterator[str]:
    """By Tab through the side bar, or past that into its own."""
    page.keyboard.press("Tab")
    if visit.name not in BARE:
        if not page.evaluate("document.activeElement.matches('.skip')"):
            yield "the first Tab is not the skip link"
        if not around:
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
    for _ in range(STOPS):
        if fault := page.evaluate(RING):
            yield fault
        page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")


def fit(page: Page) -> Iterator[str]:
    if (over := page.evaluate(OVER)) > 0:
        yield f"{over} px too wide at {page.evaluate('innerWidth')}"
