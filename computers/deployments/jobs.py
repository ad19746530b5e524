"""Mail on change requests: what waits to whoever may review it, what came of it to whoever sent it.

A job says which note it is about, and asks who may read it when it is written (safety 18).
"""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from procrastinate.contrib.django import app

from accounts.letters import AGAIN, letter
from accounts.models import User
from computers.deployments.models import ChangeRequest, ChangeRequestNote, RequestState
from computers.deployments.request_services import REVIEW, TOLD_JOB
from immyrbac.connections import fresh_connection
from rbac.access import access_for, who_can
from rbac.naming import OPERATOR, name_for

MOST_REVIEWERS = 100
"""So many are told of one request."""

CAME = {
    RequestState.ATTENTION: "was sent back: it needs your attention",
    RequestState.APPROVED: "was approved, and its deployment is saved",
    RequestState.DENIED: "was denied",
}
"""What a mail to whoever sent a request says of it, by where it stands then."""


@app.task(name=TOLD_JOB, queue="mail", retry=AGAIN)
def mail_change_request(*, note: int, site: str) -> None:
    with fresh_connection():
        send_note(note, site)


def send_note(pk: int, site: str) -> None:
    """What the job does; nothing where the request stands otherwise by now, or was taken back."""
    notes = ChangeRequestNote.objects.select_related("request__tenant", "request__asked_by__tenant", "author__tenant")
    note = notes.filter(pk=pk).first()
    if note is None:
        return
    if note.did in ("submitted", "edited"):
        _ask_reviewers(note, site)
    elif note.did == ("returned" if note.request.state == RequestState.ATTENTION else note.request.state):
        _tell_sender(note, site)


def _ask_reviewers(note: ChangeRequestNote, site: str) -> None:
    """One mail to all of them, who do not read each other's address."""
    asked = note.request
    if asked.state != RequestState.OPEN:
        return
    people = who_can(REVIEW, asked).exclude(pk=asked.asked_by_id).order_by("pk").values_list("email", flat=True)
    if addresses := list(people[:MOST_REVIEWERS]):
        said = {"what": f"{_known(note)} asks for a review", "why": "you may review it"}
        _written(f"To review: {asked}", note, site, said, bcc=addresses).send()


def _tell_sender(note: ChangeRequestNote, site: str) -> None:
    """To whoever may still see the request, with the name of who decided as far as they may read it."""
    asked = note.request
    sender = User.objects.able_to_act().select_related("tenant").filter(pk=asked.asked_by_id).first()
    access = access_for(sender) if sender else None
    if sender is None or access is None or not access.can(ChangeRequest.VIEW, asked):
        return
    by = name_for(access, note.author, asked.tenant)
    said = {"what": f"Your request {CAME[RequestState(asked.state)]}, by {by}", "why": "you sent it"}
    _written(f"{asked}: {RequestState(asked.state).label.lower()}", note, site, said, to=[sender.email]).send()


def _known(note: ChangeRequestNote) -> str:
    """Whoever wrote it, as everybody reads it who reads of the request: of its tenant, or of the MSP of that one."""
    tenant, author = note.request.tenant, note.author
    return author.name if tenant and author.tenant_id in (tenant.pk, tenant.msp_id) else OPERATOR


def _written(subject: str, note: ChangeRequestNote, site: str, said: dict[str, str], **sent: Any) -> Any:
    link = site + reverse("deployments:change-request-detail", args=[note.request_id]) if site else ""
    body = render_to_string("deployments/change_request_letter.txt", {"note": note, "link": link, **said})
    reader = note.request.asked_by.tenant if "to" in sent else None
    return letter(" ".join(subject.split()), body, reader, **sent)
