"""The Inventory tab: what the agent found on a computer, and having it look again."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from computers.maintenance import services
from computers.maintenance.forms import ConfirmForm
from computers.maintenance.pages import inventory_page
from computers.models import Computer
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.permissions import Permission


@requires(Permission.COMPUTERS_VIEW_INVENTORY, on=Computer)
def inventory_detail(request: Request, computer: Computer) -> HttpResponse:
    page = "maintenance/inventory_detail.html"
    return render_page(request, page, page, inventory_page(request, computer))


@requires(Permission.COMPUTERS_REINVENTORY, on=Computer, methods=FORM)
def inventory_refresh(request: Request, computer: Computer) -> HttpResponse:
    form, back = ConfirmForm(posted(request)), reverse("maintenance:inventory-detail", args=[computer.pk])
    if form.is_valid():
        with attempting(form):
            services.refresh_inventory(actor=request.actor, computer=computer)
            toast(request, f"Asked the agent of {computer} for an inventory", "It looks when it asks for work next.")
            return redirect(request, back)
    lead = "The agent looks at system, hardware, disks, network and software, and changes nothing."
    context = {"form": form, "lead": lead, "button": "Take inventory"}
    dialog, title = "maintenance/_session_act_dialog.html", f"Take the inventory of {computer} now?"
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status_of(request, form))
