"""The embedded server: shared while it is used, gone when the last one leaves, started again after any end."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest

from immyrbac import postgres
from immyrbac.postgres import Cluster, PostgresError, is_alive, running
from tests.immyrbac.folders import apart


@pytest.fixture(scope="module")
def cluster():
    with apart() as folder:
        yield Cluster(folder / "data", durable=False)


@pytest.fixture
def tmp_path():
    with apart() as folder:
        yield folder


def select(url, sql):
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchone()[0]


def test_it_serves_a_role_without_superuser_rights_and_stops_at_the_end(cluster):
    with running(cluster) as url:
        assert select(
            url, "SELECT rolsuper::text || current_database() FROM pg_roles WHERE rolname = current_user"
        ) == ("falseimmyrbac")
        assert is_alive(cluster)
    assert not is_alive(cluster)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url)


@pytest.mark.parametrize(("memory_gb", "buffers"), [(2, "512MB"), (24, "1GB")])
def test_it_keeps_a_quarter_of_the_memory_at_most(cluster, monkeypatch, memory_gb, buffers):
    monkeypatch.setattr(postgres.psutil, "virtual_memory", lambda: SimpleNamespace(total=memory_gb << 30))
    with running(cluster) as url:
        assert select(url, "SHOW shared_buffers") == buffers


def test_the_last_client_stops_it_and_no_other(cluster):
    program = "import os, sys; print(os.environ['DATABASE_URL'], flush=True); sys.stdin.read()"
    command = [sys.executable, "-m", "immyrbac.postgres", "--not-durable", cluster.data, sys.executable, "-c", program]
    with running(cluster):
        other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline().strip() == cluster.url
    assert select(cluster.url, "SELECT 1") == 1
    other.communicate("")
    assert other.returncode == 0
    assert not is_alive(cluster)


def test_a_signal_stops_the_command_and_the_server(cluster):
    program = "import time; print('up', flush=True); time.sleep(60)"
    command = [sys.executable, "-m", "immyrbac.postgres", "--not-durable", cluster.data, sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout.readline() == "up\n"
        client.send_signal(signal.SIGTERM)
        assert client.wait(20) == 128 + signal.SIGTERM
    assert not is_alive(cluster)


def test_it_starts_again_after_a_kill(cluster):
    with running(cluster) as url:
        pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=5)
    with running(cluster) as url:
        assert select(url, "SELECT 1") == 1


def test_a_stale_note_with_the_number_of_a_stranger_is_no_obstacle(cluster):
    with running(cluster):
        note = (cluster.data / "postmaster.pid").read_text()
    (cluster.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note.splitlines()[1:]]))
    with running(cluster) as url:
        assert select(url, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path):
    deep = Cluster(tmp_path / ("deep" * 25) / "data", durable=False)
    assert deep.socket != deep.data
    with running(deep) as url:
        assert select(url, "SELECT 1") == 1


def test_a_half_made_cluster_is_made_anew(tmp_path):
    cluster = Cluster(tmp_path / "data", durable=False)
    cluster.beside(".new").mkdir()
    (cluster.beside(".new") / "PG_VERSION").write_text("18")
    with running(cluster) as url:
        assert select(url, "SELECT 1") == 1


def test_data_of_another_version_is_refused_in_one_line(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(PostgresError, match="made by PostgreSQL 12") as refusal, running(Cluster(data)):
        pass
    assert "\n" not in str(refusal.value)


def test_a_folder_that_cannot_be_written_is_told_in_one_line():
    with pytest.raises(PostgresError, match=r"^cannot write to /dev/null"), running(Cluster(Path("/dev/null/data"))):
        pass


def test_a_server_that_does_not_start_says_why(cluster, monkeypatch):
    monkeypatch.setattr(postgres, "START_SECONDS", 0)
    monkeypatch.setattr(postgres, "NOT_DURABLE", ("no_such_setting=1",))
    with pytest.raises(PostgresError, match="no_such_setting"), running(cluster):
        pass
