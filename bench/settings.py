"""Settings of bench/rule.py: the product's, with a table for django-guardian that only the bench has."""

import os

os.environ.setdefault("DJANGO_DEBUG", "1")

from immyrbac.settings import *  # noqa: F403  the line above must come first

INSTALLED_APPS = [*INSTALLED_APPS, "bench"]  # noqa: F405  from the product's

# Or Django would write down every query, its parameters as text included
DEBUG = False
