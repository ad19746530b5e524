"""The deployments of one computer."""

from __future__ import annotations

from django.http import HttpResponse

from computers.deployments.computer_pages import computer_deployments_page
from computers.models import Computer
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.permissions import Permission


@requires(Permission.DEPLOYMENTS_VIEW, on=Computer)
def computer_deployments(request: Request, computer: Computer) -> HttpResponse:
    page, part = "deployments/computer_deployments.html", "deployments/_computer_deployments.html"
    return render_page(request, page, part, computer_deployments_page(request, computer))
