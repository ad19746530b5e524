"""What is done to one computer, each act at its own address and behind its own door."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import reverse

from computers import services
from computers.forms import ComputerForm, ConfirmForm, MoveForm, NotesForm, ReasonForm, TagsForm, TypeForm, destinations
from computers.models import Computer
from computers.views.submit import DONE, posted, submit
from immyrbac.http import INVALID, redirect, render_dialog, render_options, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.forms import describe_tenant


class Asked(NamedTuple):
    """What the act asks in its heading, what its button says, and what was done then."""

    title: str
    button: str
    done: str


@requires(Permission.COMPUTERS_MANAGE, on=Computer, methods=FORM)
def computer_edit(request: Request, computer: Computer) -> HttpResponse:
    form = ComputerForm(posted(request), about=computer)
    return _act(request, computer, form, services.edit_computer, Asked(f"Edit {computer}", "Save changes", "Edited"))


@requires(Permission.COMPUTERS_MANAGE, on=Computer, methods=FORM)
def computer_type(request: Request, computer: Computer) -> HttpResponse:
    form = TypeForm(posted(request), about=computer)
    title = f"What kind of computer is {computer}?"
    return _act(request, computer, form, services.set_computer_type, Asked(title, "Change type", "Changed the type of"))


@requires(Permission.COMPUTERS_MANAGE_NOTES, on=Computer, methods=FORM)
def computer_notes(request: Request, computer: Computer) -> HttpResponse:
    form = NotesForm(posted(request), about=computer)
    return _act(
        request, computer, form, services.write_notes, Asked(f"Notes on {computer}", "Save notes", "Wrote notes on")
    )


@requires(Permission.COMPUTERS_MANAGE_TAGS, on=Computer, methods=FORM)
def computer_tags(request: Request, computer: Computer) -> HttpResponse:
    form = TagsForm(posted(request), about=computer, access=request.access)
    title = f"Tags of {computer}"
    return _act(request, computer, form, services.set_computer_tags, Asked(title, "Save tags", "Changed the tags of"))


@requires(Permission.COMPUTERS_CHANGE_TENANT, on=Computer, methods=FORM)
def computer_move(request: Request, computer: Computer) -> HttpResponse:
    form = MoveForm(posted(request), about=computer, access=request.access)
    title = f"Move {computer} to another tenant?"
    try:
        return _act(request, computer, form, services.move_computer, Asked(title, "Move computer", "Moved"))
    except services.TagsLostError as error:
        form.announce(error.tags)
        return _dialog(request, computer, form, Asked(title, "Move and remove tags", ""), INVALID)


@requires(Permission.COMPUTERS_CHANGE_TENANT)
def destination_pick(request: Request) -> HttpResponse:
    """Where the reader may move computers to."""
    return render_options(request, destinations(request.access), describe=describe_tenant)


@requires(Permission.COMPUTERS_DELETE, on=Computer, methods=FORM)
def computer_delete(request: Request, computer: Computer) -> HttpResponse:
    form = ReasonForm(posted(request), about=computer)
    return _act(
        request, computer, form, services.delete_computer, Asked(f"Delete {computer}?", "Delete computer", "Deleted")
    )


@requires(Permission.COMPUTERS_DELETE, on=Computer, methods=FORM)
def computer_restore(request: Request, computer: Computer) -> HttpResponse:
    form = ConfirmForm(posted(request), about=computer)
    title = f"Restore {computer}?"
    return _act(request, computer, form, services.restore_computer, Asked(title, "Restore computer", "Restored"))


def _act(
    request: Request,
    computer: Computer,
    form: Any,
    service: Callable[..., object],
    asked: Asked,
) -> HttpResponse:
    status = submit(request, form, partial(service, actor=request.actor, computer=computer))
    if status != DONE:
        return _dialog(request, computer, form, asked, status)
    toast(request, f"{asked.done} {computer}.")
    return redirect(request, reverse("computers:computer-detail", args=[computer.pk]))


def _dialog(request: Request, computer: Computer, form: Any, asked: Asked, status: int) -> HttpResponse:
    """The dialog of the act, which is named as its route is."""
    act = request.resolver_match.url_name if request.resolver_match else ""
    return render_dialog(
        request,
        "computers/_computer_act_dialog.html",
        {"form": form, "computer": computer, "button": asked.button, "act": act},
        title=asked.title,
        cancel_url=reverse("computers:computer-detail", args=[computer.pk]),
        status=status,
    )
