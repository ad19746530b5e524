"""The agent itself, as a program, carries deployments out: scripts and software really happen on its computer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from computers.deployments.models import Deployment
from computers.maintenance import traffic
from computers.maintenance.models import MaintenanceSession
from computers.software_services import add_software_file
from rbac.audit import Actor
from tests import factories
from tests.agents.test_agent import Site, until
from tests.deployments.factories import TenantDeploymentFactory
from tests.maintenance.acting import begun, keeper, standing

pytestmark = pytest.mark.django_db(transaction=True)

DPKG = """#!/bin/sh
echo "$0 $*" >> {folder}/asked
case "$1" in --show) printf tools ;; --status) test -e {folder}/installed ;; --remove) echo removed ;; esac
"""
PROGRAMS = ("dpkg", "dpkg-deb", "dpkg-query")


class Carrying(Site):
    """A site whose owner deploys to its computer."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder / "kept" / "agent.json")
        self.folder, self.kim = folder, keeper(self.computer, self.people.contoso)

    def deployed(self, **said) -> Deployment:
        return TenantDeploymentFactory(tenant=self.people.litware, saved_by=self.people.marcus, **said)

    def script(self, body: str, **said) -> Deployment:
        version = factories.ScriptFactory(language="bash", body=body).versions.get()
        return self.deployed(state="run", software=None, script_version=version, **said)

    def software(self, file: str, content: bytes, **said) -> Deployment:
        """With one file, which was really uploaded."""
        item = factories.SoftwareFactory(name="Tools", tenant=self.people.litware)
        add_software_file(actor=Actor(self.people.marcus), software=item, file=factories.uploaded(file, content))
        return self.deployed(software=item, **said)

    def maintained(self) -> MaintenanceSession:
        """A session, when it has come to its end."""
        until(self.state.exists)
        session = begun(self.kim, self.computer)
        until(lambda: standing(session)[0] not in ("queued", "running"))
        session.refresh_from_db()
        return session


def last(session: MaintenanceSession):
    return session.stages.latest("position")


@pytest.fixture
def site(live_server, tmp_path, monkeypatch) -> Iterator[Carrying]:
    monkeypatch.setattr(traffic, "IDLE", 0.5)
    for program in PROGRAMS:
        path = tmp_path / "bin" / program
        path.parent.mkdir(exist_ok=True)
        path.write_text(DPKG.format(folder=tmp_path))
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return Carrying(live_server.url, tmp_path)


def test_scripts_run_one_after_the_other_and_say_how_they_ended(site):
    site.script(f"echo first >> {site.folder}/ran; echo one", name="A")
    site.script(f"echo second >> {site.folder}/ran; exit 3", name="B")
    site.script(f"echo third >> {site.folder}/ran", name="C")
    with site.agent():
        session = site.maintained()
    assert (site.folder / "ran").read_text() == "first\nsecond\nthird\n"
    assert (session.state, session.why) == ("failed", "It ended with exit code 3.")
    stages = session.stages.order_by("position").values_list("state", "output")[1:]
    assert list(stages) == [("done", "one\n"), ("failed", ""), ("done", "")]


def test_software_is_fetched_and_installed(site):
    content = f"echo installed > {site.folder}/installed; echo all well\n".encode() + b"# filled up\n" * 200_000
    site.software("tools.sh", content)
    with site.agent():
        session = site.maintained()
    assert (session.state, (site.folder / "installed").read_text()) == ("done", "installed\n")
    assert last(session).output == f"tools.sh: {len(content):,} bytes, and what was signed.\nall well\n"


def test_what_comes_otherwise_than_it_was_uploaded_is_never_run(site):
    found = site.software("tools.sh", b"echo well\n")
    file = found.software.files.get()
    default_storage.delete(file.place)
    default_storage.save(file.place, ContentFile(b"touch bad\n"))
    with site.agent():
        session = site.maintained()
    assert last(session).why == "tools.sh came otherwise than the server has signed it. Nothing of it was run."
    assert (session.state, last(session).output) == ("failed", "")


@pytest.mark.parametrize("name", ["tools.exe", "tools"])
def test_what_the_agent_cannot_do_it_says(name, site):
    site.software(name, b"MZ")
    with site.agent():
        session = site.maintained()
    assert last(session).why == f"Tools: None of its files can be installed by this agent on this computer: {name}."
    assert session.state == "failed"


def test_a_package_is_installed_and_removed_by_its_own_name(site):
    found = site.software("tools.deb", b"a package")
    with site.agent():
        assert site.maintained().state == "done"
        Deployment.objects.filter(pk=found.pk).update(state="absent")
        gone = site.maintained()
        (site.folder / "installed").touch()
        removed = site.maintained()
    assert last(gone).output.endswith("tools is not installed: there is nothing to remove.\n")
    assert (removed.state, last(removed).output.endswith("removed\n")) == ("done", True)
    asked = [line.split("/")[-1] for line in (site.folder / "asked").read_text().splitlines()]
    assert [line for line in asked if line.startswith("dpkg --remove")] == ["dpkg --remove -- tools"]
    assert sum("--install --force-confold" in line for line in (site.folder / "asked").read_text().splitlines()) == 1


def test_an_agent_of_the_demo_installs_nothing_and_runs_what_is_harmless(site):
    site.script("date", name="A")
    site.script(f"touch {site.folder}/done", name="B")
    site.software("tools.sh", f"touch {site.folder}/done".encode(), name="C")
    with site.agent("--demo"):
        session = site.maintained()
    (date, *refused) = session.stages.order_by("position")[1:]
    assert (date.state, [stage.state for stage in refused]) == ("done", ["failed", "failed"])
    assert refused[0].why.startswith("This is an agent of the demo. It runs these and nothing else:")
    assert refused[1].why == "This is an agent of the demo. It installs and removes nothing."
    assert not (site.folder / "done").exists()
