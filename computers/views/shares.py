"""Shares of one library item: the list, giving one, ending one; a door for each kind of item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse

from computers.models import LibraryItem, License, Script, Software
from computers.pages import library_tabs
from computers.share_forms import EndShareForm, ShareForm, sharable_with
from computers.shelves import LICENSES, SCRIPTS, SOFTWARE, Shelf
from computers.views.submit import DONE, posted, submit
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.delegation import UnseenError
from rbac.outcome_pages import outcome_panel, shown_of
from rbac.permissions import Permission
from rbac.share_lists import shares_of_item
from rbac.share_services import end_share, share_item, with_resting

SHARE = Permission.SOFTWARE_SHARE


@requires(SHARE, on=License)
def license_share_list(request: Request, found: License) -> HttpResponse:
    return _list(request, LICENSES, found)


@requires(SHARE, on=Script)
def script_share_list(request: Request, found: Script) -> HttpResponse:
    return _list(request, SCRIPTS, found)


@requires(SHARE, on=Software)
def software_share_list(request: Request, found: Software) -> HttpResponse:
    return _list(request, SOFTWARE, found)


@requires(SHARE, on=License, methods=FORM)
def license_share_create(request: Request, found: License) -> HttpResponse:
    return _create(request, LICENSES, found)


@requires(SHARE, on=Script, methods=FORM)
def script_share_create(request: Request, found: Script) -> HttpResponse:
    return _create(request, SCRIPTS, found)


@requires(SHARE, on=Software, methods=FORM)
def software_share_create(request: Request, found: Software) -> HttpResponse:
    return _create(request, SOFTWARE, found)


@requires(SHARE, on=License, methods=FORM)
def license_share_end(request: Request, found: License, share: int) -> HttpResponse:
    return _end(request, LICENSES, found, share)


@requires(SHARE, on=Script, methods=FORM)
def script_share_end(request: Request, found: Script, share: int) -> HttpResponse:
    return _end(request, SCRIPTS, found, share)


@requires(SHARE, on=Software, methods=FORM)
def software_share_end(request: Request, found: Software, share: int) -> HttpResponse:
    return _end(request, SOFTWARE, found, share)


@requires(SHARE)
def share_user_pick(request: Request) -> HttpResponse:
    return render_options(request, sharable_with(request.access), describe=lambda user: {"help": user.email})


def _list(request: Request, shelf: Shelf, found: LibraryItem) -> HttpResponse:
    context = {
        "item": found,
        "shelf": shelf,
        "list_url": shelf.url("list"),
        "create_url": shelf.url("share-create", found.pk),
        "owner": str(found.tenant or "The instance"),
        "shares": shares_of_item(request.access, found),
        "icon": shelf.plural.lower(),
        "action": (f"Share {shelf.noun}", shelf.url("share-create", found.pk)),
        "tabs": library_tabs(request.access, found, shelf, "share-list"),
    }
    return render_page(request, "computers/share_list.html", "computers/share_list.html", context)


def _create(request: Request, shelf: Shelf, found: LibraryItem) -> HttpResponse:
    form = ShareForm(posted(request), item=found, access=request.access)
    person = str(form.cleaned_data["user"]) if form.is_valid() else ""
    asked = Asked(shelf, found, "computers/_share_dialog.html", f"Share “{found}”?", person)
    act = partial(share_item, actor=request.actor, item=found, shown=shown_of(request, person))
    return _act(request, asked, form, act, f"Shared {found} with {person}.")


def _end(request: Request, shelf: Shelf, found: LibraryItem, share: int) -> HttpResponse:
    rows = with_resting(found, share)
    if not rows or not request.access.can(Permission.USERS_VIEW, rows[0].user):
        raise Http404
    form, person = EndShareForm(posted(request)), str(rows[0].user)
    labels = [row.shared.label for row in rows]
    asked = Asked(shelf, found, "computers/_share_end_dialog.html", f"End the share with {person}?", person, labels)
    act = partial(end_share, actor=request.actor, item=found, share=share, shown=shown_of(request, person))
    return _act(request, asked, form, act, f"Ended a share of {found} with {person}.")


class Asked(NamedTuple):
    """A dialog about an item and a person; `labels` are the permissions that would end."""

    shelf: Shelf
    found: LibraryItem
    template: str
    title: str
    person: str
    labels: Sequence[str] = ()


def _act(request: Request, asked: Asked, form: Any, act: Callable[..., None], done: str) -> HttpResponse:
    """It is sent once to be shown what it does to the person."""
    try:
        status, panel = submit(request, form, act), None
    except UnseenError as unseen:
        status, panel = INVALID, outcome_panel(request, unseen.outcome, asked.person)
    list_url = asked.shelf.url("share-list", asked.found.pk)
    if status == DONE:
        toast(request, done, "It counts from their next click.")
        return redirect(request, list_url)
    context = {**asked._asdict(), "form": form, "outcome": panel, "noun": asked.shelf.noun, "item": asked.found}
    return render_dialog(request, asked.template, context, title=asked.title, cancel_url=list_url, status=status)
