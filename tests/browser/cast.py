"""The people of the demo world in a browser: by their first name, with a session or with a password."""

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from rbac.demo.people import PASSWORD, PERSONAS


def email_of(who: str) -> str:
    return next(persona.email for persona in PERSONAS if persona.email.startswith(f"{who.lower()}."))


def cookie_of(who: str, url: str) -> dict[str, str]:
    """A session without the sign-in page: that is for journeys."""
    client = Client()
    client.force_login(User.objects.get(email=email_of(who)))
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Through the page, as everybody does."""
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
