"""The figures of bench/rule.py for people: a table for each question, and the bars."""

from collections.abc import Iterable

from bench.bars import Bar
from bench.questions import BARE, CHECK, COLD, COUNT, DEEP, FIRST, IDEAL, MATRIX, PLAIN, QUERYSET, WARM, WHO
from bench.running import Found
from bench.ways import GUARDIAN, GUARDIAN_OWN, OURS

COLUMNS = (OURS, IDEAL, GUARDIAN, GUARDIAN_OWN, PLAIN, BARE, QUERYSET)


def print_figures(found: Found) -> None:
    for question in (FIRST, DEEP, COUNT, COLD, CHECK, WARM, MATRIX, WHO):
        unit, factor = ("us", 1000.0) if question == WARM else ("ms", 1.0)
        print(f"\n{question}, {unit}")
        _print_rows(_rows_of(found, question, factor))
    print("\nwrites")
    head = ("size", "act", "ms", "rows", "rows of guardian")
    _print_rows(
        [
            head,
            *(
                (size, name, f"{write['ms']:.1f}", f"{write['rows']:,}", f"{write['guardian_rows']:,}")
                for size, writes in found.writes.items()
                for name, write in writes.items()
            ),
        ]
    )


def _rows_of(found: Found, question: str, factor: float) -> list[tuple[str, ...]]:
    asked = next(iter(next(iter(found.ms.values())).values()))[question]
    columns = [way for way in COLUMNS if way in asked]
    rows = [("size", "user", "sees", *columns, *(f"{way} / ours" for way in columns[1:]))]
    for size, askers in found.ms.items():
        for name, ms in askers.items():
            times = [ms[question][way] * factor for way in columns]
            ratios = [f"{each / times[0]:.1f}" for each in times[1:]]
            rows.append((size, name, f"{found.seen[size][name]:,}", *(f"{each:.2f}" for each in times), *ratios))
    return rows


def print_bars(judged: Iterable[Bar]) -> None:
    print("\nbars of issue 3; found is the worst")
    _print_rows([(bar.words, bar.found, "met" if bar.met else "NOT MET") for bar in judged])


def _print_rows(rows: list[tuple[str, ...]]) -> None:
    """The first two columns to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if n < 2 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells))
