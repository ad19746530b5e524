"""Accounts one at a time: made, edited, removed, and let in by a link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.forms.factors import FactorResetForm
from accounts.forms.users import PlaceForm, RemoveForm, UserEditForm, UserForm, places
from accounts.identities import identities_of
from accounts.models import User
from accounts.pages import user_page
from accounts.provider_services import unlink_user
from accounts.services import create_user, edit_user, issue_password_link, remove_user, reset_factors
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, WRITE, requires
from rbac.delegation import UnseenError
from rbac.forms import AssignmentForm
from rbac.outcome_pages import outcome_panel, shown_of
from rbac.pages import assignments_page
from rbac.permissions import Permission
from rbac.rosters import roster_of
from tenancy.models import Tenant


@requires(Permission.USERS_MANAGE)
def user_place(request: Request) -> HttpResponse:
    """Where a new user belongs; somebody who has no choice is not asked."""
    form = PlaceForm(request.GET or None, access=request.access, initial={"tenant": request.user.tenant_id})
    if form.is_valid():
        return redirect(request, reverse("accounts:user-create", args=[form.cleaned_data["tenant"].pk]))
    only = places(request.access)[:2]
    if len(only) == 1 and not form.is_bound:
        return redirect(request, reverse("accounts:user-create", args=[only[0].pk]))
    return _page(request, "accounts/user_place.html", {"form": form}, form)


@requires(Permission.USERS_MANAGE)
def user_place_pick(request: Request) -> HttpResponse:
    return render_options(
        request, places(request.access), describe=lambda tenant: {"marks": "msp" if tenant.is_msp else ""}
    )


@requires(Permission.USERS_MANAGE, on=Tenant, methods=FORM)
def user_create(request: Request, tenant: Tenant) -> HttpResponse:
    form = UserForm(posted(request), access=request.access)
    if form.is_valid():
        with attempting(form):
            user = create_user(actor=request.actor, tenant=tenant, **form.cleaned_data)
            return _created(request, user)
    elsewhere = places(request.access).exclude(pk=tenant.pk).exists()
    return _page(request, "accounts/user_create.html", {"form": form, "tenant": tenant, "elsewhere": elsewhere}, form)


@requires(Permission.USERS_MANAGE, on=User, methods=FORM)
def user_edit(request: Request, user: User) -> HttpResponse:
    _present(user)
    form, panel = UserEditForm(posted(request), access=request.access, user=user), None
    if form.is_valid():
        with attempting(form):
            try:
                said = {**form.cleaned_data, "shown": shown_of(request, user.name)}
                edited = edit_user(actor=request.actor, user=user, **said)
                toast(request, f"{edited.name} saved")
                return redirect(request, reverse("accounts:user-detail", args=[user.pk]))
            except UnseenError as unseen:
                panel = outcome_panel(request, unseen.outcome, user.name)
    return _page(request, "accounts/user_edit.html", {"form": form, "person": user, "outcome": panel}, form)


@requires(Permission.USERS_MANAGE, on=User, methods=FORM)
def user_remove(request: Request, user: User) -> HttpResponse:
    _present(user)
    form = RemoveForm(posted(request), user=user)
    if form.is_valid():
        with attempting(form):
            remove_user(actor=request.actor, user=user, reason=form.cleaned_data["reason"])
            toast(request, f"{user.name} removed", "All that they held has ended; the address is free again.")
            return redirect(request, reverse("accounts:user-list"))
    return render_dialog(
        request,
        "accounts/user_remove_dialog.html",
        {"form": form, "person": user, "roster": roster_of(request.access, user)},
        title=f"Remove {user.name}?",
        cancel_url=reverse("accounts:user-detail", args=[user.pk]),
        status=status_of(request, form),
    )


@requires(Permission.USERS_MANAGE, on=User, methods=WRITE)
def user_link(request: Request, user: User) -> HttpResponse:
    """The page of the user with a new set-password link on it: it is in this answer and nowhere else."""
    _present(user)
    context = user_page(request, user, "accounts:user-detail") | _link(request, user, "accounts:user-detail")
    return _page(request, "accounts/user_detail.html", context)


@requires(Permission.USERS_MANAGE, on=User, methods=FORM)
def user_factor_reset(request: Request, user: User) -> HttpResponse:
    _present(user)
    form = FactorResetForm(posted(request))
    page = reverse("accounts:user-detail", args=[user.pk])
    if form.is_valid():
        with attempting(form):
            reset_factors(actor=request.actor, user=user, reason=form.cleaned_data["reason"])
            toast(
                request, f"Second factor of {user.name} reset", "Their sessions have ended; a password signs them in."
            )
            return redirect(request, page)
    return render_dialog(
        request,
        "accounts/user_factor_reset_dialog.html",
        {"form": form, "person": user},
        title=f"Reset the second factor of {user.name}?",
        cancel_url=page,
        status=status_of(request, form),
    )


@requires(Permission.USERS_MANAGE, on=User, methods=FORM)
def user_unlink(request: Request, user: User) -> HttpResponse:
    _present(user)
    form = FactorResetForm(posted(request))
    page = reverse("accounts:user-detail", args=[user.pk])
    if form.is_valid():
        with attempting(form):
            unlink_user(actor=request.actor, user=user, reason=form.cleaned_data["reason"])
            toast(request, f"{user.name} unlinked from single sign-on", "Their sessions have ended.")
            return redirect(request, page)
    return render_dialog(
        request,
        "accounts/_user_unlink_dialog.html",
        {"form": form, "person": user, "providers": [each.provider for each in identities_of(user)]},
        title=f"Unlink {user.name} from single sign-on?",
        cancel_url=page,
        status=status_of(request, form),
    )


def _present(user: User) -> None:
    """Whoever was removed is read about, and that is all."""
    if user.removed_at is not None:
        raise Http404


def _created(request: Request, user: User) -> HttpResponse:
    """What comes next for a new user: their link, and what they may do."""
    form = AssignmentForm(access=request.access, principal=user)
    context = assignments_page(request, user, form if form.kinds else None)
    return _page(request, "rbac/assignment_list.html", context | _link(request, user, "rbac:assignment-list"))


def _link(request: Request, user: User, page: str) -> dict[str, str]:
    """The link, and the address of the page that it is shown on, which shows it no more."""
    token = issue_password_link(actor=request.actor, user=user)
    path = reverse("accounts:password-link-open", args=[token])
    return {"password_link": request.build_absolute_uri(path), "page_url": reverse(page, args=[user.pk])}


def _page(request: Request, template: str, context: dict[str, Any], form: forms.Form | None = None) -> HttpResponse:
    return render_page(request, template, template, context, status=status_of(request, form) if form else 200)
