#!/usr/bin/env python
"""Django's command line. With DJANGO_DEBUG=1 and no DATABASE_URL it runs the checkout's own PostgreSQL meanwhile."""

import os
import signal
import sys
from contextlib import nullcontext

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from immyrbac.postgres import CHECKOUT, PostgresError, leave_orderly, of_checkout

NO_DATABASE = {"catalogue", "check", "collectstatic", "diffsettings", "help", "routes", "--help", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
    leave_orderly()
    needs_none = NO_DATABASE.intersection(sys.argv[1:2] or ["help"])
    if needs_none and os.environ.get("DJANGO_DEBUG") == "1":
        os.environ.setdefault("DATABASE_URL", CHECKOUT.url)
    try:
        with nullcontext() if needs_none else of_checkout():
            settings.INSTALLED_APPS  # noqa: B018  reads the settings here, so that a bad one is told in one line
            execute_from_command_line(sys.argv)
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough, as in `can --list ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except (ImproperlyConfigured, PostgresError) as error:
        sys.exit(f"immyrbac: {error}")


if __name__ == "__main__":
    main()
