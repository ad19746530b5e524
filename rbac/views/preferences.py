"""Preferences: the switches of the instance, and what flipping one would do before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from immyrbac.http import INVALID, personal, redirect, render_page, toast
from immyrbac.requests import Request
from immyrbac.words import counted
from rbac.access import INSTANCE
from rbac.decorators import FORM, requires
from rbac.delegation import Refused, UnseenError
from rbac.models import AuditEntry
from rbac.outcome_pages import seal_of, shown_of
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from rbac.preference_forms import ReasonForm, Selection
from rbac.ripple_words import Change, preferences
from rbac.ripples import Ripple, Ripples
from rbac.services import set_switch
from rbac.switches import SwitchKey

MOVED = "The numbers have moved since this page was drawn. Nothing has changed; look again, then decide."
OVERTAKEN = "Somebody has set it since this page was drawn."


@requires(Permission.PREFERENCES_VIEW_SYSTEM, on=INSTANCE)
def preference_list(request: Request) -> HttpResponse:
    may_set = request.access.can(Permission.PREFERENCES_MANAGE_SYSTEM, INSTANCE)
    of_crowds = "counted" in request.GET
    shown = preferences(Ripples(request.access), may_set=may_set, of_crowds=of_crowds)
    context = {"preferences": shown, "may_set": may_set}
    return personal(render(request, "rbac/preference_list.html", context))


@requires(Permission.PREFERENCES_MANAGE_SYSTEM, on=INSTANCE, methods=FORM)
def switch_change(request: Request, key: SwitchKey, enabled: bool) -> HttpResponse:  # noqa: FBT001  from the address
    ripples = Ripples(request.access)
    change = Change(ripples, ripples.of(key, enabled=enabled))
    form = ReasonForm(request.POST or None)
    if request.method != "POST":
        return _page(request, change, form)
    if change.is_there or request.POST.get("expected") != str(change.ripple.touched):
        said = [OVERTAKEN if change.is_there else MOVED]
        return _page(request, change, form, status=HTTPStatus.CONFLICT, said=said)
    if not form.is_valid():
        return _page(request, change, form, status=INVALID)
    shown = shown_of(request, change.people)
    try:
        entry = set_switch(
            actor=request.actor, key=key, enabled=enabled, reason=form.cleaned_data["reason"], shown=shown
        )
    except UnseenError as unseen:
        return _again(request, change, form, unseen.outcome)
    except Refused as refusal:
        return _page(request, change, form, status=HTTPStatus.FORBIDDEN, said=refusal.reasons)
    _tell(request, change.ripple, entry)
    return redirect(request, reverse("rbac:preference-list"))


def _again(request: Request, change: Change, form: ReasonForm, outcome: Outcome) -> HttpResponse:
    """Other than what was shown; or shown, and not confirmed by typing."""
    if request.POST.get("shown") == outcome.mark:
        return _page(request, change, form, status=INVALID)
    return _page(request, change, form, status=HTTPStatus.CONFLICT, said=[MOVED])


def _page(
    request: Request, change: Change, form: ReasonForm, *, status: int = 200, said: Sequence[str] = ()
) -> HttpResponse:
    selection = Selection(request.GET, change.ripple)
    context = {
        "change": change,
        "seal": seal_of(request, change.outcome, change.people),
        "selection": selection,
        "people": change.ripple.named(selection.shown),
        "figures": change.figures(selection),
        "views": change.views(selection),
        "form": form,
        "said": said,
        "refused": status == HTTPStatus.FORBIDDEN,
    }
    return render_page(request, "rbac/preference_change.html", "rbac/_ripple_table.html", context, status=status)


def _tell(request: Request, ripple: Ripple, entry: AuditEntry | None) -> None:
    link = None
    if entry is not None and request.access.can(Permission.AUDIT_VIEW, entry):
        link = (reverse("rbac:audit-detail", args=[entry.pk]), "See the audit entry")
    what = f"{ripple.key.spec.topic.capitalize()} turned {'on' if ripple.enabled else 'off'}"
    people = f"{ripple.most}{counted(ripple.touched, 'person', 'people')}"
    toast(
        request,
        what,
        f"It holds for {people} from their next request." if ripple.touched else "",
        link=link,
    )
