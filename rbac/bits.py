"""Sets of small numbers as the bits of one whole number: to unite or compare thousands of members is one operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence


def bits_of(numbers: Iterable[int]) -> int:
    """The set of these numbers, of which none is negative."""
    numbers = list(numbers)
    marks = bytearray((max(numbers, default=0) >> 3) + 1)
    for number in numbers:
        marks[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(marks, "little")


def bits_of_flags(flags: Iterable[bool]) -> int:
    """The set of the numbers, from nought, at which these say yes."""
    return bits_of(number for number, flag in enumerate(flags) if flag)


def numbers_of(bits: int) -> list[int]:
    """The members of the set, least first."""
    return [number for number, mark in enumerate(f"{bits:b}"[::-1]) if mark == "1"]


class Weights:
    """What the numbers of a set weigh together, where each has a weight of its own; none is negative."""

    def __init__(self, weights: Sequence[int]) -> None:
        alike: defaultdict[int, list[int]] = defaultdict(list)
        for number, weight in enumerate(weights):
            alike[weight].append(number)
        self._digits = [0] * max(alike, default=0).bit_length()
        for weight, numbers in alike.items():
            bits = bits_of(numbers)
            for digit in numbers_of(weight):
                self._digits[digit] |= bits

    def of(self, bits: int) -> int:
        """For each binary digit of the weights, how many of these have it."""
        return sum((bits & having).bit_count() << digit for digit, having in enumerate(self._digits))
