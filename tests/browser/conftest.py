"""What a browser test may use: a served site, three looks, axe, pictures.

Each test runs three times: light and dark at 1440 x 900, light at 390 x 844. One that needs no more than one look says
`@ONE_LOOK`.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from accounts.models import User
from rbac.demo import Demo
from rbac.demo.loading import load_demo
from tests.browser import chromium

# Playwright's own event loop runs in the thread of the tests, where Django would refuse its database otherwise.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parent.parent.parent
ARTIFACTS = Path(__file__).resolve().parent / "artifacts"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOKS = {"light-1440": ("light", WIDE), "dark-1440": ("dark", WIDE), "light-390": ("light", NARROW)}
ONE_LOOK = pytest.mark.parametrize("look", ["light-1440"], indirect=True)
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.hookimpl(tryfirst=True)  # before -m chooses by the marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses to run as root
    args = {**browser_type_launch_args, "args": [*QUIET, *sandbox]}
    if path := chromium.of_the_system():
        args["executable_path"] = path
    return args


@pytest.fixture(params=LOOKS)
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
    return {**browser_context_args, "color_scheme": theme, "viewport": size}


def broken_rules(page: Page) -> str:
    """What axe has to say about the page; empty where nothing is broken."""
    result = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    return result.generate_report() if result.violations_count else ""


@pytest.fixture
def enter(context: BrowserContext, base_url: str) -> Callable[[User], None]:
    """Give the browser a session of this user, for tests that are not about signing in."""

    def give_session(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base_url}])

    return give_session


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail where the page breaks an accessibility rule."""

    def check(page: Page) -> None:
        assert not (report := broken_rules(page)), report

    return check


@pytest.fixture
def demo(transactional_db) -> Demo:
    """The demo world, in the database that `base_url` serves."""
    return load_demo()


@pytest.fixture
def shot(look: str) -> Callable[[Page, str], None]:
    """Keep a picture of the whole page as artifacts/NAME-LOOK.png."""

    def take(page: Page, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}-{look}.png", full_page=True)

    return take


@pytest.fixture
def readme_shot(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Take the picture of README.md; into docs/ only with --update-readme, so that a test run changes no file."""
    wanted = request.config.getoption("--update-readme")

    def take(page: Page) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ROOT / "docs" / "screenshot.png" if wanted else ARTIFACTS / "readme.png")

    return take
