"""The Timeline tab: what happened to a computer, for who need not see the audit log."""

from __future__ import annotations

from django.http import HttpResponse

from computers.maintenance.timeline import timeline_page
from computers.models import Computer
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.permissions import Permission


@requires(Permission.COMPUTERS_VIEW_TIMELINE, on=Computer)
def computer_timeline(request: Request, computer: Computer) -> HttpResponse:
    page, fragment = "maintenance/computer_timeline.html", "maintenance/_timeline.html"
    return render_page(request, page, fragment, timeline_page(request, computer))
