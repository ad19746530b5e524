"""Where the time of a page goes: queries, authorisation, template, and the rest."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.template.backends.django import Template

from rbac import middleware
from rbac.access import Access

QUESTIONS = ("holds", "is_total", "can", "scope", "seen", "reachable", "covers", "explain", "know")
"""What pages ask an Access; its queries and all that it calls count as authorisation."""


Now = Callable[[], float]


def cpu_seconds() -> Now:
    """A clock of the time that this process and its database connection spend computing, for machines that are busy.

    Linux with the database on the same machine; waiting for a disk or a lock does not count.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        scheduled = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return lambda: time.process_time() + int(scheduled.read_text().split()[0]) / 1e9


class Clock:
    """Seconds by kind of work, each second once: with the innermost kind, but all inside authorisation is that.

    Not authorisation: what a list's own query takes longer because it is narrowed to what the reader sees; the rule's
    bench measures that beside the ideal query.
    """

    def __init__(self, now: Now = time.perf_counter) -> None:
        self.now = now
        self.seconds: Counter[str] = Counter()
        self.queries: list[tuple[float, str, Any]] = []
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def inside(self, kind: str) -> Iterator[None]:
        if self._open and self._open[-1] == "authorisation":
            yield
            return
        self._charge()
        self._open.append(kind)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def _charge(self) -> None:
        now = self.now()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def _asked(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  Django's
        start = self.now()
        with self.inside("queries"):
            found = execute(sql, params, many, context)
        self.queries.append((self.now() - start, sql, params))
        return found

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(self._asked))
            stack.enter_context(self._timed(Template, "render", "template"))
            stack.enter_context(self._timed(middleware, "access_for", "authorisation"))
            for name in QUESTIONS:
                stack.enter_context(self._timed(Access, name, "authorisation"))
            with self.inside("rest"):
                yield

    def _timed(self, owner: Any, name: str, kind: str) -> Any:
        work = getattr(owner, name)

        @wraps(work)
        def timed(*args: Any, **named: Any) -> Any:
            with self.inside(kind):
                return work(*args, **named)

        return patch.object(owner, name, timed)
