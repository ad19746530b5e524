"""How long the rule takes at 10,000, 100,000 and 1,000,000 computers, beside an ideal query and django-guardian.

    .venv/bin/python bench/rule.py [--sizes 10k 100k 1m] [--rounds N] [--json FILE] [--anew]

Makes its databases itself, once, in var/postgres-bench: some ten minutes and 4 GB for all sizes. All ways must first
answer alike. Then every question is asked in every way in turns, so that the medians are of one run. Prints the
medians, the ratios and the bars of issue 3; writes var/bench/rule.json and the plans of the worst lists beside it.
"""

import argparse
import json
import os
import platform
import sys
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
os.environ.setdefault("DJANGO_DEBUG", "1")

from immyrbac.postgres import Cluster, leave_orderly, running  # noqa: E402  found by the path above

CLUSTER = Cluster(ROOT / "var" / "postgres-bench", durable=False)
RESULTS = ROOT / "var" / "bench" / "rule.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=["10k", "100k", "1m"], default=["10k", "100k", "1m"])
    parser.add_argument("--rounds", type=int, default=25, help="of every question; slow ones stop earlier")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    parser.add_argument("--anew", action="store_true", help="make the databases again")
    wanted = parser.parse_args()
    leave_orderly()
    given = os.environ.get("DATABASE_URL")
    with nullcontext(given) if given else running(CLUSTER) as url:
        os.environ["DATABASE_URL"] = url
        import django  # noqa: PLC0415  the database's address is known only here

        django.setup()
        return run(wanted)


def run(wanted: argparse.Namespace) -> int:
    from bench.bars import bars  # noqa: PLC0415  Django is set up by now
    from bench.running import measure  # noqa: PLC0415
    from bench.tables import print_bars, print_figures  # noqa: PLC0415
    from bench.worlds import open_worlds  # noqa: PLC0415

    worlds = open_worlds(wanted.sizes, say, anew=wanted.anew)
    found = measure(worlds, wanted.rounds, say)
    print_figures(found)
    judged = bars(found)
    print_bars(judged)
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {found.server}"
    said = {"machine": machine, **found.as_json(), "bars": [bar._asdict() for bar in judged]}
    wanted.json.write_text(json.dumps(said, indent=1))
    wanted.json.with_suffix(".plans.txt").write_text("\n\n".join(found.plans))
    return int(not all(bar.met for bar in judged))


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
