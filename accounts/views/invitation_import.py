"""Inviting several people by CSV: what each line does is shown first, and then all of them are invited, or nobody."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.forms.invitations import ImportForm
from accounts.invitation_files import EXAMPLE, Line, Reading, UnreadableError
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_page, toast
from immyrbac.requests import Request, site_of
from immyrbac.words import counted
from rbac.decorators import FORM, requires
from rbac.editing import has_typed
from rbac.invitation_services import invite_users
from rbac.permissions import Permission
from tenancy.models import Tenant

PAGE = "accounts/invitation_import.html"


@requires(Permission.USERS_MANAGE, on=Tenant, methods=FORM)
def invitation_import(request: Request, tenant: Tenant) -> HttpResponse:
    """The first visit with lines only shows what they would do; one that was confirmed reads all of them again."""
    form = ImportForm(posted(request), request.FILES if request.method == "POST" else None)
    lines = _read(request, tenant, form) if form.is_valid() else []
    trial = _trial(request, tenant, lines)
    if form.is_valid() and trial["ready"] and "confirmed" in request.POST and not trial["error"]:
        with attempting(form):
            offers = [line.offer for line in lines if line.offer is not None]
            invite_users(actor=request.actor, offers=offers, site=site_of(request))
            toast(request, f"{_people(lines)} invited", "Each gets a mail with a link that works for 7 days.")
            return redirect(request, reverse("accounts:invitation-list"))
    status = status_of(request, form) if form.errors or not form.is_bound else INVALID if trial["wrong"] else 200
    context = {"form": form, "tenant": tenant, "example": EXAMPLE, **trial}
    return render_page(request, PAGE, PAGE, context, status=status)


def _read(request: Request, tenant: Tenant, form: ImportForm) -> list[Line]:
    said = form.cleaned_data
    place = "file" if said.get("file") else "lines"
    try:
        lines = Reading(request.access, tenant, said["reason"], said["message"]).lines(said["lines"])
    except UnreadableError as error:
        form.add_error(place, str(error))
        return []
    if not lines:
        form.add_error(place, "There is nobody in it.")
    return lines


def _trial(request: Request, tenant: Tenant, lines: list[Line]) -> dict[str, Any]:
    """What the lines would do; `ready`: nothing speaks against it, `error`: of the name that great power takes."""
    bad = sum(bool(line.errors) for line in lines)
    great, confirmed = any(line.great_power for line in lines), "confirmed" in request.POST
    mistyped = great and confirmed and not has_typed(request, tenant.name)
    return {
        "lines": lines,
        "bad": bad,
        "great": great,
        "ready": bool(lines) and not bad,
        "wrong": bool(bad) or mistyped,
        "error": f"This is not {tenant}." if mistyped else "",
        "people": _people(lines),
    }


def _people(lines: list[Line]) -> str:
    return counted(len(lines), "person", "people")
