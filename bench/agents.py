"""Agents as the bench of load has them: each asks for work as the real one does, and says at once that it is done."""

from __future__ import annotations

import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.utils import timezone

from computers.agents.models import Agent
from computers.agents.secrets import hashed
from computers.models import Computer
from immyrbac.sealing import seal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "agent"))
from immyrbac_agent import Gone, Job, Server, signed_job

Note = Callable[[str, float, int], None]
"""What was asked, when that was due (`time.perf_counter`), and the status of the answer; 0 where there was none."""


class SimulatedAgent:
    """The agent of one computer, as a thread runs it: the real program's way to ask, and nothing that it would do."""

    def __init__(self, port: int, token: str, key: str, note: Note) -> None:
        self.server, self.key, self.note = Server(f"http://127.0.0.1:{port}", token), key, note

    def serve(self, ended: threading.Event) -> None:
        pause = secrets.randbelow(2000) / 1000  # they did not all start at once
        while not ended.wait(pause):
            pause = self._ask()

    def _ask(self) -> float:
        """Seconds until it asks again."""
        nonce = secrets.token_hex(16)
        answer = self._post("/agent/poll/", {"nonce": nonce}, "poll")
        job = signed_job(answer, self.key, nonce)
        if job is None:
            return float(answer.get("wait", 2))
        self._post(job.path, _done(job), "report")
        return 0.0

    def _post(self, path: str, said: dict[str, object], kind: str) -> dict[str, object]:
        due, status, answer = time.perf_counter(), 200, dict[str, object]()
        try:
            answer = self.server.post(path, said)
        except Gone as refusal:
            status = refusal.status
        except OSError:
            status = 0
        self.note(kind, due, status)
        return answer


def _done(job: Job) -> dict[str, object]:
    said = {"token": job.token, "number": 0, "output": "Looked.\n", "is_cut": False, "done": True}
    found = [["Software", f"package {number}", "1.0"] for number in range(200)]
    return {**said, **({"exit_code": 0} if job.kind == "run" else {"progress": 100, "lines": found})}


@contextmanager
def agents_on(computers: list[Computer], port: int, note: Note) -> Iterator[None]:
    """An agent on each, known by secrets of its own, until the block ends; then they are removed again."""
    known = [(secrets.token_urlsafe(32), secrets.token_urlsafe(32)) for _ in computers]
    rows = [
        Agent(computer=computer, token_hash=hashed(token), sealed_key=seal(key), reported_type=computer.type)
        for computer, (token, key) in zip(computers, known, strict=True)
    ]
    made, ended = Agent.objects.bulk_create(rows), threading.Event()
    agents = [SimulatedAgent(port, token, key, note) for token, key in known]
    threads = [threading.Thread(target=agent.serve, args=[ended], daemon=True) for agent in agents]
    try:
        for thread in threads:
            thread.start()
        yield
    finally:
        ended.set()
        for thread in threads:
            with suppress(RuntimeError):  # one that was never started
                thread.join()
        Agent.objects.filter(pk__in=[agent.pk for agent in made]).update(removed_at=timezone.now())
