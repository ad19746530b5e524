"""How often a process that serves looks for garbage that hangs together in a ring."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """To be called once all is loaded, which then is not looked through again.

    Python looks after each 700 objects that a request makes, and goes through all of them again and again: a page of
    thousands of people took twice the time. What is in no ring is freed at once either way.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
