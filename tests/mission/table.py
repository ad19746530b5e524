"""The tables of the mission: what a sentence says, as who may do what, and what comes of it.

An action is a visit, `METHOD route` or words of `OF_MISSION`, and what it is about: `on Here Computer`. `every page`
is all that can be opened. `shows X` asks whether a page says X, `offers X` whether it has a choice X. Expected is `yes`
(2xx or 3xx), `no`, or a status; `, 403 while terminal off` says what comes of it while a switch stands otherwise.
"""

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rbac.switches import SwitchKey

FOLDER = Path(__file__).resolve().parent
SWITCHES = {
    "deployments off": (SwitchKey.DEPLOYMENTS, False),
    "terminal off": (SwitchKey.TERMINAL_AND_SCRIPTS, False),
    "change requests on": (SwitchKey.CHANGE_REQUESTS, True),
}
"""Where a switch stands otherwise than when nobody has touched it."""

ANSWER = r"yes|no|\d{3}"
EXPECTED = re.compile(rf"({ANSWER})((?:, (?:{ANSWER}) while (?:{'|'.join(SWITCHES)}))*)")
ACTION = re.compile(
    r"(?P<visit>.+?)"
    r"(?: on (?P<object>(?:Here|There) .+?|the instance))?"
    r"(?: (?P<asks>shows|offers) (?P<words>.+))?"
)


@dataclass(frozen=True)
class Row:
    sentence: str
    persona: str
    action: str
    expected: str

    def __str__(self) -> str:
        return f"{self.persona}: {self.action}"

    @cached_property
    def parts(self) -> dict[str, str | None]:
        found = ACTION.fullmatch(self.action)
        assert found, self.action
        return found.groupdict()

    def outcomes(self, *, full: bool = False) -> dict[tuple[str, ...], str]:
        """What is expected by which switches stand otherwise: none, and each that the row names.

        `full`: also those that it does not name, and all.
        """
        found = EXPECTED.fullmatch(self.expected)
        assert found, self.expected
        usual, otherwise = found.groups()
        named = dict(reversed(each.split(" while ")) for each in otherwise.split(", ")[1:])
        said = {(): usual} | {(switch,): answer for switch, answer in named.items()}
        if not full:
            return said
        others = tuple(each for each in SWITCHES if each not in named)
        return said | {others: usual, tuple(SWITCHES): next(iter(named.values()), usual)}


def rows_of(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def by_sentence(name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows_of(name):
        found.setdefault(row.sentence, []).append(row)
    return found


def sentences_of(name: str) -> list[str]:
    """The sentences of the text, `Heading: sentence` each, in its order."""
    return (FOLDER / f"{name}.txt").read_text().splitlines()
