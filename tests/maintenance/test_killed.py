"""An agent or a server that is killed in the middle of a stage: the session fails or goes on, nothing is done twice.

The last stage of the inventory asks a program of the machine; here it is one that counts how often it was asked, and
answers when it may.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from computers.maintenance.models import Inventory, MaintenanceSession
from computers.maintenance.traffic import LOST
from rbac.models import AuditEntry
from tests import factories
from tests.agents.test_agent import PROGRAM, Site, until
from tests.deployments.factories import TenantDeploymentFactory
from tests.effort import effort
from tests.maintenance.acting import begun, keeper, standing
from tests.races.workers import address_of_test_database, free_port, wait_for
from tests.source import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = range(effort(1, 2, 20))
ASKED = """#!/bin/sh
echo asked >> asked
touch begun
while [ ! -e go ]; do sleep 0.05; done
printf 'nginx\\t1.22\\n'
"""


SCRIPT = """echo ran >> {folder}/ran
touch {folder}/begun
while [ ! -e {folder}/go ]; do sleep 0.05; done
"""


class Killed(Site):
    """A site whose agent and server are processes that can be killed, and begin anew where they were."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}", folder / "agent.json")
        self.folder, self.kim = folder, keeper(self.computer, self.people.contoso)
        slow = folder / "bin" / "dpkg-query"
        slow.parent.mkdir()
        slow.write_text(ASKED)
        slow.chmod(0o755)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def serve(self) -> None:
        environment = {**os.environ, "DATABASE_URL": address_of_test_database(), "DJANGO_DEBUG": "1"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self.port)]
        command += ["--log-level", "error", "tests.served:application"]
        self._start("server", command, environment, ROOT)
        wait_for(self.port)

    def attend(self) -> None:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        command = [sys.executable, str(PROGRAM), "--state", str(self.state), "--name", "LIT-01", *self.arguments]
        self._start("agent", command, {**os.environ, "PATH": path}, self.folder)
        until(self.state.exists)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def deploy(self) -> None:
        """Have a script run there whose end is waited for, instead of that of the inventory."""
        (self.folder / "bin" / "dpkg-query").write_text("#!/bin/sh\n")
        version = factories.ScriptFactory(language="bash", body=SCRIPT.format(folder=self.folder)).versions.get()
        said = {"state": "run", "software": None, "script_version": version}
        TenantDeploymentFactory(tenant=self.people.litware, saved_by=self.people.marcus, **said)

    def in_the_middle(self) -> MaintenanceSession:
        """A session whose stage has begun and cannot end yet."""
        for mark in ("begun", "go"):
            (self.folder / mark).unlink(missing_ok=True)
        session = begun(self.kim, self.computer)
        until((self.folder / "begun").exists)
        return session

    def go_on(self) -> None:
        (self.folder / "go").touch()

    def ended(self, session: MaintenanceSession) -> tuple[str, str]:
        until(lambda: standing(session)[0] not in ("queued", "running"))
        return standing(session)

    def times_asked(self) -> int:
        return (self.folder / "asked").read_text().count("asked")

    def times_run(self) -> int:
        return (self.folder / "ran").read_text().count("ran")

    def _start(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.running[name] = subprocess.Popen(
            command, env=environment, cwd=folder, start_new_session=True, stderr=subprocess.DEVNULL
        )


@pytest.fixture
def site(transactional_db, tmp_path) -> Iterator[Killed]:
    site = Killed(tmp_path)
    try:
        site.serve()
        site.attend()
        yield site
    finally:
        for name in list(site.running):
            site.kill(name)


def test_an_agent_that_is_killed_has_failed_and_does_the_next_one(site):
    for number in ROUNDS:
        session = site.in_the_middle()
        site.kill("agent")
        assert standing(session) == ("running", "sent")
        site.go_on()
        site.attend()
        assert site.ended(session) == ("failed", "failed")
        session.refresh_from_db()
        assert (session.why, site.times_asked()) == (LOST, 2 * number + 1)
        after = site.in_the_middle()
        site.go_on()
        assert site.ended(after) == ("done", "done")
        assert site.times_asked() == 2 * number + 2
    assert AuditEntry.objects.filter(action="maintenance.sent").count() == 2 * len(ROUNDS)


def test_a_server_that_is_killed_comes_again_and_the_session_goes_on(site):
    for number in ROUNDS:
        session = site.in_the_middle()
        site.kill("server")
        if number % 2 == 0:
            site.go_on()  # the last report finds no server, and comes again
            time.sleep(0.5)
        site.serve()
        site.go_on()
        assert site.ended(session) == ("done", "done")
        assert (site.times_asked(), Inventory.objects.count()) == (number + 1, number + 1)
        assert session.stages.get().output.count("Software") == 1
    assert AuditEntry.objects.filter(action="maintenance.sent").count() == len(ROUNDS)


def test_a_deployment_whose_agent_is_killed_has_failed_and_is_not_run_again(site):
    site.deploy()
    for number in ROUNDS:
        session = site.in_the_middle()
        site.kill("agent")
        site.go_on()
        site.attend()
        assert site.ended(session) == ("failed", "done")
        assert (session.stages.latest("position").state, site.times_run()) == ("failed", 2 * number + 1)
        after = site.in_the_middle()
        site.go_on()
        assert site.ended(after) == ("done", "done")
        assert site.times_run() == 2 * number + 2


def test_a_deployment_whose_server_is_killed_goes_on_and_is_run_once(site):
    site.deploy()
    for number in ROUNDS:
        session = site.in_the_middle()
        site.kill("server")
        site.go_on()
        site.serve()
        assert site.ended(session) == ("done", "done")
        assert (session.stages.latest("position").state, site.times_run()) == ("done", number + 1)
