"""What the gallery changes: its own pages, templates and reader. `override_settings(**GALLERY)`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from immyrbac import addresses

HERE = Path(__file__).parent
TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], HERE / "templates"]}]
GALLERY = {
    "ROOT_URLCONF": "tests.gallery.urls",
    "TEMPLATES": TEMPLATES,
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "DEBUG": False,
    "MIDDLEWARE": [
        "immyrbac.security.ContentSecurityPolicyMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "tests.gallery.middleware.everybody",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ],
}


@receiver(setting_changed)
def forget_addresses(*, setting: str, **_: Any) -> None:
    """A process has one set of routes and keeps their addresses; the gallery has others."""
    if setting == "ROOT_URLCONF":
        addresses.address_of.cache_clear()
        addresses._around.cache_clear()
