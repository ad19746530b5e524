#!/usr/bin/env python
"""Django's command line. With DJANGO_DEBUG=1 and no DATABASE_URL it runs the checkout's own PostgreSQL meanwhile."""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from immyrbac.postgres import Cluster, PostgresError, running

DATA = Path(__file__).resolve().parent / "var" / "postgres"
NO_DATABASE = {
    "catalogue",
    "check",
    "collectstatic",
    "diffsettings",
    "findstatic",
    "help",
    "routes",
    "--help",
    "--version",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with database():
            settings.INSTALLED_APPS  # noqa: B018  reads the settings here, so that a bad one is told in one line
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, PostgresError) as error:
        sys.exit(f"immyrbac: {error}")


def database() -> AbstractContextManager[object]:
    """Return what holds the database while the command runs: nothing, where another is named or none is needed."""
    if os.environ.get("DJANGO_DEBUG") != "1" or os.environ.get("DATABASE_URL"):
        return nullcontext()
    cluster = Cluster(DATA)
    os.environ["DATABASE_URL"] = cluster.url
    return nullcontext() if NO_DATABASE.intersection(sys.argv[1:2] or ["help"]) else running(cluster)


if __name__ == "__main__":
    main()
