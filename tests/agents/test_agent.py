"""The agent itself, as a program, against a server: it comes in, runs what it is given, and obeys nobody else."""

import http.server
import json
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest
from django.db import connection

from computers.agents.models import Agent, Run, RunState
from computers.agents.services import create_enrolment, stop_run
from computers.maintenance import traffic
from rbac.audit import SYSTEM, Actor
from rbac.models import AuditEntry
from rbac.services import end_assignments
from tests import factories
from tests.agents.acting import asked, technician
from tests.people import People
from tests.source import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

PROGRAM = ROOT / "agent" / "immyrbac_agent.py"
PATIENCE = 30


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def program(state: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The agent as it is started on a computer."""
    command = [sys.executable, str(PROGRAM), "--state", str(state), "--name", "LIT-01", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def ended(process: subprocess.Popen[str]) -> str:
    """What it says when it gives up by itself."""
    said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 1
    return said


class Site:
    """A server with a tenant's computer on which an agent runs, and somebody who may use it."""

    def __init__(self, url: str, state: Path) -> None:
        self.people, self.url, self.state = People(), url, state
        self.computer = factories.ComputerFactory(name="LIT-01", tenant=self.people.litware)
        self.tech = technician(self.computer, self.people.contoso)
        enrolment, secret = create_enrolment(actor=SYSTEM, tenant=self.people.litware, computer=self.computer)
        self.enrolment, self.arguments = enrolment, ("--server", url, "--enrolment", secret)

    def agent(self, *more: str) -> AbstractContextManager[subprocess.Popen[str]]:
        return program(self.state, *self.arguments, *more)

    def over(self, run: Run) -> Run:
        """The run, when it has come to its end."""

        def is_over() -> bool:
            run.refresh_from_db()
            return run.state not in (RunState.QUEUED, RunState.SENT)

        until(is_over)
        return run


@pytest.fixture
def site(live_server, tmp_path, monkeypatch) -> Site:
    monkeypatch.setattr(traffic, "IDLE", 0.5)
    return Site(live_server.url, tmp_path / "kept" / "agent.json")


def test_it_comes_in_runs_a_command_and_brings_its_output_back(site):
    with site.agent():
        until(site.state.exists)
        done = site.over(asked(site.tech, site.computer, "echo one; echo two >&2; printf 'ü\\n'; exit 3"))
        script = factories.ScriptFactory(name="Count", body="for n in 1 2 3; do echo $n; done")
        run = Run.objects.create(
            computer=site.computer,
            tenant=site.computer.tenant,
            asked_by=site.tech,
            title="Count",
            script="Count",
            body=script.body,
        )
        counted = site.over(run)
    assert (done.output, done.exit_code, done.state) == ("one\ntwo\nü\n", 3, "finished")
    assert (counted.output, counted.exit_code) == ("1\n2\n3\n", 0)
    assert stat.S_IMODE(site.state.stat().st_mode) == 0o600
    assert {"run.asked", "run.sent", "run.finished"} <= set(AuditEntry.objects.values_list("action", flat=True))


def test_output_is_seen_while_it_comes_and_stops_with_the_right(site):
    with site.agent():
        until(site.state.exists)
        run = asked(site.tech, site.computer, f"echo begun; sleep 60; touch {site.state.parent}/end")

        def has_begun() -> bool:
            run.refresh_from_db()
            return run.output == "begun\n"

        until(has_begun)
        rows = [row.pk for row in site.tech.role_assignments.all()]
        end_assignments(actor=SYSTEM, assignments=rows, reason="Over")
        assert site.over(run).state == "stopped"
    assert not (site.state.parent / "end").exists()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_somebody_stops_ends_with_all_that_it_started(site):
    kept = site.state.parent / "pid"
    with site.agent():
        until(site.state.exists)
        run = asked(site.tech, site.computer, f"sleep 60 & echo $! > {kept}; echo begun; wait")
        until(lambda: Run.objects.get(pk=run.pk).output == "begun\n")
        stop_run(actor=Actor(site.tech), run=run)
        until(lambda: is_gone(int(kept.read_text())))
        assert site.over(asked(site.tech, site.computer, "echo next")).output == "next\n"
    assert site.over(run).stopped_by == site.tech


def test_of_the_demo_it_runs_what_is_harmless_and_refuses_the_rest(site):
    with site.agent("--demo"):
        until(site.state.exists)
        harmless = site.over(asked(site.tech, site.computer, "date"))
        other = site.over(asked(site.tech, site.computer, f"touch {site.state.parent}/done"))
        joined = site.over(asked(site.tech, site.computer, "date; id"))
    assert (harmless.state, harmless.exit_code) == ("finished", 0)
    for refused in (other, joined):
        assert refused.state == "refused"
        assert refused.why.startswith("This is an agent of the demo. It runs these and nothing else:")
    assert not (site.state.parent / "done").exists()


def test_it_goes_on_after_a_restart_and_ends_when_it_is_removed(site):
    with site.agent():
        until(site.state.exists)
    with program(site.state) as process:
        assert site.over(asked(site.tech, site.computer, "echo again")).output == "again\n"
        Agent.objects.update(removed_at="2026-01-01T00:00Z")
        assert "knows this agent no more" in ended(process)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--server", "http://203.0.113.5", "--enrolment", "x"], "neither https nor on this machine"),
        (["--server", "ftp://localhost", "--enrolment", "x"], "is no address of a server"),
        (["--server", "https://user@localhost/", "--enrolment", "x"], "is no address of a server"),
        ([], "has not come in yet"),
    ],
    ids=str,
)
def test_it_speaks_to_no_server_in_the_clear(tmp_path, arguments, said):
    command = [sys.executable, str(PROGRAM), "--state", str(tmp_path / "agent.json"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


class Impostor(http.server.BaseHTTPRequestHandler):
    """Answers in the server's place, and gives out work that it has seen before or makes up."""

    def do_POST(self) -> None:
        job = json.dumps({"run": 1, "token": "x", "language": "", "body": self.server.body})
        answer = {} if self.path.endswith("report/") else {"job": job, "signature": "0" * 64}
        body = json.dumps(answer).encode()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


def test_it_does_nothing_for_whoever_answers_in_the_servers_place(tmp_path):
    impostor = http.server.HTTPServer(("127.0.0.1", 0), Impostor)
    impostor.body = f"touch {tmp_path}/done"
    threading.Thread(target=impostor.serve_forever, daemon=True).start()
    state, url = tmp_path / "agent.json", f"http://127.0.0.1:{impostor.server_port}"
    state.write_text(json.dumps({"server": url, "token": "t", "key": "k"}))
    with program(state) as process:
        assert "not signed" in ended(process)
    impostor.shutdown()
    impostor.server_close()
    assert not (tmp_path / "done").exists()


def test_it_does_not_change_its_server(site, tmp_path):
    with site.agent():
        until(site.state.exists)
    with program(site.state, "--server", "http://127.0.0.1:9", "--enrolment", "x") as process:
        assert "takes work from" in ended(process)
    connection.close()
