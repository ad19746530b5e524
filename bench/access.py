"""How long access takes at the size of the database it runs on: the cold load, and checks on what is loaded.

    script/manage demo --if-empty && .venv/bin/python bench/access.py [--json FILE]

Prints a line per kind of user. Bars of the first issue, at the demo's size: a cold load in 3 ms; a check in 2
microseconds, in 4 with computer scopes. The load is also shown as a ratio to the least query there is, since only
ratios within one run mean anything. The users that it makes for itself are rolled back.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
os.environ.setdefault("DJANGO_DEBUG", "1")

from immyrbac.postgres import of_checkout

ROUNDS = 300
CHECKS = 20_000
COLD_MS, CHECK_US, NARROWED_US = 3.0, 2.0, 4.0


def median_ms(act: Callable[[], object]) -> float:
    """The median of single runs after some to warm up, in milliseconds."""
    for _ in range(10):
        act()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def check_us(act: Callable[[], object]) -> float:
    """The median of nine runs of many checks, in microseconds a call of `act`."""
    runs = []
    for _ in range(9):
        start = time.perf_counter()
        for _ in range(CHECKS // 50):
            act()
        runs.append((time.perf_counter() - start) / (CHECKS // 50) * 1e6)
    return statistics.median(runs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    wanted = parser.parse_args()
    with of_checkout():
        import django  # noqa: PLC0415  the database's address is known only here

        django.setup()
        from bench.users import rolled_back_users  # noqa: PLC0415  needs the models

        with rolled_back_users() as users:
            rows = [measure(*user) for user in users]
    for row in rows:
        print("{name:<34} cold {cold_ms:5.2f} ms ({ratio:4.1f} x SELECT 1)   check {check_us:5.2f} us".format(**row))
    late = [row["name"] for row in rows if row["cold_ms"] > COLD_MS or row["check_us"] > row["bar_us"]]
    print(f"Over the bar: {', '.join(late)}" if late else "All within the bars.")
    if wanted.json:
        wanted.json.write_text(json.dumps(rows, indent=1))
    return bool(late)


def measure(name: str, user: object, computers: list[object]) -> dict[str, object]:
    from django.db import connection  # noqa: PLC0415  set up by now

    from bench.users import TEN  # noqa: PLC0415
    from rbac.access import access_for  # noqa: PLC0415

    def least() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    access = access_for(user)
    access.know(computers)

    def check() -> None:
        for computer in computers:
            access.can("computers:manage", computer)

    cold, floor = median_ms(lambda: access_for(user)), median_ms(least)
    return {
        "name": name,
        "cold_ms": cold,
        "ratio": cold / floor,
        "check_us": check_us(check) / len(computers),
        "bar_us": NARROWED_US if name == TEN else CHECK_US,
    }


if __name__ == "__main__":
    sys.exit(main())
