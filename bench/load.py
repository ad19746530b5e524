"""How fast the server answers many people at once: 40 requests a second for five minutes, everything on one machine.

    script/setup && .venv/bin/python bench/load.py [--rate N] [--seconds N] [--json FILE]

Starts the server as script/server does, signs the people of the demo world in, and sends lists, details, searches,
fragments, explanations, exports and some writes (bench/traffic.py has the shares). Requests leave when their time has
come, at random moments, whether or not those before were answered; each is timed from that moment to its last byte, so
that waiting counts however it comes about. Bars of issue 3, on two cores: 95 of 100 within 300 ms, none of them 5xx.

With `--agents N` so many agents ask for work meanwhile, as the real one does, and people have maintenance done where
they are: `bench/load.py --agents 200 --rate 10` is 200 agents beside 20 people who click every two seconds (issue 5).

The writes stay: notes, names, maintenance, and assignments that end after a day.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
os.environ.setdefault("DJANGO_DEBUG", "1")

from bench.browsing import Answer, Browser, fields_of
from bench.prepared import prepared
from immyrbac.postgres import leave_orderly

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "var" / "load-server.log"
P95_MS, MEMORY_MB = 300.0, 200
THREADS = 48
"""So many people at most wait for an answer at once; above that a request waits for one of them, and that counts."""

START_SECONDS, WARM_SECONDS = 120, 10


class Taken(NamedTuple):
    """One request that was sent; `late` is how long after its time it left, in ms as `took`; status 0 is no answer."""

    due: float
    kind: str
    person: str
    status: int
    took: float
    late: float
    address: str


def main() -> int:
    wanted = parse()
    leave_orderly()
    with prepared(wanted.size):
        from bench.agents import agents_on  # noqa: PLC0415  needs the models
        from bench.traffic import served, steps  # noqa: PLC0415  likewise

        with server(wanted.port) as process:
            load, computers = Load(signed_in(wanted.port)), served(wanted.agents)
            drawn = steps(Random(wanted.seed), computers)  # noqa: S311  no secret
            plan = planned(drawn, wanted.rate, WARM_SECONDS + wanted.seconds)
            print(f"{len(plan):,} visits in {WARM_SECONDS + wanted.seconds} s ...", file=sys.stderr)
            with agents_on(computers, wanted.port, load.note):
                found = load.run(plan)
            memory = max(each.memory_info().rss for each in process.children(recursive=True)) / 1e6
    said = summary([each for each in found if each.due >= WARM_SECONDS], wanted.seconds, round(memory))
    show(said)
    if wanted.json:
        wanted.json.write_text(json.dumps(said, indent=1) + "\n")
    return not all(bar["met"] for bar in said["bars"])


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second (default: 40)")
    parser.add_argument("--agents", type=int, default=0, help="that ask for work meanwhile (default: none)")
    parser.add_argument("--seconds", type=int, default=300, help="after 10 to warm up (default: 300)")
    parser.add_argument("--seed", type=int, default=1, help="of the random requests and their moments (default: 1)")
    parser.add_argument("--port", type=int, default=8009, help="of the server that is started (default: 8009)")
    parser.add_argument("--size", default="large", help="of the demo, where there is none yet (default: large)")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    return parser.parse_args()


@contextmanager
def server(port: int) -> Iterator[psutil.Process]:
    """The product's own server, on the database of this checkout, until the block ends."""
    command = [ROOT / "script" / "server", "--port", str(port)]
    with LOG.open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:  # noqa: S603
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"The server does not start: see {LOG}")
                time.sleep(0.2)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def answers(port: int) -> bool:
    try:
        return Browser(port).get("/readyz").status == 200
    except (OSError, HTTPException):
        return False


def signed_in(port: int) -> dict[str, Browser]:
    from bench.visits import PEOPLE  # noqa: PLC0415  needs the models
    from rbac.demo.people import PASSWORD  # noqa: PLC0415  likewise

    people = {name: Browser(port) for name in PEOPLE}
    for name, browser in people.items():
        browser.sign_in(PEOPLE[name], PASSWORD)
    return people


class Planned(NamedTuple):
    """`due`: seconds after the start."""

    due: float
    person: str
    kind: str
    step: Any


def planned(steps: Iterator[tuple[str, str, Any]], rate: float, seconds: float) -> list[Planned]:
    """All of it, drawn beforehand; a step that is two requests takes the time of two."""
    dice, due, plan = Random(0), 0.0, list[Planned]()  # noqa: S311  no secret
    for person, kind, step in steps:
        due += dice.expovariate(rate) * (2 if step.wanted else 1)
        if due > seconds:
            break
        plan.append(Planned(due, person, kind, step))
    return plan


class Load:
    """Sends what was planned when it is due, and keeps what came of it."""

    def __init__(self, people: dict[str, Browser]) -> None:
        self.people, self.taken, self.start = people, list[Taken](), 0.0
        self._due: queue.SimpleQueue[Planned | None] = queue.SimpleQueue()

    def run(self, plan: list[Planned]) -> list[Taken]:
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        self.start = time.perf_counter()
        for each in plan:
            time.sleep(max(0.0, self.start + each.due - time.perf_counter()))
            self._due.put(each)
        for _ in threads:
            self._due.put(None)
        for thread in threads:
            thread.join()
        return self.taken

    def note(self, kind: str, since: float, status: int) -> None:
        """What an agent asked, once the people have begun."""
        if self.start:
            took = (time.perf_counter() - since) * 1000
            self.taken.append(Taken(since - self.start, kind, "an agent", status, took, 0.0, f"/agent/{kind}/"))

    def _work(self) -> None:
        while each := self._due.get():
            browser, step, due = self.people[each.person], each.step, self.start + each.due
            if not step.wanted:
                self._send(each, each.kind, due, partial(browser.get, step.address, fragment=step.fragment))
                continue
            form = self._send(each, "form", due, partial(browser.get, step.address))
            if form and (fields := fields_of(form.body, step.wanted)):
                sent = {**fields, **step.fills}
                self._send(each, each.kind, time.perf_counter(), partial(browser.post, step.address, sent))

    def _send(self, planned: Planned, kind: str, since: float, ask: Callable[[], Answer]) -> Answer | None:
        late, answer = time.perf_counter() - since, None
        try:
            answer = ask()
        except (OSError, HTTPException) as error:
            print(f"{planned.step.address}: {error!r}", file=sys.stderr)
        took = time.perf_counter() - since
        status = answer.status if answer else 0
        self.taken.append(
            Taken(planned.due, kind, planned.person, status, took * 1000, late * 1000, planned.step.address)
        )
        return answer


# What came of it


def summary(taken: list[Taken], seconds: int, memory: int) -> dict[str, Any]:
    kinds: dict[str, list[float]] = defaultdict(list)
    for each in taken:
        kinds[each.kind].append(each.took)
    every = figures([each.took for each in taken])
    failed = [each for each in taken if each.status == 0 or each.status >= 500]
    return {
        "requests": len(taken),
        "per_second": round(len(taken) / seconds, 1),
        "ms": every,
        "kinds": {kind: figures(times) for kind, times in sorted(kinds.items(), key=lambda each: -len(each[1]))},
        "statuses": dict(sorted(Counter(each.status for each in taken).items())),
        "left_late_ms": figures([each.late for each in taken]),
        "memory_mb": memory,
        "slowest": [each._asdict() for each in sorted(taken, key=lambda each: -each.took)[:20]],
        "failed": [each._asdict() for each in failed[:20]],
        "bars": [
            judged("95 of 100 requests within", every["p95"], P95_MS, "ms"),
            judged("5xx, or no answer", len(failed), 0, ""),
            judged("memory of a worker", memory, MEMORY_MB, "MB"),
        ],
    }


def figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    cuts = (
        {f"p{cut}": ordered[min(len(ordered) - 1, len(ordered) * cut // 100)] for cut in (50, 95, 99)}
        if ordered
        else {}
    )
    return {
        "count": len(ordered),
        **{name: round(ms, 1) for name, ms in cuts.items()},
        "most": round(max(times, default=0), 1),
    }


def judged(what: str, found: float, bar: float, unit: str) -> dict[str, Any]:
    return {"bar": what, "found": found, "at_most": bar, "unit": unit, "met": found <= bar}


def show(said: dict[str, Any]) -> None:
    print(f"{'':<12}{'requests':>9}{'p50':>9}{'p95':>9}{'p99':>9}{'most':>9}  ms")
    for name, row in {**said["kinds"], "all": said["ms"]}.items():
        print(f"{name:<12}" + "".join(f"{row[column]:>9}" for column in ("count", "p50", "p95", "p99", "most")))
    print(f"\n{said['per_second']} requests a second; by status: {said['statuses']}")
    print(f"They left late by {said['left_late_ms']['p95']} ms (p95), {said['left_late_ms']['most']} ms at most.\n")
    for each in said["slowest"][:10]:
        print(f"slow  {each['took']:7.0f} ms  {each['kind']} for {each['person']}: {each['address']}")
    for each in said["failed"]:
        print(f"FAILED {each['status']}  {each['kind']} for {each['person']}: {each['address']}")
    for bar in said["bars"]:
        words = "met" if bar["met"] else "NOT MET"
        print(f"{words:<8}{bar['bar']:<28}{bar['found']:>8} {bar['unit']:<3} at most {bar['at_most']}")


if __name__ == "__main__":
    sys.exit(main())
