"""script/server: it starts all it needs, says what one needs to know, and leaves nothing behind."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests import template
from tests.effort import effort
from tests.source import ROOT

PATIENCE = 120  # seconds; a first start loads the demo while other tests run beside it
NOBODY = 65534
UNSET = {"DATABASE_URL", "DJANGO_DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "DJANGO_SETTINGS_MODULE"}
UNSET |= {"PYTHONUNBUFFERED"}  # nobody's shell has it
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in UNSET}


def copy_checkout(to: Path) -> Path:
    """Copy what git would give."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, text=True)
    for name in (name for name in listed.split("\0") if name and (ROOT / name).exists()):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    return to


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """script/server as a child, ready; `out()` and `err()` are what it has said so far."""

    def __init__(self, checkout, logs, port, *options, **environment):
        self.logs = [logs / "server.out", logs / "server.err"]
        command = [checkout / "script" / "server", "--port", str(port), *options]
        with self.logs[0].open("w") as out, self.logs[1].open("w") as err:
            self.process = subprocess.Popen(command, env={**ENVIRONMENT, **environment}, stdout=out, stderr=err)
        deadline = time.monotonic() + PATIENCE
        while "ready on" not in self.err():
            assert self.process.poll() is None, self.err()
            assert time.monotonic() < deadline, self.err()
            time.sleep(0.1)
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def out(self):
        return self.logs[0].read_text()

    def err(self):
        return self.logs[1].read_text()

    def end(self, number=signal.SIGTERM):
        """Send the signal; return the exit code and whatever child is still there."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE), self.left()

    def left(self):
        """Return the children that still run; the dead whom nobody has buried yet do not."""
        alive = psutil.wait_procs(self.family, timeout=1)[1]
        return [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


@contextmanager
def database(**how) -> Iterator[str]:
    """The URL of a database of its own on the server of the tests, which is not the checkout's."""
    name = f"served_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        template_of = "".join(f' {word} "{value}"' for word, value in how.items())
        server.execute(f'CREATE DATABASE "{name}"{template_of}')
        try:
            yield make_conninfo(os.environ["DATABASE_URL"], dbname=name)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def elsewhere():
    """One that is up to date, as most starts find it: to migrate takes ten times as long as all else there is to do."""
    with database(TEMPLATE=template.migrated()) as url:
        yield url


@pytest.fixture
def behind():
    """An empty one; in a normal run one that lacks what an empty one is given last: a quarter of the time."""
    with database(**effort({"TEMPLATE": template.migrated()}, {}, {})) as url:
        if effort(True, False, False):
            with psycopg.connect(url) as connection:
                connection.execute("DROP TABLE django_session")
                connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        yield url


@pytest.fixture
def server(tmp_path, port, elsewhere):
    with serving(tmp_path, port, elsewhere) as started:
        yield started


@contextmanager
def serving(logs, port, url):
    started = Server(ROOT, logs, port, DATABASE_URL=url, DJANGO_DEBUG="1")
    yield started
    if started.process.poll() is None:
        started.end()


def run(*arguments, checkout=ROOT, **environment):
    """Run script/server to its end; return its code and the lines it says."""
    done = subprocess.run(
        [checkout / "script" / "server", *arguments],
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return done.returncode, done.stderr.splitlines()


def status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    code = connection.getresponse().status
    connection.close()
    return code


def test_it_serves_what_the_url_names_and_a_signal_stops_all_of_it(tmp_path, port, behind):
    with serving(tmp_path, port, behind) as server:
        assert "bringing the database up to date" in server.err()
        assert server.out() == ""
        assert "create_owner" in server.err()
        assert status(port, "/readyz") == 200
        code, lines = run("--port", str(port))
        assert (code, len(lines)) == (1, 1)
        assert f"port {port} is in use" in lines[0]
        assert server.end() == (128 + signal.SIGTERM, [])


def test_a_start_that_finds_nothing_to_do_and_ctrl_c_stops_it(server):
    assert "migrations" not in server.err()
    assert server.end(signal.SIGINT) == (128 + signal.SIGINT, [])


TYPES = ("workstation", "server", "domain_controller")


def test_the_demo_starts_its_agents_and_a_signal_ends_them(tmp_path, port, elsewhere):
    """Where there is a world already, as small as one with the demo's computers can be."""
    computers = [{"name": f"FAB-{kind}", "tenant": "fabrikam", "type": kind} for kind in TYPES]
    world = {"tenants": [{"slug": "fabrikam", "name": "Fabrikam"}], "computers": computers}
    (tmp_path / "world.json").write_text(json.dumps(world))
    urls = {"DATABASE_URL": elsewhere, "DJANGO_DEBUG": "1"}
    command = [sys.executable, "manage.py", "load_world", str(tmp_path / "world.json")]
    subprocess.run(command, cwd=ROOT, env={**ENVIRONMENT, **urls}, check=True)
    server = Server(ROOT, tmp_path, port, "--demo", **urls)
    agents = [child for child in server.family if any("immyrbac_agent" in each for each in child.cmdline())]
    assert len(agents) == len(TYPES)
    assert "audit entry written" not in server.err()
    assert server.end() == (128 + signal.SIGTERM, [])


@pytest.mark.parametrize(("program", "name"), [("granian", "the web server"), ("procrastinate", "the mail worker")])
def test_it_ends_when_a_part_of_it_does(server, program, name):
    next(child for child in server.family if program in child.cmdline()).kill()
    assert server.process.wait(PATIENCE) == 1
    assert f"{name} has ended" in server.err()
    assert not server.left()


def test_the_demo_is_refused_in_production(port, elsewhere):
    production = {
        "DATABASE_URL": elsewhere,
        "SECRET_KEY": "".join(chr(33 + (7 * number) % 90) for number in range(60)),
        "ALLOWED_HOSTS": "immyrbac.test",
        "EMAIL_URL": "smtps://mail.test/?from=it@immyrbac.test",
    }
    code, lines = run("--demo", "--port", str(port), **production)
    assert (code, len(lines)) == (1, 1)
    assert "--demo needs DJANGO_DEBUG=1" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--port", "99999"], {}, "99999 is no port"),
        (["--port", "0"], {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "set SECRET_KEY"),
        (["--port", "0"], {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x", "DJANGO_DEBUG": "1"}, "refused"),
    ],
)
def test_what_cannot_be_started_is_told_in_one_line(arguments, environment, said):
    code, lines = run(*arguments, **environment)
    assert (code, len(lines)) == (1, 1)
    assert said in lines[0]


def test_a_machine_without_python_is_told_so(tmp_path):
    for program in ("bash", "env", "dirname", "cksum", "cut", "cat", "mkdir"):
        (tmp_path / program).symlink_to(shutil.which(program))
    bare = copy_checkout(tmp_path / "bare")
    code, lines = run(checkout=bare, PATH=str(tmp_path))
    wanted = "Python 3.11 or newer, with its venv module, as python3.11 or python3 on the PATH"
    assert (code, lines) == (1, [f"immyrbac: needs {wanted}"])


def test_a_folder_that_cannot_be_written_is_told_so():
    with tempfile.TemporaryDirectory() as folder:
        bare = copy_checkout(Path(folder) / "bare")
        Path(folder).chmod(0o755)
        bare.chmod(0o555)
        whom = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run([bare / "script" / "server"], stderr=subprocess.PIPE, text=True, check=False, **whom)
    assert done.returncode == 1
    assert done.stderr == f"immyrbac: cannot write to {bare}\n"
