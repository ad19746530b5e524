"""What a browser test may use: a served site, three looks, axe, pictures.

With `--full` each test runs in both themes at 1440 x 900 and in the dark one at 390 x 844; in a normal run in one of
the three. One that needs no more than one look says `@ONE_LOOK`. Every page is met in light and dark at 1440, and in
light at 390 besides (test_every_page).
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from accounts.models import User
from rbac.demo import Demo
from rbac.demo.loading import load_demo
from tests import restore
from tests.browser import chromium
from tests.browser.cast import cookie_of, email_of, sign_in
from tests.effort import effort, one

# Playwright's own event loop runs in the thread of the tests, where Django would refuse its database otherwise.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parent.parent.parent
ARTIFACTS = Path(__file__).resolve().parent / "artifacts"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
DEMO = "demo_world"
LOOKS = {"light-1440": ("light", WIDE), "dark-1440": ("dark", WIDE), "light-390": ("light", NARROW)}
LOOKS |= {"dark-390": ("dark", NARROW)}
OF_JOURNEYS = ("light-1440", "dark-1440", "dark-390")
ALL: dict[str, Any] = {}
COLOURS: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SHAPES: dict[str, Any] = {"rules": {"color-contrast": {"enabled": False}}}
"""What axe is asked. Contrast, of each text on a page, takes more than all other rules together."""

RULES = {"light-1440": ALL, "dark-1440": COLOURS, "light-390": ALL}
"""The looks of every page, and what axe is asked in each. A theme changes colours alone."""
SIDE_BAR = ("#side",)
"""The same on every page of one person, and half of what there is to look at on many."""

ONE_LOOK = pytest.mark.parametrize("look", ["light-1440"], indirect=True)
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses to run as root
    args = {**browser_type_launch_args, "args": [*QUIET, *sandbox]}
    if path := chromium.of_the_system():
        args["executable_path"] = path
    return args


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = any(mark.args[0] == "look" for mark in metafunc.definition.iter_markers("parametrize"))
    if "look" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("look", one(OF_JOURNEYS, metafunc.definition.nodeid), indirect=True)


@pytest.fixture
def look(request: pytest.FixtureRequest) -> str:
    """One of LOOKS, by name."""
    return request.param


@pytest.fixture(scope="session")
def base_url(live_server) -> str:
    """Where `page.goto("/path")` goes: the site served from this process, with its static files."""
    return live_server.url


@pytest.fixture
def browser_context_args(browser_context_args: dict, look: str) -> dict:
    theme, size = LOOKS[look]
    return {**browser_context_args, "color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}


WITH_AXE = """() => window.axe ? true : new Promise((loaded, failed) => {
    const script = document.createElement("script");
    [script.src, script.onload, script.onerror] = ["/static/axe.min.js", loaded, failed];
    document.head.append(script);
    script.remove();
}).then(() => true)"""
"""Load it as a page loads its own: a browser that has it compiled already is three times as quick."""


def broken_rules(page: Page, asked: dict[str, Any], but: tuple[str, ...] = ()) -> str:
    """What axe has to say to what it is asked about the page but for these parts; empty where nothing is broken."""
    page.wait_for_load_state("domcontentloaded")  # a page that a click leads to may have no head yet
    page.evaluate(WITH_AXE)
    options = {"resultTypes": ["violations"], "preload": False, **asked}
    context = {"exclude": [[part] for part in but]} if but else None
    answer = page.evaluate("([context, options]) => axe.run(context ?? document, options)", [context, options])
    result = AxeResults(answer)
    return result.generate_report() if result.violations_count else ""


def asked_of_axe(turn: int = 0) -> dict[str, dict[str, Any]]:
    """By look, what axe is asked in it; in a normal run in the look whose turn it is, of contrast every third time."""
    rounds, place = divmod(turn, len(RULES))
    normal = {list(RULES)[place]: ALL if rounds % len(RULES) == place else SHAPES}
    return effort(normal, RULES, RULES)


@pytest.fixture
def enter(context: BrowserContext, base_url: str) -> Callable[[User], None]:
    """Give the browser a session of this user, for tests that are not about signing in."""

    def give_session(user: User) -> None:
        context.add_cookies([cookie_of(user, base_url)])

    return give_session


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fail where the page breaks an accessibility rule; in a normal run its side bar is left to test_every_page."""

    def check(page: Page, asked: dict[str, Any] = ALL) -> None:
        assert not (report := broken_rules(page, asked, effort(SIDE_BAR, (), ()))), report

    return check


@pytest.fixture
def axe_in_every_look(look: str) -> Callable[[Page], None]:
    """`axe` in each look of RULES, for what is the same in all so far; the page stays in the look of the test."""

    def check(page: Page) -> None:
        faults = []
        for name, asked in asked_of_axe().items():
            put_on(page, name)
            if report := broken_rules(page, asked):
                faults.append(f"in {name}: {report}")
        put_on(page, look)
        assert not faults, "\n".join(faults)

    return check


def put_on(page: Page, look: str) -> None:
    """Show the page in one of LOOKS."""
    theme, size = LOOKS[look]
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(size)


@pytest.fixture(scope="session")
def told() -> list[Demo]:
    """The demo world once it was loaded: after that, copies of its rows do."""
    return []


@pytest.fixture
def demo(transactional_db, told: list[Demo]) -> Demo:
    """The demo world, in the database that `base_url` serves."""
    if not told:
        told.append(load_demo())
        restore.take_snapshot(DEMO)
    elif restore.restore(DEMO):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return told[0]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Function, nextitem: pytest.Item | None) -> None:
    """Between two tests of the demo the database goes back to that alone: its thousands of rows need not come again."""
    stays = "demo" in item.funcargs and "demo" in getattr(nextitem, "fixturenames", ())
    restore.left_as = DEMO if stays else restore.MIGRATED


def complaints_of(page: Page) -> list[str]:
    """What the browser finds wrong with a page from now on: scripts, styles, what the policy blocks, what breaks.

    A refusal is none: it answers 4xx.
    """
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not re.search("(status of|Status Error Code) 4", message.text):
            found.append(message.text)

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a click overtook it, as a preview still on its way
            found.append(f"{request.url}: {request.failure}")

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", failed)
    return found


@pytest.fixture
def stranger(browser: Browser, browser_context_args: dict, demo) -> Iterator[Callable[[], Page]]:
    """Open a browser of its own, as often as wanted; fails in the end where one of them complained."""
    contexts, complaints = [], []

    def open_browser() -> Page:
        contexts.append(browser.new_context(**browser_context_args))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        complaints.append(complaints_of(page))
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert not any(complaints), complaints


@pytest.fixture
def arrive(stranger: Callable[[], Page], base_url: str) -> Callable[[str], Page]:
    """Somebody of the demo, by first name, on the first page in a browser of their own.

    With `--full` they sign in through the page, each time; in a normal run the journeys about signing in do.
    """

    def arrive(who: str) -> Page:
        page = stranger()
        if effort(False, True, True):
            sign_in(page, email_of(who))
        else:
            page.context.add_cookies([cookie_of(User.objects.get(email=email_of(who)), base_url)])
            page.goto("/")
        expect(page).to_have_url("/")
        return page

    return arrive


@pytest.fixture
def shot(request: pytest.FixtureRequest, look: str) -> Callable[..., None]:
    """Keep a picture of the whole page as artifacts/NAME-LOOK.png, where --pictures asks for them: they take long."""
    wanted = request.config.getoption("--pictures")

    def take(page: Page, name: str, look: str = look) -> None:
        if wanted:
            page.screenshot(path=ARTIFACTS / f"{name.replace(':', '-')}-{look}.png", full_page=True)

    return take


@pytest.fixture
def readme_shot(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Take the picture of README.md; into docs/ only with --update-readme, so that a test run changes no file."""
    wanted = request.config.getoption("--update-readme")

    def take(page: Page) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ROOT / "docs" / "screenshot.png" if wanted else ARTIFACTS / "readme.png")

    return take
