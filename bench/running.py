"""One run: every question of every asker in every database, in turns, and what it took."""

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.questions import CHECK, COLD, COUNT, DEEP, FIRST, MATRIX, Cell, Examination, examine
from bench.users import make_askers
from bench.ways import OURS
from bench.writes import Write, writes_of

ENOUGH_SECONDS, FEWEST = 1.5, 3
"""A way that is slow is asked fewer times: until it has taken so long, but not fewer times than this."""
WRITES = 12
Opening = dict[str, Callable[[], None]]


@dataclass
class Found:
    """Medians in milliseconds by size, asker, question and way; queries of the product's way; rows written."""

    ms: dict[str, dict[str, dict[str, dict[str, float]]]] = field(default_factory=dict)
    queries: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    writes: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    plans: list[str] = field(default_factory=list)
    server: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"ms": self.ms, "queries": self.queries, "seen": self.seen, "writes": self.writes}


def measure(worlds: Opening, rounds: int, say: Callable[[str], object]) -> Found:
    examined: dict[str, list[Examination]] = {}
    writes: dict[str, list[Write]] = {}
    for size, enter in worlds.items():
        enter()
        say(f"{size}: do all ways answer alike?")
        askers = make_askers()
        examined[size], writes[size] = [examine(asker) for asker in askers], writes_of(askers)
    gc.freeze()
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        _round(worlds, examined)
    say("writes")
    for _ in range(WRITES):
        for size, enter in worlds.items():
            enter()
            for write in writes[size]:
                write.run()
    return _found(worlds, examined, writes)


def _round(worlds: Opening, examined: dict[str, list[Examination]]) -> None:
    for size, enter in worlds.items():
        enter()
        for examination in examined[size]:
            for cell in examination.cells:
                if sum(cell.times) < ENOUGH_SECONDS or len(cell.times) < FEWEST:
                    cell.times.append(_seconds(cell))
        gc.collect()


def _seconds(cell: Cell) -> float:
    with cell.during():
        start = perf_counter()
        cell.ask()
        return (perf_counter() - start) / cell.calls


def _found(worlds: Opening, examined: dict[str, list[Examination]], writes: dict[str, list[Write]]) -> Found:
    found = Found()
    for size, enter in worlds.items():
        enter()
        found.seen[size] = {each.asker.name: each.seen for each in examined[size]}
        found.ms[size] = {each.asker.name: _medians(each) for each in examined[size]}
        found.queries[size] = {each.asker.name: _queries(each) for each in examined[size]}
        found.writes[size] = {
            write.name: {"ms": median(write.times) * 1000, "rows": write.rows, "guardian_rows": write.guardian}
            for write in writes[size]
        }
    found.plans = _plans(examined[next(reversed(worlds))], found.ms[next(reversed(worlds))])
    with connection.cursor() as cursor:
        cursor.execute("SELECT split_part(version(), ' on ', 1)")
        found.server = cursor.fetchone()[0]
    return found


def _medians(examination: Examination) -> dict[str, dict[str, float]]:
    """The ideal is the quickest way to write it."""
    medians: dict[str, dict[str, float]] = {}
    for cell in examination.cells:
        name, ms = "ideal" if cell.name.startswith("ideal") else cell.name, median(cell.times) * 1000
        ways = medians.setdefault(cell.question, {})
        ways[name] = min(ms, ways.get(name, ms))
    return medians


def _queries(examination: Examination) -> dict[str, int]:
    asked = {}
    for cell in examination.cells:
        if cell.name == OURS and cell.question in (COLD, CHECK, MATRIX, FIRST, DEEP, COUNT):
            with CaptureQueriesContext(connection) as captured:
                cell.ask()
            asked[cell.question] = len(captured)
    return asked


def _plans(examinations: list[Examination], ms: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """EXPLAIN of the product's list that is worst beside the ideal, for each of the questions about lists."""
    plans = []
    for question in (FIRST, DEEP, COUNT):
        ratios = {each: ms[each.asker.name][question] for each in examinations}
        worst = max(examinations, key=lambda each: ratios[each][OURS] / ratios[each]["ideal"])
        cell = next(cell for cell in worst.cells if cell.question == question and cell.name == OURS)
        plans.append(f"{question}, {worst.asker.name}\n{_explained(cell)}")
    return plans


def _explained(cell: Cell) -> str:
    with CaptureQueriesContext(connection) as captured:
        cell.ask()
    sql = captured[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + sql)
        return sql + "\n" + "\n".join(row[0] for row in cursor.fetchall())
