"""Settings of tests and type checks: the product's, with a cheap hasher. script/pytest names the database."""

import os
from importlib.resources import files
from pathlib import Path

os.environ["DJANGO_DEBUG"] = "1"
os.environ.setdefault("DATABASE_URL", "postgresql:///immyrbac")

from immyrbac.settings import *  # noqa: F403  the two lines above must come first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# What tests upload is gone with them
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}  # noqa: F405  from the product's

# A page that asks once a row fails its test (performance.md)
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]  # noqa: F405  from the product's
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]  # noqa: F405  from the product's
# Django loads a session again to end it, allauth loads a user's sessions one by one at sign-in: neither is a list's row
ZEAL_ALLOWLIST = [{"model": "sessions.Session", "field": "get()"}]
# Each of the few roles and groups of an invitation that is put together is a form of its own
ZEAL_ALLOWLIST += [{"model": model, "field": "get()"} for model in ("rbac.Role", "accounts.Group")]

# Where the browser tests find axe
STATICFILES_DIRS = [*STATICFILES_DIRS, Path(str(files("axe_playwright_python")))]  # noqa: F405  from the product's

# A browser keeps its connection to the server, and with it the server's to the database, beyond the end of the tests
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  from the product's
