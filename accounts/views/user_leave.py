"""Somebody leaves: what they hold, own and await, who takes it over, and one confirmation that does all of it."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.forms.groups import describe_candidate
from accounts.forms.leaving import FILL, LeavingForm
from accounts.leaving import belongings_of, successors
from accounts.leaving_services import see_user_off
from accounts.models import User
from immyrbac.attempts import attempting, posted
from immyrbac.http import redirect, render_options, render_page, toast
from immyrbac.requests import Request
from immyrbac.words import number
from rbac.decorators import FORM, requires
from rbac.delegation import ConflictError
from rbac.editing import Editor
from rbac.effects import lines_of_handover
from rbac.handovers import Handover, handover_of
from rbac.permissions import Permission

PAGE, PART, PREVIEW = "accounts/user_leave.html", "accounts/_leaving_editor.html", "accounts/_leaving_preview.html"


@requires(Permission.USERS_MANAGE, on=User, methods=FORM)
def user_leave(request: Request, user: User) -> HttpResponse:
    """What was shown is what is done: where it has changed, or was not seen, it is shown again."""
    if user.removed_at is not None:
        raise Http404
    things = belongings_of(request.access, user)
    form = LeavingForm(posted(request), access=request.access, user=user, things=things, asked=request.GET.dict())
    is_valid = form.is_valid()
    handover = handover_of(request.access, user, things.losing, form.plan)
    context = partial(_context, form, handover)
    editor = Editor(request, PAGE, PART, PREVIEW, context, context)
    if request.method != "POST":
        return render_page(request, PAGE, PART, context()) if FILL in request.GET else editor.drawn()
    if request.POST.get("expected") != handover.expected:
        return _again(request, context())
    if is_valid:
        with attempting(form):
            return _seen_off(request, form, handover, context())
    return editor.sent_back(form)


@requires(Permission.USERS_MANAGE, on=User)
def successor_pick(request: Request, user: User) -> HttpResponse:
    return render_options(request, successors(request.access, user), describe=describe_candidate)


def _seen_off(request: Request, form: LeavingForm, handover: Handover, context: dict[str, Any]) -> HttpResponse:
    said = {"reason": form.cleaned_data["reason"], "expected": handover.expected}
    try:
        entry = see_user_off(actor=request.actor, user=form.user, plan=form.plan, **said)
    except ConflictError:
        return _again(request, context)
    toast(request, f"{form.user} has left", "All that they held has ended; this is the receipt.")
    return redirect(request, reverse("rbac:leaving-detail", kwargs={"pk": form.user.pk, "entry": entry}))


def _again(request: Request, context: dict[str, Any]) -> HttpResponse:
    return render_page(request, PAGE, PART, context | {"moved": True}, status=HTTPStatus.CONFLICT)


def _context(form: LeavingForm, handover: Handover) -> dict[str, Any]:
    user, people = form.user, form.plan.successors
    lines = lines_of_handover(handover, people, user)
    address = reverse("accounts:user-leave", args=[user.pk])
    return {
        "form": form,
        "person": user,
        "things": form.things,
        "preview": handover,
        "effects": lines,
        "figures": [
            ("Ends", number(len(handover.losing.assignments) + len(handover.losing.memberships)), "", ""),
            ("Handed over", number(sum(map(len, form.plan))), "", ""),
        ],
        "announcement": ". ".join(line.text for line in lines),
        "create_url": address,
        "list_url": reverse("accounts:user-detail", args=[user.pk]),
        "typed": form["confirmation"].value() if form.is_bound else "",
        "typed_error": next(iter(form["confirmation"].errors), "") if form.is_bound else "",
    }
