#!/usr/bin/env python3
"""The agent of immyrbac: it waits on a computer for commands that people give it there, and brings back what they say.

One file, the standard library alone, Python 3.9 or newer. It is let in once, with a secret that works once:

    python3 immyrbac_agent.py --server https://immyrbac.example --enrolment SECRET

and from then on starts without it. It takes work from that server alone, over TLS or from this machine itself, and only
work that is signed with the key that it got when it came in, over a number that it has drawn for this one question:
whoever answers in the server's place, or repeats an answer, is not obeyed. Each piece of work is done once or not.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import getpass
import hashlib
import hmac
import http.client
import ipaddress
import json
import os
import platform
import queue
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

BEAT = 1.0  # seconds between two parts of an output; an empty one says that the work goes on
LONGEST = 15 * 60  # seconds that a command may take
MOST_OUTPUT = 256 * 1024  # characters that are brought back
MOST_PART = 32 * 1024
PATIENCE = 45  # seconds for which an output waits for a server that does not answer
REPORT_EVERY = 15 * 60
TIMEOUT = 20
MOST_ANSWER = 1024 * 1024
MOST_FOUND = 1000  # lines of each section of an inventory

HARMLESS = {
    "hostname": ["hostname"],
    "whoami": ["whoami"],
    "date": ["date"],
    "uptime": ["uptime"],
    "uname -a": ["uname", "-a"],
    "df -h": ["df", "-h"],
    "sleep 5": ["sleep", "5"],
}
"""All that is run in demo mode, by what is typed; no shell sees it."""

WINDOWS_SHELL = ["powershell", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"]
INSTALLS = {
    ".deb": ["dpkg", "--install", "--force-confold"],
    ".rpm": ["rpm", "--upgrade", "--replacepkgs"],
    ".msi": ["msiexec", "/qn", "/norestart", "/i"],
    ".sh": ["/bin/sh"],
    ".ps1": WINDOWS_SHELL,
}
"""What installs a file of each kind, which stands behind it, without asking anybody."""

REMOVES = {".deb": ["dpkg", "--remove"], ".rpm": ["rpm", "--erase"], ".msi": ["msiexec", "/qn", "/norestart", "/x"]}
"""What removes a package again: by its name, on Windows by the file that it came in."""

PACKAGE_IN = {
    ".deb": ["dpkg-deb", "--show", "--showformat", "${Package}"],
    ".rpm": ["rpm", "--query", "--queryformat", "%{NAME}", "--package"],
}
IS_INSTALLED = {".deb": ["dpkg", "--status"], ".rpm": ["rpm", "--query"]}
FINE = (0, 1605, 1641, 3010)
"""Exit codes of an installer that has done it; the last three are of Windows: not there, restarts, wants to."""


class AgentError(Exception):
    """The agent cannot go on; the message is one line for whoever started it."""


class Gone(Exception):  # noqa: N818  it is an answer, no fault of this program
    """The server refuses what was sent, and will again: `status` and `why`."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def note(text: str) -> None:
    print(f"agent: {text}", file=sys.stderr, flush=True)


# The server


class Server:
    """Where the agent came in; `token` is what it is known by."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        parts = urlsplit(url)
        self.host, self.port, self.is_secure = parts.hostname or "", parts.port, parts.scheme == "https"

    def post(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        """The answer as JSON. Raises OSError where there is none, Gone for a 4xx. It follows no redirect."""
        return _object(self.fetch(path, said))

    def fetch(self, path: str, said: dict[str, Any]) -> bytes:
        """The answer as it is. Raises as `post` does, and OSError for one that is not whole."""
        link = self._link()
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            link.request("POST", path, json.dumps(said), headers)
            answer = link.getresponse()
            status, body = answer.status, answer.read(MOST_ANSWER)
            if answer.length:
                raise OSError("the answer is not whole")
        except http.client.HTTPException as error:
            raise OSError(f"no answer: {error!r}") from error
        finally:
            link.close()
        if 400 <= status < 500 and status != 429:
            raise Gone(status, _why(body))
        if status != 200:
            raise OSError(f"the server answers {status}")
        return body

    def _link(self) -> http.client.HTTPConnection:
        if self.is_secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError as error:
        raise OSError("the answer is no JSON") from error
    if not isinstance(said, dict):
        raise OSError("the answer is no object")
    return said


def _why(body: bytes) -> str:
    try:
        return str(_object(body).get("error", ""))
    except OSError:
        return ""


def checked(url: str) -> str:
    """The address without its end, if it may be spoken to: TLS, or a server on this machine. Raises AgentError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise AgentError(f"{url} is no address of a server")
    if parts.path not in ("", "/"):
        raise AgentError(f"{url} names a page, not a server")
    if parts.scheme == "http" and not _is_own(parts.hostname):
        raise AgentError(f"{url} is neither https nor on this machine: work is not taken in the clear")
    return url.rstrip("/")


def _is_own(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# What the agent keeps


class Kept:
    """The file with what the agent is known by; nobody else reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, str] | None:
        try:
            said = json.loads(self.path.read_text())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise AgentError(f"{self.path} cannot be read: remove it and let the agent in anew") from error
        return {name: str(said[name]) for name in ("server", "token", "key")}

    def write(self, said: dict[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(said, file)
        fresh.replace(self.path)


def come_in(kept: Kept, server: str | None, enrolment: str | None, facts: dict[str, Any]) -> dict[str, str]:
    """What the agent is known by, from before or from an enrolment now."""
    known = kept.read()
    if known and server and checked(server) != known["server"]:
        raise AgentError(f"this agent takes work from {known['server']} alone; remove {kept.path} to change that")
    if known:
        return {**known, "server": checked(known["server"])}
    if not server or not enrolment:
        raise AgentError("this agent has not come in yet: give --server and --enrolment")
    url = checked(server)
    try:
        answer = Server(url, enrolment).post("/agent/enrol/", facts)
    except Gone as refusal:
        raise AgentError(
            f"the server does not let this agent in: {str(refusal) or 'the enrolment is not valid'}"
        ) from refusal
    known = {"server": url, "token": str(answer["token"]), "key": str(answer["key"])}
    kept.write(known)
    note(f"came in as {answer['computer']}")
    return known


# What the computer is


PORTABLE = {"8", "9", "10", "14", "30", "31", "32"}
SERVER = {"17", "23", "25", "28", "29"}


def facts_of(name: str | None, kind: str | None) -> dict[str, Any]:
    """What is told of this computer; `name` and `kind` stand for what it would say itself."""
    return {
        "name": (name or socket.gethostname().split(".")[0])[:120],
        "type": kind or kind_of_computer(),
        "os": f"{platform.system()} {platform.release()}"[:120],
        "serial_number": serial_number()[:120],
        "people": people(),
    }


def kind_of_computer() -> str:
    if sys.platform == "win32":
        return _kind_of_windows()
    chassis = _first_line("/sys/class/dmi/id/chassis_type")
    return "portable" if chassis in PORTABLE else "server" if chassis in SERVER else "workstation"


def _kind_of_windows() -> str:
    said = _asked("(Get-CimInstance Win32_OperatingSystem).ProductType")
    return {"2": "domain_controller", "3": "server"}.get(said, "workstation")


def serial_number() -> str:
    if sys.platform == "win32":
        return _asked("(Get-CimInstance Win32_BIOS).SerialNumber")
    return _first_line("/sys/class/dmi/id/product_serial")


def people() -> list[str]:
    """Who is signed in on this computer; whoever runs the agent where nobody else can be told."""
    lines = _said("who").splitlines() if shutil.which("who") else []
    found = {line.split()[0] for line in lines if line.split()}
    with contextlib.suppress(OSError, KeyError, ImportError):
        found = found or {getpass.getuser()}
    return sorted(found)


Found = list[tuple[str, str]]


def system() -> Found:
    return [
        ("Name", socket.gethostname()),
        ("Operating system", _named_system()),
        ("Kernel", platform.release()),
        ("Version", platform.version()),
        ("Architecture", platform.machine()),
        ("Time zone", time.strftime("%Z")),
        ("Running since", _started()),
        ("Signed in", ", ".join(people())),
    ]


def _named_system() -> str:
    with contextlib.suppress(OSError):
        named = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
        return named.get("PRETTY_NAME", "").strip('"') or platform.system()
    return f"{platform.system()} {platform.release()}"


def _started() -> str:
    if sys.platform == "win32":
        return _asked("(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToString('s')")
    seconds = _first_line("/proc/uptime").split(" ")[0]
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(time.time() - float(seconds))) if seconds else ""


def hardware() -> Found:
    return [
        ("Serial number", serial_number()),
        ("Manufacturer", _of_machine("sys_vendor", "Manufacturer")),
        ("Model", _of_machine("product_name", "Model")),
        ("Processor", _processor()),
        ("Processors", str(os.cpu_count() or "")),
        ("Memory", _memory()),
    ]


def _of_machine(file: str, column: str) -> str:
    if sys.platform == "win32":
        return _asked(f"(Get-CimInstance Win32_ComputerSystem).{column}")
    return _first_line(f"/sys/class/dmi/id/{file}")


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _memory() -> str:
    if sys.platform == "win32":
        said = _asked("(Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory")
        return _size(int(said)) if said.isdecimal() else ""
    kibibytes = _first_line("/proc/meminfo").split()
    return _size(int(kibibytes[1]) * 1024) if len(kibibytes) > 1 else ""


def disks() -> Found:
    """The root, or the drives of Windows; others are left to who needs them."""
    roots = [f"{letter}:\\" for letter in "CDEFGH"] if sys.platform == "win32" else ["/"]
    found = []
    for root in roots:
        with contextlib.suppress(OSError):
            usage = shutil.disk_usage(root)
            found.append((root, f"{_size(usage.free)} free of {_size(usage.total)}"))
    return found


def _size(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB"


def network() -> Found:
    with contextlib.suppress(OSError):
        addresses = {str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None)}
        return [("Address", address) for address in sorted(addresses)]
    return []


def software() -> Found:
    """What the package manager knows, or Windows lists as installed."""
    if sys.platform == "win32":
        key = "Microsoft\\Windows\\CurrentVersion\\Uninstall\\*"
        keys = f"'HKLM:\\Software\\{key}','HKLM:\\Software\\WOW6432Node\\{key}'"
        said = _asked(f'Get-ItemProperty {keys} | % {{ "$($_.DisplayName)`t$($_.DisplayVersion)" }}')
    elif shutil.which("dpkg-query"):
        said = _said("dpkg-query", "-W", "-f", "${Package}\t${Version}\n")
    else:
        said = _said("rpm", "-qa", "--queryformat", "%{NAME}\t%{VERSION}\n")
    pairs = (line.partition("\t") for line in said.splitlines())
    return sorted({(name.strip(), version.strip() or "unknown") for name, _, version in pairs if name.strip()})


INVENTORY: list[tuple[str, Callable[[], Found]]] = [
    ("System", system),
    ("Hardware", hardware),
    ("Disks", disks),
    ("Network", network),
    ("Software", software),
]
"""What an inventory looks at, in this order."""


def _asked(command: str) -> str:
    return _said("powershell", "-NoProfile", "-Command", command)


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace").strip().splitlines()[0]
    except (OSError, IndexError):
        return ""


def _succeeds(*command: str) -> bool:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    return False


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


# Work


class Job:
    """A piece of work whose signature held."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.kind, self.token = str(said.get("kind", "run")), str(said["token"])
        number = int(said["run" if self.kind == "run" else "stage"])
        self.path = f"/agent/{'runs' if self.kind == 'run' else 'stages'}/{number}/"
        self.name = f"{self.kind} {number}"
        self.body, self.language = str(said.get("body", "")), str(said.get("language", ""))
        self.software, self.is_wanted = str(said.get("software", "")), said.get("wanted") == "installed"
        self.files = [Wanted(each) for each in said.get("files", [])]


class Wanted:
    """A file that a job takes; what it holds is told by the checksum, which the server has signed."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.token, self.name = str(said["token"]), str(said["name"])
        self.size, self.sha256 = int(said["size"]), str(said["sha256"])
        self.kind = Path(self.name).suffix.lower()


def signed_job(answer: dict[str, Any], key: str, nonce: str) -> Job | None:
    """The work in an answer; None where it holds none. Raises AgentError where it is not the server's own."""
    if "job" not in answer:
        return None
    text, given = str(answer["job"]), str(answer.get("signature", ""))
    right = hmac.new(key.encode(), f"{nonce}\n{text}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), given.encode()):
        raise AgentError("work came that this agent's server has not signed: it is not done")
    return Job(json.loads(text))


class Working:
    """One piece of work that is done: a program, what it says, and the parts in which that is brought back."""

    def __init__(self, server: Server, job: Job) -> None:
        self.server, self.job = server, job
        self.number, self.room = 0, MOST_OUTPUT
        self.fine: tuple[int, ...] = (0,)

    def refuse(self, why: str) -> None:
        said = {"refused": why} if self.job.kind == "run" else {"failed": why}
        with contextlib.suppress(Gone):
            self._send("", done=True, **said)

    def finish(self, text: str) -> None:
        """It is done, with nothing to run."""
        self._send(text, done=True, exit_code=0)

    def tell(self, text: str, **more: Any) -> None:
        """Say something of it before it goes on. Raises Gone where it shall not."""
        if self._send(text, **more):
            raise Gone(409, "whoever asked for it may no longer have it")

    def look(self) -> None:
        """Take an inventory, section by section; whatever was found comes with the last report."""
        lines: list[list[str]] = []
        try:
            for position, (section, seek) in enumerate(INVENTORY, start=1):
                found = [[section, name, value] for name, value in seek() if value]
                lines += found[:MOST_FOUND]
                cut = f", of which {MOST_FOUND} are told" if len(found) > MOST_FOUND else ""
                is_over, text = position == len(INVENTORY), f"{section}: {len(found)} found{cut}\n"
                more = {"progress": position * 100 // len(INVENTORY), "done": is_over}
                if self._send(text, **more, **({"lines": lines} if is_over else {})) and not is_over:
                    note(f"{self.job.name} is stopped: whoever asked for it may no longer have it")
                    return
        except (Gone, OSError) as error:
            note(f"{self.job.name} is stopped: {error}")

    def fetch(self, wanted: Wanted, path: Path) -> bool:
        """Bring a file from the server, piece by piece; returns whether it is there, and is what was signed."""
        digest, got, told = hashlib.sha256(), 0, time.monotonic()
        with path.open("xb") as file:
            while got < wanted.size:
                piece = self._patiently(partial(self._piece, wanted, got))
                if not piece:
                    break
                digest.update(piece)
                got += file.write(piece)
                if time.monotonic() - told > BEAT:
                    told = time.monotonic()
                    self.tell("", progress=got * 50 // max(wanted.size, got))
        if got == wanted.size and hmac.compare_digest(digest.hexdigest(), wanted.sha256):
            return True
        self.refuse(f"{wanted.name} came otherwise than the server has signed it. Nothing of it was run.")
        return False

    def _piece(self, wanted: Wanted, start: int) -> bytes:
        said = {"token": self.job.token, "file": wanted.token, "start": start}
        return self.server.fetch(f"{self.job.path}file/", said)

    def do(self, command: list[str], fine: tuple[int, ...] = (0,)) -> None:
        """Run it to its end, unless the server says stop, falls silent, or it takes too long."""
        self.fine = fine
        try:
            process = subprocess.Popen(
                command,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._send(f"{error.strerror}: {command[0]}\n", done=True, exit_code=127)
            return
        try:
            self._follow(process)
        except Gone as refusal:
            note(f"{self.job.name} is stopped: {str(refusal) or 'the server says so'}")
        except OSError as error:
            note(f"{self.job.name} is stopped: {error}")
        finally:
            _kill(process)

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        pieces: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        threading.Thread(target=_read, args=(process, pieces), daemon=True).start()
        decoder, ends = codecs.getincrementaldecoder("utf-8")("replace"), time.monotonic() + LONGEST
        text, is_over = "", False
        while not is_over:
            text, is_over = _gather(pieces, decoder)
            if time.monotonic() > ends:
                self._send(f"{text}\nStopped after {LONGEST // 60} minutes.\n", done=True, exit_code=-1)
                return
            if not is_over and self._send(text):
                raise Gone(409, "whoever asked for it may no longer run it")
        _kill(process, wait=True)
        code = process.returncode
        self._send(text, done=True, exit_code=0 if code in self.fine else code)

    def _send(self, text: str, **more: Any) -> bool:
        """Bring a part back; returns whether to stop."""
        kept = text[: self.room]
        self.room -= len(kept)
        said = {"token": self.job.token, "number": self.number, "output": kept, "is_cut": len(kept) < len(text), **more}
        answer = self._patiently(partial(self.server.post, self.job.path, said))
        self.number += 1
        return bool(answer.get("stop"))

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """What is asked for; a server that does not answer is asked again for a while."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return ask()
            except OSError:
                if time.monotonic() > ends:
                    raise
                time.sleep(BEAT)


def _read(process: subprocess.Popen[bytes], pieces: queue.Queue[bytes | None]) -> None:
    """What the program says, piece by piece; None is its end."""
    if process.stdout:
        while piece := os.read(process.stdout.fileno(), 8192):
            pieces.put(piece)
    pieces.put(None)


def _gather(pieces: queue.Queue[bytes | None], decoder: codecs.IncrementalDecoder) -> tuple[str, bool]:
    """What was said within a beat, or as much as one part holds; and whether that was all."""
    text, ends = "", time.monotonic() + BEAT
    while len(text) < MOST_PART and (left := ends - time.monotonic()) > 0:
        try:
            piece = pieces.get(timeout=left)
        except queue.Empty:
            break
        if piece is None:
            return text + decoder.decode(b"", final=True), True
        text += decoder.decode(piece)
    return text, False


def _kill(process: subprocess.Popen[bytes], *, wait: bool = False) -> None:
    """End a program and all that it started, at the latest in five seconds where it may end by itself."""
    if wait:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout and not wait:
        process.stdout.close()


def interpreter(language: str) -> tuple[str, list[str]]:
    """How its file ends, and what runs it; without a language the shell of the system."""
    if language == "python":
        return ".py", [sys.executable]
    if language == "bash":
        return ".sh", ["bash"]
    if language == "powershell" or sys.platform == "win32":
        return ".ps1", WINDOWS_SHELL if sys.platform == "win32" else ["pwsh", "-NoProfile", "-NonInteractive", "-File"]
    return ".sh", ["/bin/sh"]


@contextlib.contextmanager
def command_for(job: Job) -> Iterator[list[str]]:
    """The program that runs it, with the text in a file that only this agent reads."""
    suffix, program = interpreter(job.language)
    with tempfile.TemporaryDirectory(prefix="immyrbac-") as folder:
        path = Path(folder) / f"run{suffix}"
        text = job.body if job.body.endswith("\n") else job.body + "\n"
        path.write_text(text, encoding="utf-8-sig" if suffix == ".ps1" else "utf-8")
        yield [*program, str(path)]


def deploy(working: Working, job: Job) -> None:
    """Install the one file of the software that can be installed here, or remove what it installs."""
    programs = INSTALLS if job.is_wanted else REMOVES
    able = [file for file in job.files if file.kind in programs and shutil.which(programs[file.kind][0])]
    verb = "installed" if job.is_wanted else "removed"
    if len(able) != 1:
        names = ", ".join(file.name for file in able or job.files) or "it has none"
        why = "More than one of its files" if able else "None of its files"
        working.refuse(f"{job.software}: {why} can be {verb} by this agent on this computer: {names}.")
        return
    with tempfile.TemporaryDirectory(prefix="immyrbac-") as folder:
        path = Path(folder) / f"file{able[0].kind}"
        try:
            if working.fetch(able[0], path):
                working.tell(f"{able[0].name}: {able[0].size:,} bytes, and what was signed.\n")
                install(working, path) if job.is_wanted else remove(working, path)
        except (Gone, OSError) as error:
            note(f"{job.name} is stopped: {error}")
            working.refuse(str(error))


def install(working: Working, path: Path) -> None:
    working.do([*INSTALLS[path.suffix], str(path)], FINE)


def remove(working: Working, path: Path) -> None:
    """By the name that the package itself bears; one that is not installed is gone already."""
    if path.suffix == ".msi":
        working.do([*REMOVES[path.suffix], str(path)], FINE)
        return
    package = _said(*PACKAGE_IN[path.suffix], str(path))
    if not package:
        working.refuse("The file is no package that can be read here.")
    elif not _succeeds(*IS_INSTALLED[path.suffix], "--", package):
        working.finish(f"{package} is not installed: there is nothing to remove.\n")
    else:
        working.do([*REMOVES[path.suffix], "--", package])


def work(server: Server, job: Job, *, demo: bool) -> None:
    working = Working(server, job)
    if job.kind == "inventory":
        working.look()
    elif job.kind == "software" and demo:
        working.refuse("This is an agent of the demo. It installs and removes nothing.")
    elif job.kind == "software":
        deploy(working, job)
    elif job.kind not in ("run", "script"):
        working.refuse(f"This agent does not know how to do this: {job.kind}. Install the present one.")
    elif not demo:
        with command_for(job) as command:
            working.do(command)
    elif harmless := HARMLESS.get(job.body.strip()):
        working.do(harmless)
    else:
        working.refuse(f"This is an agent of the demo. It runs these and nothing else: {', '.join(HARMLESS)}.")


def serve(server: Server, key: str, facts: Any, *, demo: bool) -> NoReturn:
    """Ask for work until somebody ends this program, or the server knows it no more."""
    reported, pause = 0.0, 0.0
    while True:
        try:
            if not demo and (not reported or time.monotonic() - reported > REPORT_EVERY):
                server.post("/agent/report/", facts())
                reported = time.monotonic()
            nonce = secrets.token_hex(16)
            answer = server.post("/agent/poll/", {"nonce": nonce})
            job = signed_job(answer, key, nonce)
            if job:
                work(server, job, demo=demo)
            pause = 0.0 if job else min(max(float(answer.get("wait", 2)), 0.5), 60)
        except Gone as refusal:
            if refusal.status == 401 and not demo:
                raise AgentError("the server knows this agent no more") from refusal
            note(f"the server refuses: {refusal.status} {refusal}")
            pause = 60  # an agent of the demo that somebody removed waits: its end would be that of script/server
        except OSError as error:
            note(f"{error}; asking again")
            pause = min(max(pause * 2, 1), 30)
        time.sleep(pause)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The agent of immyrbac on this computer.")
    parser.add_argument("--server", help="https://… ; http only for a server on this machine")
    parser.add_argument("--enrolment", help="the secret that lets this agent in, once")
    parser.add_argument("--state", type=Path, default=Path.home() / ".immyrbac-agent" / "agent.json")
    parser.add_argument("--name", help="the name of this computer, where its own is not meant")
    parser.add_argument("--type", choices=["workstation", "portable", "server", "domain_controller"])
    parser.add_argument(
        "--demo", action="store_true", help="look, run a few harmless commands, and refuse all others; report nothing"
    )
    return parser.parse_args()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = parse()

    def facts() -> dict[str, Any]:
        return facts_of(options.name, options.type)

    try:
        known = come_in(Kept(options.state), options.server, options.enrolment, facts())
        serve(Server(known["server"], known["token"]), known["key"], facts, demo=options.demo)
    except AgentError as error:
        note(str(error))
        return 1
    except OSError as error:
        note(f"the server cannot be reached: {error}")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
