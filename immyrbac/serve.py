"""What script/server does once Python is ready: database, demo, web server, mail worker, agents, their end."""

import argparse
import errno
import http.client
import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from immyrbac.postgres import Cluster, PostgresError, is_alive, leave_orderly, of_checkout

ROOT = Path(__file__).resolve().parent.parent
AGENT = ROOT / "agent" / "immyrbac_agent.py"
HOST = "127.0.0.1"
WORKERS, THREADS = 2, 4  # processes, and in each the requests (and database connections) at a time
START_SECONDS, STOP_SECONDS = 30, 10
CREATE_OWNER = "The first owner: .venv/bin/python manage.py create_owner YOUR@ADDRESS --tenant 'YOUR COMPANY'"


class ServeError(Exception):
    """The server cannot start or has ended; the message is one line for whoever typed the command."""


def main() -> int:
    """Serve until a signal comes; return the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
    options = parse()
    leave_orderly()
    try:
        require_free(options.port)
        if not os.environ.get("DATABASE_URL"):
            os.environ.setdefault("DJANGO_DEBUG", "1")
        with of_checkout() as own:
            is_demo = options.demo or own is not None
            prepare(demo=is_demo)
            with web_server(options.port) as server, worker() as mail, agents(options.port, demo=is_demo) as hands:
                announce(options.port, demo=is_demo)
                watch({"the web server": server, "the mail worker": mail, **hands}, own)
    except (ServeError, PostgresError, ImproperlyConfigured, CommandError, DatabaseError) as error:
        note(" ".join(str(error).split()))
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/server", description="Serve immyrbac on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="on 127.0.0.1 (default: 8000)")
    parser.add_argument("--demo", action="store_true", help="load the demo world also where DATABASE_URL is set")
    return parser.parse_args()


def note(text: str) -> None:
    print(f"immyrbac: {text}", file=sys.stderr, flush=True)


def require_free(port: int) -> None:
    """Ask before anything is started; the web server itself would only say so much later."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except OverflowError as error:
        raise ServeError(f"{port} is no port") from error
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise ServeError(f"port {port} {reason}; try script/server --port {port + 1}") from error


def prepare(*, demo: bool) -> None:
    """Bring database and files up to date, then let the checks say whether this may be served."""
    django.setup()
    if demo and not settings.DEBUG:
        raise ServeError("the demo's passwords are public: --demo needs DJANGO_DEBUG=1")
    executor = MigrationExecutor(connection)
    if pending := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        note(f"bringing the database up to date: {len(pending)} migrations")
        call_command("migrate", interactive=False, verbosity=0)
    if demo:
        call_command("demo", "--if-empty", stdout=sys.stderr)
    if not settings.DEBUG:
        note("collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("check", databases=["default"], stdout=io.StringIO())  # what it finds goes to standard error
    connection.close()


@contextmanager
def web_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Yield the web server, ready to answer; it is a process group of its own, so that one signal reaches all of it."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--respawn-failed-workers"]
    command += ["--workers-kill-timeout", "5", "--no-ws", "--log-level", "warning", "immyrbac.wsgi:application"]
    with program("the web server", command) as server:
        deadline = time.monotonic() + START_SECONDS
        while not answers(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise ServeError("the web server does not start")
            time.sleep(0.05)
        yield server


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """Yield the process that runs jobs: mails are sent by it alone (docs/decisions/invitations.md)."""
    with program("the mail worker", [sys.executable, "manage.py", "procrastinate", "worker"]) as process:
        yield process


@contextmanager
def agents(port: int, *, demo: bool) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Yield the agents of the demo by what they are called: each runs a few harmless commands alone."""
    said = io.StringIO()
    if demo:
        with audit_unsaid():
            call_command("demo_agents", f"http://{HOST}:{port}", stdout=said)
        connection.close()
    with ExitStack() as stack:
        found: dict[str, subprocess.Popen[bytes]] = {}
        for each in map(json.loads, said.getvalue().splitlines()):
            name = f"the agent on {each['computer']}"
            found[name] = stack.enter_context(program(name, [sys.executable, str(AGENT), *each["arguments"]]))
        yield found


@contextmanager
def audit_unsaid() -> Iterator[None]:
    """Without the heads of the log: nobody keeps those of a demo, and they would hide whom it has."""
    log = logging.getLogger("rbac.audit")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)


@contextmanager
def program(name: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process of its own group, so that one signal reaches all of it; it ends with the block."""
    process = subprocess.Popen(command, cwd=ROOT, process_group=0, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        stop(name, process)


def answers(port: int) -> bool:
    try:
        link = http.client.HTTPConnection(HOST, port, timeout=START_SECONDS)
        link.request("GET", "/healthz")
        link.getresponse().read()
        link.close()
    except (OSError, http.client.HTTPException):
        return False
    return True


def stop(name: str, process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started: kindly, then not; a second Ctrl-C does not cut this short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        note(f"{name} does not stop by itself: killing it")
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # what its parent left behind would live on
    process.wait()


def announce(port: int, *, demo: bool) -> None:
    if demo:
        call_command("demo", "--personas")
        sys.stdout.flush()  # now, also into a file
    else:
        note(CREATE_OWNER)
    note(f"ready on http://{HOST}:{port}/ (Ctrl-C stops it)")


def watch(programs: dict[str, subprocess.Popen[bytes]], own: Cluster | None) -> None:
    """Return never; raise ServeError when one of them or the checkout's own database has died."""
    while True:
        for name, process in programs.items():
            if process.poll() is not None:
                raise ServeError(f"{name} has ended (code {process.returncode}): stopping")
        if own and not is_alive(own):
            raise ServeError("the database has ended: stopping")
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
