"""Onboarding of one computer: begun with what it is, left out, or done again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import reverse

from computers.forms import OnboardingForm
from computers.maintenance import onboarding_services as services
from computers.maintenance.forms import ConfirmForm
from computers.maintenance.models import SessionKind
from computers.maintenance.pages import stages_in_words
from computers.models import Computer
from computers.people_uses import people_at, users_of
from computers.services import tags_of
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.delegation import ConflictError
from rbac.permissions import Permission

ONBOARD = Permission.COMPUTERS_ONBOARD


@requires(ONBOARD, on=Computer, methods=FORM)
def onboarding_start(request: Request, computer: Computer) -> HttpResponse:
    form = _form(request, computer)
    if form.is_valid():
        with attempting(form):
            try:
                services.start_onboarding(actor=request.actor, computer=computer, **form.cleaned_data)
            except ConflictError as conflict:
                form.overtaken(conflict.now)
            else:
                toast(
                    request, f"Began onboarding of {form.cleaned_data['name']}.", "Maintenance begins with its agent."
                )
                return redirect(request, _page(computer))
    lead = (
        f"Its first maintenance begins when the agent asks for work next: {stages_in_words(SessionKind.MAINTENANCE)}."
    )
    context = {"form": form, "lead": lead, "button": "Onboard computer", **_known(request, computer)}
    return render_dialog(
        request,
        "maintenance/_onboarding_dialog.html",
        context,
        title=f"Onboard {computer}",
        cancel_url=_page(computer),
        status=status_of(request, form),
    )


@requires(ONBOARD, on=Computer, methods=FORM)
def onboarding_skip(request: Request, computer: Computer) -> HttpResponse:
    lead = "It leaves the list of computers that wait for it. Nothing else changes, and it can be onboarded later."
    asked = Asked(f"Skip onboarding of {computer}?", lead, "Skip onboarding", f"Skipped onboarding of {computer}.")
    return _confirmed(request, computer, services.skip_onboarding, asked)


@requires(ONBOARD, on=Computer, methods=FORM)
def onboarding_repeat(request: Request, computer: Computer) -> HttpResponse:
    lead = "It waits to be onboarded then: for somebody else, or set up anew. Nothing of it changes by that."
    asked = Asked(f"Onboard {computer} again?", lead, "Let it wait", f"{computer} waits to be onboarded.")
    return _confirmed(request, computer, services.repeat_onboarding, asked)


class Asked(NamedTuple):
    """What is asked before it is done, and what is said of it then."""

    title: str
    lead: str
    button: str
    done: str


def _form(request: Request, computer: Computer) -> OnboardingForm:
    access, may_set = request.access, request.access.can(Permission.COMPUTERS_SET_PRIMARY_PERSON, computer)
    primary = next((link.person for link in users_of(access, computer) if link.is_primary), None) if may_set else None
    people = people_at(access, computer) if may_set else None
    return OnboardingForm(posted(request), about=computer, primary=primary, people=people)


def _known(request: Request, computer: Computer) -> dict[str, Any]:
    """What is confirmed by looking at it: whatever moves access has a dialog of its own, which shows that before."""
    links = (
        ("type_url", Permission.COMPUTERS_MANAGE, "computers:computer-type"),
        ("tags_url", Permission.COMPUTERS_MANAGE_TAGS, "computers:computer-tags"),
    )
    urls = {
        name: reverse(route, args=[computer.pk]) if request.access.can(permission, computer) else ""
        for name, permission, route in links
    }
    return {"computer": computer, "tags": tags_of(computer), **urls}


def _confirmed(request: Request, computer: Computer, decide: Callable[..., None], asked: Asked) -> HttpResponse:
    form = ConfirmForm(posted(request))
    if form.is_valid():
        with attempting(form):
            decide(actor=request.actor, computer=computer)
            toast(request, asked.done)
            return redirect(request, _page(computer))
    dialog, context = "maintenance/_session_act_dialog.html", {"form": form, "lead": asked.lead, "button": asked.button}
    return render_dialog(
        request, dialog, context, title=asked.title, cancel_url=_page(computer), status=status_of(request, form)
    )


def _page(computer: Computer) -> str:
    return reverse("computers:computer-detail", args=[computer.pk])
