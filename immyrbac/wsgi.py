"""What the server serves. Source: design 10, a setting that is missing or weak refuses to start."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from immyrbac.collecting import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"immyrbac: {error}")
collect_seldom()
