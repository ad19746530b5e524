"""How long whole pages take, in process with every middleware and template, at the size of the database it runs on.

    script/setup && .venv/bin/python bench/pages.py [--rounds N] [--only TEXT] [--json FILE]
    .venv/bin/python bench/pages.py --sql TEXT    # the statements of the pages with TEXT in their name, slowest first
    .venv/bin/python bench/pages.py --cpu         # computing time in the place of the clock's, where others compute too

Each page is asked for by several people of the demo world, in turns, so that only medians of one run are compared; in
every third round it is taken apart into queries, authorisation, template and the rest. Bars of issue 3, at the large
size: the lists of users, roles, computers, tenants and assignments in 60 ms each, authorisation at most 15 % of it, and
a worker that holds at most 200 MB after 1,000 pages. Queries are not logged. Leaves nothing but the sessions' ends.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
os.environ.setdefault("DJANGO_DEBUG", "1")

from bench.prepared import prepared

PAGE_MS, SHARE, MEMORY_MB, PAGES = 60.0, 0.15, 200, 1_000
PARTS = ("queries", "authorisation", "template", "rest")


def main() -> int:
    wanted = parse()
    with prepared(wanted.size):
        from django.conf import settings  # noqa: PLC0415  set up by now

        settings.DEBUG = False
        settings.ALLOWED_HOSTS = ["testserver"]
        logging.disable()  # pages that somebody may not open answer 403 once
        bench = Bench(wanted.only or wanted.sql, cpu=wanted.cpu)
        if wanted.sql:
            bench.show_statements()
            return 0
        for number in range(wanted.rounds):
            bench.round(apart=number % 3 == 2)
        bench.fill_up(0 if wanted.only else PAGES)
    pages = [row(page, times, bench.parts[page]) for page, times in bench.times.items()]
    memory = {"mb": round(bench.memory_mb), "pages": bench.asked}
    found = {"pages": pages, "memory": memory, "bars": [*bars(pages), memory_bar(memory)]}
    show(pages, found["bars"])
    if wanted.json:
        wanted.json.write_text(json.dumps(found, indent=1) + "\n")
    return not all(bar["met"] for bar in found["bars"])


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="visits of each page; every third is taken apart")
    parser.add_argument("--only", default="", metavar="TEXT", help="pages with this in kind and name, as 'list users'")
    parser.add_argument("--sql", default="", metavar="TEXT", help="show the statements of these pages instead")
    parser.add_argument("--cpu", action="store_true", help="computing time, on a machine that is not quiet")
    parser.add_argument("--size", default="large", help="of the demo, where there is none yet (default: large)")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    wanted = parser.parse_args()
    if wanted.rounds < 3:
        parser.error("at least three rounds: one of them takes the pages apart")
    return wanted


class Bench:
    """One signed-in client for each person; `times` and `parts` by page, which is (kind, name, person)."""

    def __init__(self, text: str, *, cpu: bool) -> None:
        from django.test import Client  # noqa: PLC0415  set up by now

        from bench.clock import cpu_seconds  # noqa: PLC0415  needs the database
        from bench.visits import PEOPLE, reader, visits  # noqa: PLC0415  needs the models

        self.asked, self.memory_mb = 0, 0.0
        self.now = cpu_seconds() if cpu else time.perf_counter
        self.times: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        self.parts: dict[tuple[str, str, str], list[dict[str, float]]] = defaultdict(list)
        self.pages = []
        for person in PEOPLE:
            client, user = Client(), reader(person)
            client.force_login(user)
            open_to = [each for each in visits(user) if text in f"{each.kind} {each.name}"]
            self.pages += [(client, person, each) for each in open_to if self._get(client, each) == 200]

    def _get(self, client: Any, visit: Any) -> int:
        self.asked += 1
        answer = client.get(visit.address, headers={"HX-Request": "true"} if visit.fragment else {})
        if answer.status_code >= 500:
            raise SystemExit(f"{answer.status_code} for {visit.address}")
        return int(answer.status_code)

    def round(self, *, apart: bool) -> None:
        from bench.clock import Clock  # noqa: PLC0415  needs the models

        for client, person, visit in self.pages:
            page, clock = (visit.kind, visit.name, person), Clock(self.now)
            if apart:
                with clock.running():
                    self._get(client, visit)
                self.parts[page].append({**clock.seconds, "asked": len(clock.queries)})
                continue
            start = self.now()
            self._get(client, visit)
            self.times[page].append((self.now() - start) * 1000)

    def fill_up(self, pages: int) -> None:
        """Go on until so many were asked for, a worker's thousand, then weigh the process."""
        while self.asked < pages and self.pages:
            self.round(apart=False)
        self.memory_mb = psutil.Process().memory_info().rss / 1e6
        for client in {id(client): client for client, _, _ in self.pages}.values():
            client.logout()

    def show_statements(self) -> None:
        from bench.clock import Clock  # noqa: PLC0415  needs the models

        for client, person, visit in self.pages:
            clock = Clock(self.now)
            with clock.running():
                self._get(client, visit)
            print(f"\n{visit.kind} {visit.name}, {person}: {visit.address}")
            for seconds, sql, params in sorted(clock.queries, key=lambda each: -each[0]):
                print(f"{seconds * 1000:8.1f} ms  {sql}\n             {params!r}")
            print(", ".join(f"{part} {clock.seconds[part] * 1000:.1f}" for part in PARTS), "ms")
        for client in {id(client): client for client, _, _ in self.pages}.values():
            client.logout()


def row(page: tuple[str, str, str], times: list[float], parts: list[dict[str, float]]) -> dict[str, Any]:
    """Medians in milliseconds; `share` is authorisation's, of the visits that were taken apart."""
    kind, name, person = page
    apart = {part: statistics.median(each.get(part, 0.0) * 1000 for each in parts) for part in PARTS}
    return {
        "page": f"{kind} {name}",
        "person": person,
        "ms": round(statistics.median(times), 1),
        "asked": round(statistics.median(each["asked"] for each in parts)),
        **{part: round(ms, 1) for part, ms in apart.items()},
        "share": round(apart["authorisation"] / sum(apart.values()), 3),
    }


def bars(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each list that has a bar, the slowest of its readers, and the one for whom authorisation takes most of it."""
    from bench.visits import BARRED  # noqa: PLC0415  needs the models

    found = []
    for name in BARRED:
        mine = [page for page in pages if page["page"] == f"list {name}"]
        for column, bar, unit in (("ms", PAGE_MS, "ms"), ("share", SHARE, "of it")) if mine else ():
            worst = max(mine, key=lambda page: page[column])
            what = f"{name}, whole page" if column == "ms" else f"{name}, authorisation"
            found.append(judged(what, worst[column], bar, unit, worst["person"]))
    return found


def memory_bar(memory: dict[str, int]) -> dict[str, Any]:
    return judged(f"memory after {memory['pages']:,} pages", memory["mb"], MEMORY_MB, "MB")


def judged(what: str, found: float, bar: float, unit: str, person: str = "") -> dict[str, Any]:
    return {"bar": what, "worst": person, "found": found, "at_most": bar, "unit": unit, "met": found <= bar}


def show(pages: list[dict[str, Any]], judged: list[dict[str, Any]]) -> None:
    heads = ("asked", *PARTS)
    print(f"{'page':<46}{'for':<19}{'ms':>7}" + "".join(f"{head:>14}" for head in heads) + f"{'share':>7}")
    for page in pages:
        parts = "".join(f"{page[head]:>14}" for head in heads)
        print(f"{page['page']:<46}{page['person']:<19}{page['ms']:>7}{parts}{page['share']:>7.0%}")
    print()
    for bar in judged:
        words = "met" if bar["met"] else "NOT MET"
        print(
            f"{words:<8}{bar['bar']:<32}{bar['found']:>8} {bar['unit']:<6} at most {bar['at_most']:<6} {bar['worst']}"
        )


if __name__ == "__main__":
    sys.exit(main())
