"""What the gallery changes: its own pages, templates and reader. `override_settings(**GALLERY)`."""

from pathlib import Path

from django.conf import settings

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
