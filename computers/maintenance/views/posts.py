"""The door of agents that report on a stage: JSON in, JSON out, known by a token."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse

from computers.agents.forms import read_json
from computers.agents.models import Agent
from computers.agents.secrets import find_agent
from computers.agents.traffic import UnusableError
from computers.maintenance import traffic
from computers.maintenance.forms import PieceForm, ReportForm
from immyrbac.http import personal
from immyrbac.requests import Request
from rbac.decorators import by_token


@by_token(find_agent)
def agent_stage(request: Request, agent: Agent, number: int) -> HttpResponse:
    """A report on a stage; answers whether it shall go on."""
    said = read_json(request)
    report = ReportForm.read(said)
    try:
        goes_on = traffic.receive(agent, number, _secret_in(said), report)
    except UnusableError as error:
        return _refused(error)
    return personal(JsonResponse({"stop": not goes_on}))


@by_token(find_agent)
def agent_stage_file(request: Request, agent: Agent, number: int) -> HttpResponse:
    """A piece of a file that the stage takes; an empty one is its end."""
    said = read_json(request)
    token, start = PieceForm.read(said)
    try:
        piece = traffic.send_piece(agent, number, _secret_in(said), token, start)
    except UnusableError as error:
        return _refused(error)
    return personal(HttpResponse(piece, content_type="application/octet-stream"))


def _secret_in(said: dict[str, Any]) -> str:
    secret = said.get("token")
    return secret if isinstance(secret, str) else ""


def _refused(error: UnusableError) -> HttpResponse:
    return personal(JsonResponse({"error": str(error)}, status=409))
