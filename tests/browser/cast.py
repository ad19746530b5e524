"""The people of the demo world in a browser: by their first name, with a session or with a password."""

import re

from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page

from accounts.models import User
from rbac.demo.people import PASSWORD, PERSONAS
from tests.proving import prove


def email_of(who: str) -> str:
    return next(persona.email for persona in PERSONAS if persona.email.startswith(f"{who.lower()}."))


def cookie_of(user: User, url: str) -> dict[str, str]:
    """A session without the sign-in page: that is for journeys."""
    client = Client()
    client.force_login(user)
    prove(client, user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Through the page, as everybody does."""
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def side_bar(page: Page) -> Locator:
    """The side bar, opened where the window is narrow: there it is a menu."""
    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
    return page.get_by_role("navigation", name="Main")


def go(page: Page, entry: str) -> None:
    side_bar(page).get_by_role("link", name=entry).click()


def sign_out(page: Page) -> None:
    side_bar(page).get_by_role("button", name="Sign out").click()


def picker(place: Page | Locator, label: str) -> Locator:
    """The combobox of this label, once the script has put it over its select."""
    return place.get_by_role("combobox", name=label, exact=True).and_(place.locator("input"))


def choose(page: Page, label: str, words: str) -> None:
    """Type into a combobox, and take the option that begins like this."""
    picker(page, label).press_sequentially(words)
    page.get_by_role("option", name=re.compile(f"^{words}")).click()
