"""Change requests: the list, one with what it changes, its making, and what reviewers answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from computers.deployments import request_services as services
from computers.deployments.boards import CROSSING
from computers.deployments.forms import NoteForm, OwnerForm, ProposalForm
from computers.deployments.lists import RequestFilters, RequestListing
from computers.deployments.models import ChangeRequest, CrossTenantDeployment
from computers.deployments.pages import editor_page, preview_page, tabs_of
from computers.deployments.request_pages import approval_of, kind_of, lines_of, request_page, status_of_request
from computers.deployments.views.shared import PART, PREVIEW, said_of
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.exports import Column, csv_response
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request, site_of
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.editing import Editor
from rbac.naming import name_for
from rbac.permissions import Permission
from tenancy.forms import describe_tenant
from tenancy.models import Tenant

VIEW, REQUEST, REVIEW = Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, services.REQUEST, services.REVIEW
PAGE = "deployments/change_request_edit.html"


@requires(VIEW)
def change_request_list(request: Request) -> HttpResponse:
    rows = request.access.seen(ChangeRequest).select_related("tenant", "asked_by__tenant")
    listing = RequestListing(request, rows, RequestFilters(request.GET, access=request.access))
    may_create = request.access.holds(REQUEST) and request.impersonation is None
    context = {
        "listing": listing,
        "rows": lines_of(request.access, listing.rows),
        "tabs": tabs_of(request.access, None),
        "export_url": reverse("deployments:change-request-export"),
        "action": ("New change request", reverse("deployments:change-request-place")) if may_create else None,
    }
    page = "deployments/change_request_list.html"
    return render_page(request, page, "deployments/_change_request_table.html", context)


@requires(VIEW)
def change_request_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = RequestFilters(request.GET, access=request.access)
    listing = RequestListing(request, request.access.seen(ChangeRequest), filters, paged=False)
    columns = (
        Column[ChangeRequest]("Name", lambda asked: asked.name),
        Column[ChangeRequest]("Kind", kind_of),
        Column[ChangeRequest]("Owner", lambda asked: asked.tenant or "The instance"),
        Column[ChangeRequest]("Sent by", lambda asked: name_for(request.access, asked.asked_by, asked.tenant)),
        Column[ChangeRequest]("Sent", lambda asked: asked.asked_at.isoformat()),
        Column[ChangeRequest]("Status", lambda asked: status_of_request(asked).words),
    )

    def scoped() -> QuerySet[ChangeRequest] | None:
        access = access_of(request.actor)
        rows = access.seen(ChangeRequest).select_related("tenant", "asked_by__tenant")
        return rows if access.holds(VIEW) else None

    return csv_response("change-requests", listing, columns, scoped)


@requires(REQUEST)
def change_request_place(request: Request) -> HttpResponse:
    """Whose shall the deployment be?"""
    owners, source = request.access.reachable(Tenant, REQUEST), reverse("deployments:change-request-owner-pick")
    form = OwnerForm(request.GET if "tenant" in request.GET else None, owners=owners, source=source)
    if form.is_valid():
        return redirect(request, reverse("deployments:change-request-create", args=[form.cleaned_data["tenant"].pk]))
    shared = request.access.can(REQUEST, INSTANCE)
    context = {"form": form, "board": CROSSING, "list_url": reverse("deployments:change-request-list")}
    context |= {"shared_url": reverse("deployments:change-request-create-shared") if shared else ""}
    page, status = "deployments/deployment_place.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


@requires(REQUEST)
def change_request_owner_pick(request: Request) -> HttpResponse:
    return render_options(request, request.access.reachable(Tenant, REQUEST), describe=describe_tenant)


@requires(REQUEST, on=Tenant, methods=FORM)
def change_request_create(request: Request, tenant: Tenant) -> HttpResponse:
    form = _form(request, tenant)
    return _edited(request, form, reverse("deployments:change-request-create", args=[tenant.pk]))


@requires(REQUEST, on=INSTANCE, methods=FORM)
def change_request_create_shared(request: Request) -> HttpResponse:
    return _edited(request, _form(request, None), reverse("deployments:change-request-create-shared"))


@requires(REQUEST, on=CrossTenantDeployment, methods=FORM)
def change_request_change(request: Request, found: CrossTenantDeployment) -> HttpResponse:
    """How a deployment that is there shall become."""
    form = _form(request, found.tenant, about=found)
    return _edited(request, form, reverse("deployments:change-request-change", args=[found.pk]))


@requires(VIEW, on=ChangeRequest)
def change_request_detail(request: Request, found: ChangeRequest) -> HttpResponse:
    page = "deployments/change_request_detail.html"
    return render_page(request, page, page, request_page(request, found))


@requires(REQUEST, on=ChangeRequest, methods=FORM)
def change_request_edit(request: Request, found: ChangeRequest) -> HttpResponse:
    form = _form(request, found.tenant, about=services.draft_of(found))
    address = reverse("deployments:change-request-edit", args=[found.pk])
    return _edited(request, form, address, found)


@requires(REQUEST, on=ChangeRequest, methods=FORM, or_holds=(REVIEW,))
def change_request_comment(request: Request, found: ChangeRequest) -> HttpResponse:
    return _answer(request, found, services.comment_on_change_request, "Comment", "Commented on")


@requires(REQUEST, on=ChangeRequest, methods=FORM)
def change_request_withdraw(request: Request, found: ChangeRequest) -> HttpResponse:
    return _answer(request, found, services.withdraw_change_request, "Take back", "Took back")


@requires(REVIEW, on=ChangeRequest, methods=FORM)
def change_request_approve(request: Request, found: ChangeRequest) -> HttpResponse:
    approve = partial(services.approve_change_request, site=site_of(request))
    return _answer(request, found, approve, "Approve", "Approved", needs_note=False)


@requires(REVIEW, on=ChangeRequest, methods=FORM)
def change_request_deny(request: Request, found: ChangeRequest) -> HttpResponse:
    deny = partial(services.deny_change_request, site=site_of(request))
    return _answer(request, found, deny, "Deny", "Denied")


@requires(REVIEW, on=ChangeRequest, methods=FORM)
def change_request_return(request: Request, found: ChangeRequest) -> HttpResponse:
    send_back = partial(services.return_change_request, site=site_of(request))
    return _answer(request, found, send_back, "Send back", "Sent back")


def _form(request: Request, owner: Tenant | None, about: Any = None) -> ProposalForm:
    return ProposalForm(said_of(request), access=request.access, board=CROSSING, owner=owner, about=about)


def _edited(request: Request, form: ProposalForm, address: str, found: ChangeRequest | None = None) -> HttpResponse:
    back = reverse("deployments:change-request-list")
    around, beside = partial(editor_page, form, address, back), partial(preview_page, form, address, back)
    editor = Editor(request, PAGE, PART, PREVIEW, around, beside)
    if request.method != "POST":
        form.is_valid()
        return editor.drawn()
    return editor.attempt(form, partial(_send, request, form, found)) if form.is_valid() else editor.sent_back(form)


def _send(request: Request, form: ProposalForm, found: ChangeRequest | None) -> HttpResponse:
    said: dict[str, Any] = {"actor": request.actor, "draft": form.draft(), "note": form.cleaned_data["note"]}
    said["site"] = site_of(request)
    if found is None:
        version = form.cleaned_data["version"] if form.about else None
        made = services.submit_change_request(**said, version=version)
    else:
        made = services.edit_change_request(**said, request=found)
    toast(request, f"Sent {made} for review.", "Nothing happens until somebody else approves it.")
    return redirect(request, reverse("deployments:change-request-detail", args=[made.pk]))


def _answer(
    request: Request,
    found: ChangeRequest,
    service: Callable[..., object],
    verb: str,
    done: str,
    *,
    needs_note: bool = True,
) -> HttpResponse:
    form, back = (
        NoteForm(posted(request), required=needs_note),
        reverse("deployments:change-request-detail", args=[found.pk]),
    )
    if form.is_valid():
        with attempting(form):
            service(actor=request.actor, request=found, **form.cleaned_data)
            toast(request, f"{done} {found}.")
            return redirect(request, back)
    context, status = {"form": form, "verb": verb, "asked": found}, status_of(request, form)
    if verb == "Approve":
        _, context["reach"] = approval_of(request.access, found)
    dialog, title = "deployments/_note_dialog.html", f"{verb}: “{found}”"
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status)
