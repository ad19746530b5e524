"""What is done to several computers at once: all of it or nothing (safety 16)."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.urls import reverse

from computers import services
from computers.forms import BatchTagsForm
from computers.lists import ComputerFilters, ComputerListing
from computers.models import Computer
from computers.views.submit import CONFLICT, DONE, SHOWN, submit
from immyrbac.http import INVALID, redirect, render_dialog, toast
from immyrbac.requests import Request
from immyrbac.selections import StaleSelectionError, selection
from immyrbac.words import counted
from rbac.decorators import WRITE, requires
from rbac.delegation import UnseenError
from rbac.outcome_pages import outcome_panel, shown_of
from rbac.permissions import Permission

MOST = 200
"""Computers whose tags change in one act: the gate judges each."""


@requires(Permission.COMPUTERS_MANAGE_TAGS, methods=WRITE)
def computer_batch_tags(request: Request) -> HttpResponse:
    """The batch bar posts what was selected; the form that it gets carries these and the tags."""
    chosen = _chosen(request)
    if chosen is None:
        return _again(request)
    posted = request.POST if "save" in request.POST else None
    form = BatchTagsForm(posted, computers=chosen, access=request.access)
    many, panel = counted(len(chosen), "computer"), None
    tag = partial(services.tag_computers, actor=request.actor, computers=chosen, shown=shown_of(request, many))
    try:
        status = SHOWN if posted is None else submit(request, form, tag)
    except UnseenError as unseen:
        status, panel = INVALID, outcome_panel(request, unseen.outcome, many)
    if status == DONE:
        toast(request, f"Changed the tags of {many}.")
        return redirect(request, reverse("computers:computer-list"))
    title = f"Tags of {many}"
    context = {"form": form, "ids": [computer.pk for computer in chosen], "outcome": panel}
    dialog, back = "computers/_computer_batch_tags_dialog.html", reverse("computers:computer-list")
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status)


def _chosen(request: Request) -> list[Computer] | None:
    """What was selected, as long as every one of it is the reader's to tag; None where it is not, or is too much."""
    taggable = request.access.reachable(Computer, Permission.COMPUTERS_MANAGE_TAGS).filter(deleted_at=None)
    seen = request.access.seen(Computer)
    try:
        chosen = selection(
            request.POST,
            taggable.select_related("tenant"),
            lambda params: ComputerListing(
                request, seen, ComputerFilters(params, access=request.access), paged=False, params=params
            ).matching.select_related("tenant"),
        )
    except StaleSelectionError:
        return None
    ids = [computer.pk for computer in chosen]
    return chosen if len(ids) <= MOST and taggable.filter(pk__in=ids).count() == len(ids) else None


def _again(request: Request) -> HttpResponse:
    """Nothing was changed: the list has moved on, or holds what the reader may not tag."""
    dialog, back = "computers/_computer_batch_stale_dialog.html", reverse("computers:computer-list")
    title = "The selection does not hold any more"
    return render_dialog(request, dialog, {"most": MOST}, title=title, cancel_url=back, status=CONFLICT)
