"""Numbers that the server draws: bars beside names, or columns in an order. Each comes with the table that it draws.

Across, everything is a share of the drawing, so that it fits any width without a script; down, it is pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from immyrbac.words import counted, number

LONGEST = 44
"""Letters of a name that a narrow screen has room for beside its number; the table has all of them."""
PITCH, BAR_TOP = 38, 18
ROOM, FLOOR = 112, 136
"""How high the highest column is, and where they all stand."""
CROWDED = 8
"""From so many columns on, only some say their name, and none its number."""
SLIVER = 0.6
"""Per cent: what is there is seen, however little of the most it is."""


class Bar(NamedTuple):
    """One number. `address` is the list that counts it, `more` what only the table says.

    `is_rest`: it sums up others, and gets no bar, since theirs would all look small beside it.
    """

    label: str
    value: int
    address: str = ""
    more: tuple[int, ...] = ()
    is_rest: bool = False


class Drawn(NamedTuple):
    """Where one bar or column stands; x and width in per cent, y and height in pixels."""

    bar: Bar
    label: str
    value: str
    x: str
    width: str
    y: int
    height: int
    middle: str
    text_y: int


@dataclass(frozen=True)
class Chart:
    """`of` heads the names, `unit` is what is counted, as one and as many, `heads` are of what the bars say more."""

    name: str
    title: str
    of: str
    unit: tuple[str, str]
    bars: Sequence[Bar]
    heads: tuple[str, ...] = ()
    in_order: bool = False
    is_open: bool = False
    note: str = ""
    nothing: str = "Nothing to count."

    @property
    def total(self) -> int:
        return sum(bar.value for bar in self.bars)

    @property
    def height(self) -> int:
        return FLOOR + 24 if self.in_order else (len(self.bars) - 1) * PITCH + BAR_TOP + 10

    @property
    def floor(self) -> int:
        return FLOOR

    @property
    def head(self) -> str:
        """Of the numbers."""
        return self.unit[1][:1].upper() + self.unit[1][1:]

    @property
    def in_words(self) -> str:
        """All of it, for whoever does not see the drawing."""
        return "; ".join(f"{bar.label}: {counted(bar.value, *self.unit)}" for bar in self.bars)

    @property
    def drawn(self) -> list[Drawn]:
        most = max((bar.value for bar in self.bars if not bar.is_rest), default=0)
        draw = self._column if self.in_order else self._row
        return [draw(at, bar, bar.value / most if most else 0) for at, bar in enumerate(self.bars)]

    def _row(self, at: int, bar: Bar, share: float) -> Drawn:
        top = at * PITCH
        width = _percent(max(100 * share, SLIVER) if bar.value and not bar.is_rest else 0)
        return Drawn(bar, _cut(bar.label), number(bar.value), "0%", width, top + BAR_TOP, 8, "0%", top + 12)

    def _column(self, at: int, bar: Bar, share: float) -> Drawn:
        each = 100 / len(self.bars)
        height = max(round(ROOM * share), 2) if bar.value else 0
        every = 1 if len(self.bars) <= CROWDED else -(-len(self.bars) // CROWDED)
        says = at % every == 0
        return Drawn(
            bar,
            bar.label if says else "",
            number(bar.value) if every == 1 else "",
            _percent(each * (at + 0.24)),
            _percent(each * 0.52),
            FLOOR - height,
            height,
            _percent(each * (at + 0.5)),
            FLOOR - height - 8,
        )


def _percent(share: float) -> str:
    return f"{share:.2f}%"


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"


T = TypeVar("T")


def leading(things: Iterable[T], limit: int, value: Callable[[T], int]) -> tuple[list[T], list[T]]:
    """Those with the greatest values, and the others; one alone is no other. What has none is in neither."""
    ordered = sorted(filter(value, things), key=value, reverse=True)
    most = limit if len(ordered) > limit + 1 else len(ordered)
    return ordered[:most], ordered[most:]


def together(left: Sequence[Bar], words: str) -> list[Bar]:
    """What was left out as one bar, if anything; `words` names it, with a place for how many that are."""
    if not left:
        return []
    more = tuple(sum(numbers) for numbers in zip(*(bar.more for bar in left), strict=True))
    return [Bar(words.format(number(len(left))), sum(bar.value for bar in left), "", more, is_rest=True)]
