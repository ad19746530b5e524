"""Two web servers of one process each, on the database of the test: what a revocation races against."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import User

START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def address_of_test_database() -> str:
    """The libpq URI of the database that this test process uses, whatever name pytest gave it."""
    found = connection.settings_dict
    host, port = found["HOST"], found["PORT"]
    user = f"{found['USER']}:{found['PASSWORD']}@" if found["PASSWORD"] else f"{found['USER']}@"
    if host.startswith("/"):
        return f"postgresql://{user}/{found['NAME']}?host={host}" + (f"&port={port}" if port else "")
    return f"postgresql://{user}{host}{f':{port}' if port else ''}/{found['NAME']}"


@contextmanager
def two_workers() -> Iterator[tuple[int, int]]:
    """The ports of two servers that answer; they end with the block."""
    ports = free_port(), free_port()
    environment = {**os.environ, "DATABASE_URL": address_of_test_database(), "DJANGO_DEBUG": "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    servers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "2"),
                *("--host", "127.0.0.1", "--port", str(port), "--no-ws", "tests.served:application"),
            ],
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in ports
    ]
    try:
        for port in ports:
            wait_for(port)
        yield ports
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(timeout=15)


def wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            visitor = Visitor(port, "")
            if visitor.get("/healthz") == 200:
                visitor.connection.close()
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"No server on {port} after {START_SECONDS} s.")


def signed_in(user: User) -> str:
    """The key of a session of the user, as signing in would have made it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    UserSession.objects.create(user=user, session_key=session.session_key, ip="127.0.0.1")
    return session.session_key


class Visitor:
    """One browser's connection to one server, kept open."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.session = session

    def get(self, path: str) -> int:
        self.connection.request(
            "GET", path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}", "HX-Request": "true"}
        )
        answer = self.connection.getresponse()
        answer.read()
        # htmx is sent to the sign-in page by a header, with status 200.
        return 302 if answer.getheader("HX-Redirect") else answer.status
