"""The doors of agents: JSON in, JSON out, known by a token; and the program itself, for whoever installs one."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse, JsonResponse

from computers.agents import traffic
from computers.agents.forms import FactsForm, PartForm, read_json
from computers.agents.models import Agent, Enrolment
from computers.agents.secrets import find_agent, find_enrolment
from computers.maintenance.traffic import ATTENDED, next_stage, pause_of
from immyrbac.http import personal
from immyrbac.requests import Request
from rbac.decorators import by_token, public
from rbac.delegation import Refused

PROGRAM = Path(settings.BASE_DIR) / "agent" / "immyrbac_agent.py"
CONFLICT = 409


@public()
def agent_program(request: Request) -> HttpResponse:  # noqa: ARG001  every view gets it
    """The agent as this server has it; there is no secret in it."""
    return HttpResponse(PROGRAM.read_bytes(), content_type="text/x-python; charset=utf-8")


@by_token(find_enrolment)
def agent_enrol(request: Request, enrolment: Enrolment) -> HttpResponse:
    facts = FactsForm.read(read_json(request))
    try:
        agent, token, key = traffic.enrol_agent(enrolment, facts, origin=request.actor)
    except (traffic.UnusableError, ValidationError, Refused) as error:
        return _said({"error": _words(error)}, CONFLICT)
    return _said({"computer": str(agent.computer), "token": token, "key": key})


@by_token(find_agent)
def agent_report(request: Request, agent: Agent) -> HttpResponse:
    traffic.report_facts(agent, FactsForm.read(read_json(request)))
    return _said({})


@by_token(find_agent)
def agent_poll(request: Request, agent: Agent) -> HttpResponse:
    """The next stage of maintenance or run, once, signed with the nonce that was sent; or how long to wait."""
    nonce = read_json(request).get("nonce")
    if not isinstance(nonce, str) or not 16 <= len(nonce) <= 64 or not nonce.isascii():
        raise BadRequest("no nonce")
    traffic.hear_of(agent)
    pause = pause_of(agent)
    found = None if pause else next_stage(agent, nonce) or traffic.next_run(agent, nonce)
    return _said({"wait": pause or ATTENDED} if found is None else {"job": found[0], "signature": found[1]})


@by_token(find_agent)
def agent_part(request: Request, agent: Agent, number: int) -> HttpResponse:
    """A part of the output of a run; answers whether it shall go on."""
    said = read_json(request)
    secret, part = said.get("token"), PartForm.read(said)
    try:
        goes_on = traffic.receive(agent, number, secret if isinstance(secret, str) else "", part)
    except traffic.UnusableError as error:
        return _said({"error": str(error)}, CONFLICT)
    return _said({"stop": not goes_on})


def _words(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _said(words: dict[str, object], status: int = 200) -> HttpResponse:
    return personal(JsonResponse(words, status=status))
