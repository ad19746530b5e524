"""Two who do something at the same time, again and again."""

import threading
from collections.abc import Callable
from typing import Self

from django.db import connection

from rbac.delegation import Refused
from rbac.invitation_services import InvitationUnusable
from rbac.request_services import RequestAnswered
from tests.effort import effort

RACES = effort(25, 200, 200)
"""Of each pair (issue 4: 200)."""


class Racer:
    """Two threads that stay, each with a connection of its own, and start together in every race."""

    def __init__(self) -> None:
        self.ready, self.done = threading.Barrier(3), threading.Barrier(3)
        self.acts: list[Callable[[], object] | None] = [None, None]
        self.outcomes = ["", ""]
        self.threads = [threading.Thread(target=self._run, args=(lane,)) for lane in (0, 1)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.acts = [None, None]
        self.ready.wait()
        for thread in self.threads:
            thread.join()

    def race(self, one: Callable[[], object], other: Callable[[], object]) -> list[str]:
        self.acts = [one, other]
        self.ready.wait()
        self.done.wait()
        return self.outcomes

    def _run(self, lane: int) -> None:
        while True:
            self.ready.wait()
            act = self.acts[lane]
            if act is None:
                connection.close()
                return
            self.outcomes[lane] = ending(act)
            self.done.wait()


def ending(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused:
        return "refused"
    except InvitationUnusable as error:
        return error.state
    except RequestAnswered:
        return "told"
    except Exception as error:  # noqa: BLE001  any other end is what this test is looking for
        return repr(error)
    return "done"
