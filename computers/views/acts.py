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
from rbac.delegation import UnseenError
from rbac.outcome_pages import outcome_panel, shown_of
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from tenancy.forms import describe_tenant


class Asked(NamedTuple):
    """What an act asks and says: heading, button, what was done, and what follows from it.

    They may name `{computer}` and `{tenant}`. `css` is the class of the button.
    """

    title: str
    button: str
    done: str
    lead: str = ""
    css: str = "primary"


EDIT = Asked("Edit {computer}", "Save changes", "Edited {computer}.")
TYPE = Asked(
    "What kind of computer is {computer}?",
    "Change type",
    "Changed the type of {computer}.",
    "Access that is given to computers of a type covers it by this.",
)
NOTES = Asked("Notes on {computer}", "Save notes", "Wrote notes on {computer}.")
TAGS = Asked("Tags of {computer}", "Save tags", "Changed the tags of {computer}.")
MOVE = Asked(
    "Move {computer} to another tenant?",
    "Move computer",
    "Moved {computer}.",
    "It leaves {tenant}: whoever reaches it through that tenant does so no longer. The people who use it stay there.",
)
DELETE = Asked(
    "Delete {computer}?",
    "Delete computer",
    "Deleted {computer}.",
    "It leaves every list at once. Whoever may restore it still sees it; its name becomes free in {tenant}.",
    "danger",
)
RESTORE = Asked(
    "Restore {computer}?",
    "Restore computer",
    "Restored {computer}.",
    "It comes back to {tenant} with its type, tags and notes, and is covered again by all that covered it.",
)


@requires(Permission.COMPUTERS_MANAGE, on=Computer, methods=FORM)
def computer_edit(request: Request, computer: Computer) -> HttpResponse:
    form = ComputerForm(posted(request), about=computer)
    return _act(request, computer, form, services.edit_computer, EDIT)


@requires(Permission.COMPUTERS_MANAGE, on=Computer, methods=FORM)
def computer_type(request: Request, computer: Computer) -> HttpResponse:
    form = TypeForm(posted(request), about=computer, suggested=request.GET.get("type", ""))
    return _act(request, computer, form, services.set_computer_type, TYPE)


@requires(Permission.COMPUTERS_MANAGE_NOTES, on=Computer, methods=FORM)
def computer_notes(request: Request, computer: Computer) -> HttpResponse:
    form = NotesForm(posted(request), about=computer)
    return _act(request, computer, form, services.write_notes, NOTES)


@requires(Permission.COMPUTERS_MANAGE_TAGS, on=Computer, methods=FORM)
def computer_tags(request: Request, computer: Computer) -> HttpResponse:
    form = TagsForm(posted(request), about=computer, access=request.access)
    return _act(request, computer, form, services.set_computer_tags, TAGS)


@requires(Permission.COMPUTERS_CHANGE_TENANT, on=Computer, methods=FORM)
def computer_move(request: Request, computer: Computer) -> HttpResponse:
    form = MoveForm(posted(request), about=computer, access=request.access)
    try:
        return _act(request, computer, form, services.move_computer, MOVE)
    except services.TagsLostError as error:
        form.announce(error.tags)
        return _dialog(request, computer, form, MOVE._replace(button="Move and remove tags"), INVALID)


@requires(Permission.COMPUTERS_CHANGE_TENANT)
def destination_pick(request: Request) -> HttpResponse:
    """Where the reader may move computers to."""
    return render_options(request, destinations(request.access), describe=describe_tenant)


@requires(Permission.COMPUTERS_DELETE, on=Computer, methods=FORM)
def computer_delete(request: Request, computer: Computer) -> HttpResponse:
    form = ReasonForm(posted(request), about=computer)
    return _act(request, computer, form, services.delete_computer, DELETE)


@requires(Permission.COMPUTERS_DELETE, on=Computer, methods=FORM)
def computer_restore(request: Request, computer: Computer) -> HttpResponse:
    form = ConfirmForm(posted(request), about=computer)
    return _act(request, computer, form, services.restore_computer, RESTORE)


def _act(request: Request, computer: Computer, form: Any, service: Callable[..., object], asked: Asked) -> HttpResponse:
    said = {"shown": shown_of(request, computer.name)} if service in MOVING else {}
    try:
        status = submit(request, form, partial(service, actor=request.actor, computer=computer, **said))
    except UnseenError as unseen:
        return _dialog(request, computer, form, asked, INVALID, outcome=unseen.outcome)
    if status != DONE:
        return _dialog(request, computer, form, asked, status)
    toast(request, asked.done.format(computer=computer))
    return redirect(request, reverse("computers:computer-detail", args=[computer.pk]))


MOVING = (services.set_computer_type, services.set_computer_tags, services.move_computer)
"""What is shown before it is done: assignments may cover the computer then, or no longer."""


def _dialog(
    request: Request, computer: Computer, form: Any, asked: Asked, status: int, *, outcome: Outcome | None = None
) -> HttpResponse:
    said = {"computer": computer, "tenant": computer.tenant}
    panel = outcome_panel(request, outcome, computer.name) if outcome else None
    return render_dialog(
        request,
        "computers/_computer_act_dialog.html",
        {"form": form, "lead": asked.lead.format(**said), "button": asked.button, "css": asked.css, "outcome": panel},
        title=asked.title.format(**said),
        cancel_url=reverse("computers:computer-detail", args=[computer.pk]),
        status=status,
    )
