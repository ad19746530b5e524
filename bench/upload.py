"""How much memory the server takes for one large upload and the download of the same file.

    script/setup && .venv/bin/python bench/upload.py [--mib 1024] [--json FILE]

Starts the server as script/server does, makes a piece of software, sends a file of random bytes to it as a browser's
form does, fetches it again, compares both by SHA-256, and deletes it. Small files have gone the same way before, so
that what a process keeps after its first is not counted. What the processes of the server hold is looked at each 50 ms.
Bar of issue 5: memory stays flat, taken as 32 MiB more than before at most.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.browsing import Browser, fields_of
from bench.load import judged, server
from bench.prepared import prepared
from immyrbac.postgres import leave_orderly

MIB = 1024 * 1024
MOST_MORE_MIB = 32
SMALL_MIB, WARMING = 8, 4
"""So often a small one goes first: there are some workers, and each keeps something."""
BOUNDARY = "bench-of-uploads"
NAME = "Bench of uploads"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="size of the file (default: 1024)")
    parser.add_argument("--port", type=int, default=8009, help="of the server that is started (default: 8009)")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    wanted = parser.parse_args()
    leave_orderly()
    with prepared("small"), server(wanted.port) as process:
        said = measure(process, wanted.port, wanted.mib)
    for bar in said["bars"]:
        print(f"{'met' if bar['met'] else 'NOT MET':<8}{bar['bar']:<40}{bar['found']:>8} at most {bar['at_most']}")
    print(f"sent in {said['sent_s']} s, fetched in {said['fetched_s']} s; {said['before_mib']} MiB before")
    if wanted.json:
        wanted.json.write_text(json.dumps(said, indent=1) + "\n")
    return not all(bar["met"] for bar in said["bars"])


def measure(process: psutil.Process, port: int, mib: int) -> dict[str, Any]:
    from bench.visits import PEOPLE  # noqa: PLC0415  needs the models
    from rbac.demo.people import PASSWORD  # noqa: PLC0415  likewise

    owner = Browser(port)
    owner.sign_in(PEOPLE["owner"], PASSWORD)
    for _ in range(WARMING):
        small = _software(owner)
        _send(owner, small.pk, SMALL_MIB)
        _fetch(owner, small)
        _deleted(owner, small.pk)
    found, before = _software(owner), _held(process)
    with _watched(process) as sending:
        sent, sent_s = _send(owner, found.pk, mib)
    with _watched(process) as fetching:
        fetched, fetched_s = _fetch(owner, found)
    _deleted(owner, found.pk)
    return {
        "before_mib": round(before),
        "sent_s": sent_s,
        "fetched_s": fetched_s,
        "bars": [
            judged("MiB more while it is sent", round(max(sending) - before), MOST_MORE_MIB, "MiB"),
            judged("MiB more while it is fetched", round(max(fetching) - before), MOST_MORE_MIB, "MiB"),
            judged("bytes that came back otherwise", int(sent != fetched), 0, ""),
        ],
    }


def _software(owner: Browser) -> Any:
    from computers.models import Software  # noqa: PLC0415  needs the models

    fields = fields_of(owner.get("/software/new/shared/").body, "name")
    answer = owner.post("/software/new/shared/", {**fields, "name": f"{NAME} {time.time():.0f}"})
    if answer.status != 302:
        raise SystemExit(f"No software was made: {answer.status}")
    return Software.objects.filter(name__startswith=NAME).latest("pk")


def _send(owner: Browser, pk: int, mib: int) -> tuple[str, float]:
    address, digest = f"/software/{pk}/files/", hashlib.sha256()
    token = fields_of(owner.get(address).body, "csrfmiddlewaretoken")["csrfmiddlewaretoken"]
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def body() -> Iterator[bytes]:
        dice = Random(1)  # noqa: S311  no secret
        yield head
        for _ in range(mib):
            part = dice.randbytes(MIB)
            digest.update(part)
            yield part
        yield tail

    headers = {
        "Cookie": owner.cookies,
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + mib * MIB + len(tail)),
    }
    since, link = time.perf_counter(), HTTPConnection("127.0.0.1", owner.port, timeout=600)
    link.request("POST", address, body(), headers)
    answer = link.getresponse()
    answer.read()
    if answer.status != 302:
        raise SystemExit(f"The upload is refused: {answer.status}")
    return digest.hexdigest(), round(time.perf_counter() - since, 1)


def _fetch(owner: Browser, found: Any) -> tuple[str, float]:
    file, digest = found.files.get(), hashlib.sha256()
    since, link = time.perf_counter(), HTTPConnection("127.0.0.1", owner.port, timeout=600)
    link.request("GET", f"/software/{found.pk}/files/{file.token}/", headers={"Cookie": owner.cookies})
    answer = link.getresponse()
    while part := answer.read(MIB):
        digest.update(part)
    return digest.hexdigest(), round(time.perf_counter() - since, 1)


def _deleted(owner: Browser, pk: int) -> None:
    fields = fields_of(owner.get(f"/software/{pk}/delete/").body, "reason")
    owner.post(f"/software/{pk}/delete/", {**fields, "reason": "The bench is over"})


@contextmanager
def _watched(process: psutil.Process) -> Iterator[list[float]]:
    """What the server holds while the block runs, in MiB."""
    held, ended = [_held(process)], threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            held.append(_held(process))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield held
    finally:
        ended.set()
        thread.join()


def _held(process: psutil.Process) -> float:
    """MiB of the server's processes, but for those of the database and of the demo's agents."""
    family = [process, *process.children(recursive=True)]
    ours = [each for each in family if "postgres" not in each.name() and "agent" not in " ".join(each.cmdline())]
    return sum(each.memory_info().rss for each in ours) / MIB


if __name__ == "__main__":
    sys.exit(main())
