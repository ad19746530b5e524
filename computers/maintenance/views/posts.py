"""The door of agents that report on a stage: JSON in, JSON out, known by a token."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse

from computers.agents.forms import read_json
from computers.agents.models import Agent
from computers.agents.secrets import find_agent
from computers.agents.traffic import UnusableError
from computers.maintenance import traffic
from computers.maintenance.forms import ReportForm
from immyrbac.http import personal
from immyrbac.requests import Request
from rbac.decorators import by_token


@by_token(find_agent)
def agent_stage(request: Request, agent: Agent, number: int) -> HttpResponse:
    """A report on a stage; answers whether it shall go on."""
    said = read_json(request)
    secret, report = said.get("token"), ReportForm.read(said)
    try:
        goes_on = traffic.receive(agent, number, secret if isinstance(secret, str) else "", report)
    except UnusableError as error:
        return personal(JsonResponse({"error": str(error)}, status=409))
    return personal(JsonResponse({"stop": not goes_on}))
