"""What the tests of agents share: an agent on a computer of Litware, and somebody who may run things there."""

import json
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from computers.agents.models import Agent, Run
from computers.agents.secrets import signature
from computers.agents.services import ask_run
from computers.models import Computer
from rbac.audit import Actor
from rbac.permissions import Permission
from tests import factories
from tests.grants import grant

TOKEN = "a token that only this agent has"
NONCE = "0123456789abcdef"
TERMINAL = (Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN)
FACTS = {"name": "LIT-01", "type": "server", "os": "Linux 6", "serial_number": "S-1", "people": ["sam"]}


def agent_on(computer: Computer, token: str = TOKEN) -> Agent:
    return factories.AgentFactory(computer=computer, token=token)


def technician(computer: Computer, home: Any, name: str = "Tech") -> User:
    """Somebody at this home who may run things in the computer's tenant."""
    user = factories.UserFactory(name=name, tenant=home)
    grant(user, *TERMINAL, scope="tenant", tenant=computer.tenant)
    return user


def asked(user: User, computer: Computer, command: str = "uptime") -> Run:
    return ask_run(actor=Actor(user), computer=computer, command=command)


def post(name: str, token: str, said: Any, **route: Any) -> Any:
    """The answer to an agent: as a real client has it, with the checks of CSRF."""
    client = Client(enforce_csrf_checks=True)
    body = said if isinstance(said, (str, bytes)) else json.dumps(said)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = reverse(name if ":" in name else f"agents:{name}", kwargs=route)
    return client.post(address, body, content_type="application/json", headers=headers)


def polled(token: str = TOKEN) -> dict[str, Any]:
    answer = post("agent-poll", token, {"nonce": NONCE})
    assert answer.status_code == 200, answer.content
    return answer.json()


def picked_up(key: str, token: str = TOKEN) -> dict[str, Any]:
    """The job of the next poll, whose signature holds."""
    answer = polled(token)
    assert answer["signature"] == signature(key, NONCE, answer["job"])
    return json.loads(answer["job"])


def part(job: dict[str, Any], number: int = 0, token: str = TOKEN, **said: Any) -> Any:
    body = {"token": job["token"], "number": number, "output": "", **said}
    return post("agent-part", token, body, number=job["run"])
