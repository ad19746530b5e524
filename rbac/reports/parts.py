"""What every report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from immyrbac.charts import Chart


class Figure(NamedTuple):
    """A number of the report; `address` is the list that counts it."""

    caption: str
    number: int
    address: str = ""


class Content(NamedTuple):
    figures: Sequence[Figure]
    charts: Sequence[Chart]
