"""The secrets of agents: 256 random bits each, of which only a hash is kept (safety 23)."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.core.exceptions import PermissionDenied

from computers.agents.models import Agent, Enrolment


def new_secret() -> str:
    """In digits and letters alone: one of 64 that begin with a dash would be an option to the agent's command line."""
    return secrets.token_hex(32)


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret_of(secret: str, kept: str) -> bool:
    """In constant time; nothing is the secret of what keeps none."""
    return bool(kept) and hmac.compare_digest(hashed(secret), kept)


def signature(key: str, nonce: str, job: str) -> str:
    """Of work that is given out: over the agent's own nonce, so that no old answer serves again. HMAC-SHA-256."""
    return hmac.new(key.encode(), f"{nonce}\n{job}".encode(), hashlib.sha256).hexdigest()


def find_agent(token: str) -> Agent | None:
    """The agent with this secret that nobody removed. An index finds its hash, which tells nothing of the secret.

    Raises PermissionDenied while its computer is deleted: it gets nothing, and goes on when that is restored.
    """
    found = Agent.objects.filter(removed_at=None, token_hash=hashed(token)).select_related("computer").first()
    if found is None or not is_secret_of(token, found.token_hash):
        return None
    if found.computer.deleted_at:
        raise PermissionDenied("The computer of this agent is deleted.")
    return found


def find_enrolment(token: str) -> Enrolment | None:
    found = Enrolment.objects.open().filter(token_hash=hashed(token)).first()
    return found if found and is_secret_of(token, found.token_hash) else None
