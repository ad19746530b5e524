"""People who use computers, one at a time: made, edited and deleted."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.forms.people import PersonEditForm, PersonForm, accounts_for, describe_account
from accounts.forms.users import PlaceForm, ReasonForm, places
from accounts.models import Person
from accounts.person_services import create_person, delete_person, edit_person
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.models import Tenant


@requires(Permission.USERS_MANAGE)
def person_place(request: Request) -> HttpResponse:
    """Where the new person works; somebody who has no choice is not asked."""
    form = PlaceForm(request.GET or None, access=request.access, initial={"tenant": request.user.tenant_id})
    only = places(request.access)[:2]
    if form.is_valid():
        return redirect(request, reverse("accounts:person-create", args=[form.cleaned_data["tenant"].pk]))
    if len(only) == 1 and not form.is_bound:
        return redirect(request, reverse("accounts:person-create", args=[only[0].pk]))
    page = "accounts/person_place.html"
    return render_page(request, page, page, {"form": form}, status=status_of(request, form))


@requires(Permission.USERS_MANAGE, on=Tenant)
def person_user_pick(request: Request, tenant: Tenant) -> HttpResponse:
    """The accounts of which one may be named as a person's of this tenant."""
    return render_options(request, accounts_for(request.access, tenant), describe=describe_account)


@requires(Permission.USERS_MANAGE, on=Tenant, methods=FORM)
def person_create(request: Request, tenant: Tenant) -> HttpResponse:
    form = PersonForm(posted(request), access=request.access, tenant=tenant)
    if form.is_valid():
        with attempting(form):
            made = create_person(actor=request.actor, tenant=tenant, **form.cleaned_data)
            toast(request, f"{made} created")
            return redirect(request, _page_of(made))
    elsewhere = places(request.access).exclude(pk=tenant.pk).exists()
    context = {"title": f"New person at {tenant}", "button": "Create person", "elsewhere": elsewhere}
    return _form(request, form, context | {"back": reverse("accounts:person-list")})


@requires(Permission.USERS_MANAGE, on=Person, methods=FORM)
def person_edit(request: Request, person: Person) -> HttpResponse:
    form = PersonEditForm(posted(request), access=request.access, person=person)
    if form.is_valid():
        with attempting(form):
            edited = edit_person(actor=request.actor, person=person, **form.cleaned_data)
            toast(request, f"{edited} saved")
            return redirect(request, _page_of(person))
    context = {"title": f"Edit {person}", "person": person, "button": "Save changes", "back": _page_of(person)}
    return _form(request, form, context)


@requires(Permission.USERS_MANAGE, on=Person, methods=FORM)
def person_delete(request: Request, person: Person) -> HttpResponse:
    form = ReasonForm(posted(request))
    if form.is_valid():
        with attempting(form):
            delete_person(actor=request.actor, person=person, **form.cleaned_data)
            toast(request, f"{person} deleted")
            return redirect(request, reverse("accounts:person-list"))
    return render_dialog(
        request,
        "accounts/person_delete_dialog.html",
        {"form": form, "person": person},
        title=f"Delete {person}?",
        cancel_url=_page_of(person),
        status=status_of(request, form),
    )


def _page_of(person: Person) -> str:
    return reverse("accounts:person-detail", args=[person.pk])


def _form(request: Request, form: PersonForm, context: dict[str, Any]) -> HttpResponse:
    page = "accounts/person_form.html"
    return render_page(request, page, page, context | {"form": form}, status=status_of(request, form))
