"""Acting as somebody else: begun with a reason, ended from the banner."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.forms.users import ReasonForm
from accounts.impersonation_services import start_impersonation
from accounts.impersonations import end_impersonation, forget, remember
from accounts.models import User
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, toast
from immyrbac.requests import Request
from rbac.acting import MINUTES
from rbac.audit import Actor
from rbac.decorators import FORM, WRITE, any_user, requires
from rbac.permissions import Permission


@requires(Permission.USERS_IMPERSONATE, on=User, methods=FORM)
def impersonation_start(request: Request, user: User) -> HttpResponse:
    if user.removed_at is not None:
        raise Http404
    form = ReasonForm(posted(request))
    form.fields["reason"].help_text = f"{user} reads it afterwards, with all that you did."
    if form.is_valid():
        with attempting(form):
            begun = start_impersonation(actor=request.actor, user=user, reason=form.cleaned_data["reason"])
            remember(request, begun)
            return redirect(request, reverse("start"))
    return render_dialog(
        request,
        "accounts/impersonation_start_dialog.html",
        {"form": form, "person": user, "minutes": MINUTES},
        title=f"Act as {user}?",
        cancel_url=reverse("accounts:user-detail", args=[user.pk]),
        status=status_of(request, form),
    )


@any_user(methods=WRITE, as_another=True)
def impersonation_end(request: Request) -> HttpResponse:
    """One click, wherever they are; whoever is themselves already only goes to the start page."""
    acting = request.impersonation
    if acting is None:
        return redirect(request, reverse("start"))
    actor = Actor(request.actor.impersonator, request_id=request.id, address=request.actor.address)
    end_impersonation(actor=actor, number=acting.pk, why="Ended from the banner")
    forget(request)
    toast(request, "You are yourself again.", f"What you did as {acting.user} is in their history, with your name.")
    return redirect(request, reverse("start"))
