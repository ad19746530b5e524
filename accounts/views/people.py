"""People who use computers: the list, the list as CSV, and one of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.models import Person
from accounts.pages import person_page
from accounts.person_lists import PersonFilters, PersonListing
from computers.people_uses import count_computers
from immyrbac.exports import Column, csv_response
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.access import Access
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.permissions import Permission

COLUMNS = (
    Column[Person]("Name", lambda person: person.name),
    Column[Person]("E-mail", lambda person: person.email),
    Column[Person]("Name on computers", lambda person: person.login),
    Column[Person]("Tenant", lambda person: person.tenant),
    Column[Person]("Computers", lambda person: getattr(person, "shown_computers")),  # noqa: B009  what `learn` found
    Column[Person]("User account", lambda person: person.user and person.user.email),
)


@requires(Permission.USERS_VIEW)
def person_list(request: Request) -> HttpResponse:
    listing = PersonListing(request, _rows(request.access), PersonFilters(request.GET, access=request.access))
    counts, create_url = count_computers(request.access, listing.rows), _create_url(request, listing)
    context = {
        "listing": listing,
        "rows": [(person, counts[person.pk]) for person in listing.rows],
        "export_url": reverse("accounts:person-export"),
        "create_url": create_url,
        "first_action": ("New person", create_url) if create_url else None,
    }
    return render_page(request, "accounts/person_list.html", "accounts/_person_table.html", context)


@requires(Permission.USERS_VIEW)
def person_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = PersonFilters(request.GET, access=request.access)
    listing = PersonListing(request, _rows(request.access), filters, paged=False)

    access = request.access

    def scoped() -> QuerySet[Person] | None:
        nonlocal access
        access = access_of(request.actor)
        return _rows(access) if access.holds(Person.VIEW) else None

    def learn(people: Sequence[Person]) -> None:
        counts = count_computers(access, people)
        for person in people:
            person.shown_computers = counts[person.pk]  # type: ignore[attr-defined]  # for the column alone

    return csv_response("people", listing, COLUMNS, scoped, learn)


@requires(Permission.USERS_VIEW, on=Person)
def person_detail(request: Request, person: Person) -> HttpResponse:
    page = "accounts/person_detail.html"
    return render_page(request, page, page, person_page(request, person))


def _rows(access: Access) -> QuerySet[Person]:
    return access.seen(Person).select_related("tenant", "user")


def _create_url(request: Request, listing: PersonListing) -> str:
    """Where somebody new comes in: at the tenant that the list is narrowed to, where there is one."""
    if not request.access.holds(Permission.USERS_MANAGE):
        return ""
    tenant = listing.applied.get("tenant")
    return reverse("accounts:person-place") + (f"?tenant={tenant.pk}" if tenant else "")
