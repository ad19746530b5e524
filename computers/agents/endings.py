"""How a run ends, whoever ends it: the agent that did it, the right that is gone, or somebody who stops it."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

from django.utils import timezone

from computers.agents.models import Run, RunState
from rbac.audit import named

_OUTCOME = ("state", "why", "exit_code", "token_hash", "finished_at", "stopped_by")
_SAID = ("output", "is_cut", "parts", "lease_until")


def over(run: Run, state: RunState) -> dict[str, Any]:
    """Write how it ended, its secret with it; returns what audit says: of what it said the hash."""
    run.state, run.token_hash, run.finished_at = state, "", timezone.now()
    run.save(update_fields=(*_OUTCOME, *_SAID))
    after = {"computers": named([run.computer]), "output": f"SHA-256 {checksum(run)}", "exit_code": run.exit_code}
    label = f"{run} on {run.computer}"
    return {"target": run, "label": label, "tenant": run.tenant_id, "reason": run.why, "after": after}


class Work(Protocol):
    """What an agent does and brings back in parts."""

    output: str
    is_cut: bool
    parts: int


def checksum(work: Work) -> str:
    """Of all that is kept of its output: SHA-256 of its UTF-8."""
    return hashlib.sha256(work.output.encode()).hexdigest()
