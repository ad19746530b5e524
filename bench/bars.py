"""The bars of issue 3 that bench/rule.py measures: what must hold, and what was found."""

from collections.abc import Callable, Iterable
from statistics import geometric_mean
from typing import Any, NamedTuple

from bench.questions import COLD, COUNT, DEEP, FIRST, MATRIX, PLAIN, WHO
from bench.running import Found
from bench.users import TAG, TEN, THREE
from bench.ways import GUARDIAN, OURS

NEAR_IDEAL, NEAR_IDEAL_MS = 1.3, 2.5
FASTER_IN_THE_MEAN, FASTER_FOR_FEW = 5, 10
GROWTH, GROWTH_OF_TAG = 2, 3
DEEP_BY_FIRST, COUNT_MS, COLD_BY_PLAIN, WHO_MS, ROWS = 1.5, 15, 1.2, 5, 2


class Bar(NamedTuple):
    """`found` is the worst: its value, and whose."""

    words: str
    found: str
    met: bool


class Measured(NamedTuple):
    """One asker's value; `excess` is above 1 where it is over the bar."""

    whose: str
    value: str
    excess: float


def bars(found: Found) -> list[Bar]:
    sizes = list(found.ms)
    large = found.ms[sizes[-1]]
    rules = [
        (f"first page by the ideal's: at most {NEAR_IDEAL}, or {NEAR_IDEAL_MS} ms more", _near_ideal(large)),
        ("first page: never slower than guardian", _faster(large, 1, large)),
        (f"first page: {FASTER_FOR_FEW} times as fast as guardian for few rows", _faster(large, 10, (THREE, TEN))),
        (f"first page by its own at {sizes[0]}: at most {GROWTH}, of the tag {GROWTH_OF_TAG}", _growth(found)),
        (f"deep page by the first: at most {DEEP_BY_FIRST}", _every(found, _deep)),
        (f"capped count: at most {COUNT_MS} ms", _every(found, lambda ms: _at_most(ms[COUNT][OURS], COUNT_MS))),
        (
            f"cold load by a plain load of the same rows: at most {COLD_BY_PLAIN}",
            _every(found, lambda ms: _ratio(ms[COLD][OURS], ms[COLD][PLAIN], COLD_BY_PLAIN)),
        ),
        ("cold load: one query", _queries(found, COLD)),
        (f"who can, the first 50: at most {WHO_MS} ms", _every(found, lambda ms: _at_most(ms[WHO][OURS], WHO_MS))),
        ("matrix of a page: at most one query more", _queries(found, MATRIX)),
        (f"a change of access: at most {ROWS} rows besides its audit entry", _rows(found)),
    ]
    return [_mean(large), *(_bar(words, measured) for words, measured in rules)]


def _bar(words: str, measured: Iterable[Measured]) -> Bar:
    worst = max(measured, key=lambda each: each.excess)
    return Bar(words, f"{worst.value} ({worst.whose})", worst.excess <= 1)


def _mean(large: Any) -> Bar:
    mean = geometric_mean([ms[FIRST][GUARDIAN] / ms[FIRST][OURS] for ms in large.values()])
    words = f"first page: {FASTER_IN_THE_MEAN} times as fast as guardian in the geometric mean"
    return Bar(words, f"{mean:.1f}", mean >= FASTER_IN_THE_MEAN)


def _near_ideal(large: Any) -> list[Measured]:
    pairs = {name: (ms[FIRST][OURS], ms[FIRST]["ideal"]) for name, ms in large.items()}
    return [
        Measured(name, f"{ours / ideal:.2f}, {ours - ideal:+.1f} ms", ours / max(ideal * 1.3, ideal + NEAR_IDEAL_MS))
        for name, (ours, ideal) in pairs.items()
    ]


def _faster(large: Any, times: float, askers: Iterable[str]) -> list[Measured]:
    pairs = {name: (large[name][FIRST][GUARDIAN], large[name][FIRST][OURS]) for name in askers}
    return [
        Measured(name, f"{guardian / ours:.1f}", times * ours / guardian) for name, (guardian, ours) in pairs.items()
    ]


def _growth(found: Found) -> list[Measured]:
    small, *_, large = found.ms.values() if len(found.ms) > 1 else [*found.ms.values()] * 2
    ratios = {name: ms[FIRST][OURS] / small[name][FIRST][OURS] for name, ms in large.items()}
    return [
        Measured(name, f"{ratio:.2f}", ratio / (GROWTH_OF_TAG if name == TAG else GROWTH))
        for name, ratio in ratios.items()
    ]


def _every(found: Found, measure: Callable[[Any], tuple[str, float]]) -> list[Measured]:
    return [
        Measured(f"{name}, {size}", *measure(ms)) for size, askers in found.ms.items() for name, ms in askers.items()
    ]


def _deep(ms: Any) -> tuple[str, float]:
    return _ratio(ms[DEEP][OURS], ms[FIRST][OURS], DEEP_BY_FIRST)


def _ratio(one: float, other: float, most: float) -> tuple[str, float]:
    return f"{one / other:.2f}", one / other / most


def _at_most(ms: float, most: float) -> tuple[str, float]:
    return f"{ms:.1f} ms", ms / most


def _queries(found: Found, question: str) -> list[Measured]:
    return [
        Measured(f"{name}, {size}", str(asked[question]), float(asked[question]))
        for size, askers in found.queries.items()
        for name, asked in askers.items()
    ]


def _rows(found: Found) -> list[Measured]:
    return [
        Measured(f"{name}, {size}", f"{write['rows']:.0f}", write["rows"] / ROWS)
        for size, writes in found.writes.items()
        for name, write in writes.items()
    ]
