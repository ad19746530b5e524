"""Who can do what on one computer, by group and by person, and why."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from computers.models import Computer
from computers.pages import computer_page
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.access import access_for
from rbac.decorators import requires
from rbac.matrix import Matrix
from rbac.permissions import Permission
from rbac.who import WhoFilters, WhoListing, explained, group_page, matrix_page


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Computer)
def computer_who(request: Request, computer: Computer) -> HttpResponse:
    matrix = Matrix(computer, request.access)
    listing = WhoListing(request, matrix.principals.filter(matrix.named), WhoFilters(request.GET))
    context = matrix_page(matrix, listing, by_group=True)
    return _page(request, computer, context)


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Computer)
def computer_who_people(request: Request, computer: Computer) -> HttpResponse:
    matrix = Matrix(computer, request.access)
    listing = WhoListing(request, matrix.people.filter(matrix.named), WhoFilters(request.GET))
    context = matrix_page(matrix, listing, by_group=False)
    return _page(request, computer, context)


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Computer)
def computer_why(request: Request, computer: Computer, user_id: int, permission: str) -> HttpResponse:
    """Why this user may or may not: only of those whom the matrix names, and whom the reader sees anyway."""
    matrix = Matrix(computer, request.access)
    person = matrix.people_and_seen.select_related("tenant").filter(pk=user_id).first()
    if person is None or permission not in matrix.actions:
        raise Http404
    decision = access_for(person).explain(permission, computer)
    context = computer_page(request, computer, "computers:computer-who")
    context |= explained(matrix, decision, person, Permission(permission))
    return render_page(request, "computers/computer_why.html", "computers/computer_why.html", context)


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Computer)
def computer_why_group(request: Request, computer: Computer, group_id: int, permission: str) -> HttpResponse:
    """What this group gives or takes of it, and to whom."""
    matrix = Matrix(computer, request.access)
    group = next((group for group in matrix.groups("") if group.pk == group_id), None)
    if group is None or permission not in matrix.actions:
        raise Http404
    context = computer_page(request, computer, "computers:computer-who")
    context |= group_page(matrix, group, Permission(permission))
    return render_page(request, "computers/computer_why.html", "computers/computer_why.html", context)


def _page(request: Request, computer: Computer, matrix: dict[str, object]) -> HttpResponse:
    context = computer_page(request, computer, "computers:computer-who") | matrix
    return render_page(request, "computers/computer_who.html", "rbac/_who_matrix.html", context)
