"""Who uses a computer: seen, named, made the primary person, and taken off."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse

from accounts.models import Person
from computers import people_services as services
from computers.forms import ComputerPersonForm, describe_person
from computers.models import Computer
from computers.people_pages import TAB, people_page
from computers.people_uses import candidates, person_of
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, WRITE, requires
from rbac.permissions import Permission

PAGE = "computers/computer_people.html"


@requires(Permission.USERS_VIEW, on=Computer)
def computer_people(request: Request, computer: Computer) -> HttpResponse:
    return render_page(request, PAGE, PAGE, people_page(request, computer))


@requires(Permission.COMPUTERS_SET_PRIMARY_PERSON, on=Computer, methods=FORM)
def computer_person_add(request: Request, computer: Computer) -> HttpResponse:
    form = ComputerPersonForm(posted(request), source=_source(computer), people=candidates(request.access, computer))
    if form.is_valid():
        with attempting(form):
            services.add_computer_person(actor=request.actor, computer=computer, **form.cleaned_data)
            toast(request, f"{form.cleaned_data['person']} uses {computer}.")
            return redirect(request, _tab(computer))
    lead = f"Somebody of {computer.tenant}. It gives them no access."
    return render_dialog(
        request,
        "computers/_computer_act_dialog.html",
        {"form": form, "lead": lead, "button": "Add person", "css": "primary"},
        title=f"Who uses {computer}?",
        cancel_url=_tab(computer),
        status=status_of(request, form),
    )


@requires(Permission.COMPUTERS_SET_PRIMARY_PERSON, on=Computer)
def computer_person_pick(request: Request, computer: Computer) -> HttpResponse:
    """Who can be named on it."""
    return render_options(request, candidates(request.access, computer), describe=describe_person)


@requires(Permission.COMPUTERS_SET_PRIMARY_PERSON, on=Computer, methods=WRITE)
def computer_person_primary(request: Request, computer: Computer, person_id: int) -> HttpResponse:
    person = person_of(request.access, computer, person_id)
    return _done(request, computer, person, services.set_primary_person, "{} is the primary person of {}.")


@requires(Permission.COMPUTERS_SET_PRIMARY_PERSON, on=Computer, methods=WRITE)
def computer_person_remove(request: Request, computer: Computer, person_id: int) -> HttpResponse:
    person = person_of(request.access, computer, person_id)
    return _done(request, computer, person, services.remove_computer_person, "{} is no longer named on {}.")


@requires(Permission.COMPUTERS_SET_PRIMARY_PERSON, on=Computer, methods=WRITE)
def computer_person_adopt(request: Request, computer: Computer) -> HttpResponse:
    """Somebody whom the agent reports, by the name that it says."""
    try:
        name = request.POST.get("name", "")
        person = services.adopt_reported_person(actor=request.actor, computer=computer, name=name)
    except ValidationError as error:
        return _not_done(request, computer, error)
    toast(request, f"{person} uses {computer}.")
    return redirect(request, _tab(computer))


def _done(
    request: Request, computer: Computer, person: Person, service: Callable[..., None], said: str
) -> HttpResponse:
    try:
        service(actor=request.actor, computer=computer, person=person)
    except ValidationError as error:
        return _not_done(request, computer, error)
    toast(request, said.format(person, computer))
    return redirect(request, _tab(computer))


def _not_done(request: Request, computer: Computer, error: ValidationError) -> HttpResponse:
    context = people_page(request, computer, " ".join(error.messages))
    return render_page(request, PAGE, PAGE, context, status=INVALID)


def _tab(computer: Computer) -> str:
    return reverse(TAB, args=[computer.pk])


def _source(computer: Computer) -> str:
    return reverse("computers:computer-person-pick", args=[computer.pk])
