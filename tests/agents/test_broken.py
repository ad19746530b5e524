"""What breaks in the middle of a run, agent, server or database: it ends as failed or goes on, and runs once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from computers.agents import traffic
from computers.agents.lists import status_of_run
from computers.agents.models import Run
from computers.maintenance import traffic as polls
from rbac.models import AuditEntry
from tests.agents.acting import asked
from tests.agents.test_agent import Site, until
from tests.effort import effort
from tests.races.workers import address_of_test_database, free_port, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = range(effort(1, 2, 20))
AWAY = 1.5
"""Seconds for which the database takes nobody in."""


class Server:
    """The product in a process of its own, on the test's database: it can be ended and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "DATABASE_URL": address_of_test_database(), "DJANGO_DEBUG": "1"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        how = ("--interface", "wsgi", "--workers", "1", "--blocking-threads", "2", "--no-ws")
        where = ("--host", "127.0.0.1", "--port", str(self.port), "tests.served:application")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-m", "granian", *how, *where]
        self.process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, **quiet)
        wait_for(self.port)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)

    def restart(self) -> None:
        self.stop()
        self.start()


@pytest.fixture
def server(transactional_db) -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


def go_away() -> None:
    """As a database that is restarted: every connection breaks, and for a while there is no other."""
    name, mine = connection.settings_dict["NAME"], connection.connection.info.backend_pid
    address = address_of_test_database().replace(f"/{name}", "/postgres", 1)
    with psycopg.connect(address, autocommit=True) as beside:
        beside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
            beside.execute(others, (name, mine))
            time.sleep(AWAY)
        finally:
            beside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def has_said(run: Run, words: str) -> bool:
    run.refresh_from_db()
    return run.output.startswith(words)


def times(log: Path) -> int:
    return len(log.read_text().splitlines())


def sent(run: Run) -> int:
    return AuditEntry.objects.filter(action="run.sent", target_id=run.pk).count()


@contextmanager
def swept(pid: Path) -> Iterator[None]:
    """What a killed agent leaves behind ends with the test."""
    yield
    with suppress(ProcessLookupError, FileNotFoundError):
        os.killpg(int(pid.read_text()), signal.SIGKILL)


def test_a_killed_agent_loses_its_run_which_never_runs_again(live_server, tmp_path, monkeypatch):
    monkeypatch.setattr(traffic, "LEASE", timedelta(seconds=3))
    monkeypatch.setattr(polls, "IDLE", 0.5)
    site, log, pid = Site(live_server.url, tmp_path / "kept" / "agent.json"), tmp_path / "log", tmp_path / "pid"
    for number in ROUNDS:
        with swept(pid), site.agent() as process:
            until(site.state.exists)
            run = asked(site.tech, site.computer, f"echo $$ > {pid}; echo x >> {log}; echo begun; sleep 30")
            until(lambda run=run: has_said(run, "begun"))
            process.kill()
        until(lambda run=run: status_of_run(run, timezone.now()).words.startswith("Lost"))
        with site.agent():
            assert site.over(asked(site.tech, site.computer, "echo again")).output == "again\n"
        assert (times(log), sent(run)) == (number + 1, 1)


def test_a_run_goes_on_when_server_and_database_come_back(server, tmp_path):
    site, log = Site(server.url, tmp_path / "kept" / "agent.json"), tmp_path / "log"
    with site.agent():
        until(site.state.exists)
        for number in ROUNDS:
            for breaks in (server.restart, go_away):
                run = asked(site.tech, site.computer, f"echo x >> {log}; echo one; sleep 3; echo two")
                until(lambda run=run: has_said(run, "one"))
                breaks()
                done = site.over(run)
                assert (done.state, done.output, done.exit_code, sent(run)) == ("finished", "one\ntwo\n", 0, 1)
            assert times(log) == 2 * (number + 1)
