"""What is done to several users at once: named first, then confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse

from accounts.forms.users import AccessEndForm, ReasonForm
from accounts.lists import UserFilters, UserListing, choosable
from accounts.models import User
from accounts.services import activate_users, deactivate_users, set_access_expiry
from immyrbac.attempts import attempting, status_of
from immyrbac.http import redirect, render_dialog, toast
from immyrbac.requests import Request
from immyrbac.selections import StaleSelectionError, selection
from immyrbac.words import counted
from rbac.decorators import WRITE, requires
from rbac.permissions import Permission

CONFLICT = 409
NAMED = 10
CHOICE = ("ids", "all", "expected", "filter")


@dataclass(frozen=True)
class Batch:
    """`title`, `done` and `button` take the people in words; `consequence` stands on the page and in the toast."""

    form: type[forms.Form]
    act: Callable[..., object]
    title: str
    done: str
    consequence: str
    button: str
    takes: bool = False


ACTIVATE = Batch(
    forms.Form, activate_users, "Activate {}?", "{} may sign in again", "What they hold counts at once.", "Activate {}"
)
DEACTIVATE = Batch(
    ReasonForm,
    deactivate_users,
    "Deactivate {}?",
    "{} deactivated",
    "They are out at their next click, and their sessions end. What they hold stays for when they come back; "
    "deployments and schedules of theirs do nothing until then.",
    "Deactivate {}",
    takes=True,
)
EXPIRE = Batch(
    AccessEndForm,
    set_access_expiry,
    "Set when access of {} ends",
    "Access end set for {}",
    "After that moment they are out at their next click.",
    "Set for {}",
)


@requires(Permission.USERS_MANAGE, methods=WRITE)
def user_activate(request: Request) -> HttpResponse:
    return _batch(request, ACTIVATE)


@requires(Permission.USERS_MANAGE, methods=WRITE)
def user_deactivate(request: Request) -> HttpResponse:
    return _batch(request, DEACTIVATE)


@requires(Permission.USERS_MANAGE, methods=WRITE)
def user_expire(request: Request) -> HttpResponse:
    return _batch(request, EXPIRE)


def _batch(request: Request, batch: Batch) -> HttpResponse:
    """The first visit names the people; one that was confirmed acts on all of them, or on nobody."""
    try:
        users = selection(request.POST, choosable(request.access), lambda asked: _matching(request, asked))
    except StaleSelectionError:
        return _ask(request, batch, [], forms.Form(), CONFLICT)
    form = batch.form(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        with attempting(form):
            batch.act(actor=request.actor, users=users, **form.cleaned_data)
            toast(request, batch.done.format(_people(users)), batch.consequence)
            return redirect(request, _list_url(request))
    return _ask(request, batch, users, form, status_of(request, form))


def _matching(request: Request, asked: QueryDict) -> QuerySet[User]:
    """All that the list narrows to and the actor may choose."""
    filters = UserFilters(asked, access=request.access)
    return UserListing(request, choosable(request.access), filters, paged=False, params=asked).matching


def _ask(request: Request, batch: Batch, users: list[User], form: forms.Form, status: int) -> HttpResponse:
    """`users` are none where the list is no longer what the reader saw."""
    context = {
        "form": form,
        "users": users[:NAMED],
        "others": len(users) - NAMED,
        "consequence": batch.consequence,
        "button": batch.button.format(_people(users)),
        "takes": batch.takes,
        "repeated": [(name, value) for name in CHOICE for value in request.POST.getlist(name)],
    }
    title = batch.title.format(_people(users)) if users else "This has changed since you looked"
    cancel = _list_url(request)
    return render_dialog(
        request, "accounts/user_batch_dialog.html", context, title=title, cancel_url=cancel, status=status
    )


def _list_url(request: Request) -> str:
    """The list as it was narrowed when the batch began."""
    asked = QueryDict(request.POST.get("filter", "").removeprefix("?")).urlencode()
    return reverse("accounts:user-list") + (f"?{asked}" if asked else "")


def _people(users: list[User]) -> str:
    return users[0].name if len(users) == 1 else counted(len(users), "person", "people")
