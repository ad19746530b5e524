"""Acts that move access: each is shown first, with who loses and who gains, and done from that page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from django import forms
from django.http import HttpResponse, QueryDict
from django.urls import reverse

from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.delegation import UnseenError
from rbac.outcome_pages import outcome_panel, seal_of, shown_of
from rbac.permissions import Permission
from tenancy import services
from tenancy.forms import MoveForm, ReasonForm, TenantTagsForm
from tenancy.models import Tenant
from tenancy.proposals import Proposal, activation, flagging, moving, tagging

MOVED = "What it changes has moved since this page was drawn. Nothing was done; look again, then decide."
OVERTAKEN = "Somebody has done it since this page was drawn."
MOVING = (services.tag_tenant, services.move_tenant, services.set_msp_flag)
"""What changes what people hold; whether they may act at all is no part of that."""


class Asked(NamedTuple):
    """One act put to somebody: the question, the form that says what exactly, and what is done then.

    `choice` is None where there is nothing to choose, `proposal` where nothing is chosen yet.
    """

    title: str
    choice: forms.Form | None
    proposal: Proposal | None
    service: Callable[..., object]
    said: Mapping[str, Any]


@requires(Permission.TAGS_MANAGE, on=Tenant, methods=FORM)
def tenant_tags(request: Request, tenant: Tenant) -> HttpResponse:
    form = TenantTagsForm(_chosen(request), about=tenant, access=request.access)
    proposal, said = None, {}
    if form.is_valid():
        said = {"tags": list(form.cleaned_data["tags"])}
        borne = list(services.tags_of(tenant))
        proposal = tagging(request.access, tenant, said["tags"], borne) if {*said["tags"]} != {*borne} else None
    return _put(request, tenant, Asked(f"Tags of {tenant}", form, proposal, services.tag_tenant, said))


@requires(Permission.TENANTS_MANAGE, on=Tenant, methods=FORM)
def tenant_move(request: Request, tenant: Tenant) -> HttpResponse:
    form = MoveForm(_chosen(request), about=tenant, access=request.access)
    proposal, said = None, {}
    if form.is_valid():
        said = {"parent": form.cleaned_data["parent"]}
        is_other = said["parent"] != tenant.parent
        proposal = moving(request.access, tenant, said["parent"]) if is_other else None
    return _put(request, tenant, Asked(f"Move {tenant}", form, proposal, services.move_tenant, said))


@requires(Permission.TENANTS_MANAGE, on=Tenant, methods=FORM)
def tenant_msp(request: Request, tenant: Tenant) -> HttpResponse:
    title = f"Shall {tenant} be an MSP no longer?" if tenant.is_msp else f"Make {tenant} an MSP?"
    said = {"is_msp": not tenant.is_msp}
    return _put(request, tenant, Asked(title, None, flagging(request.access, tenant), services.set_msp_flag, said))


@requires(Permission.TENANTS_CONTROL_ACTIVATION, on=Tenant, methods=FORM)
def tenant_activate(request: Request, tenant: Tenant) -> HttpResponse:
    proposal = None if tenant.is_active else activation(request.access, tenant)
    return _put(request, tenant, Asked(f"Activate {tenant}?", None, proposal, services.activate_tenant, {}))


@requires(Permission.TENANTS_CONTROL_ACTIVATION, on=Tenant, methods=FORM)
def tenant_deactivate(request: Request, tenant: Tenant) -> HttpResponse:
    proposal = activation(request.access, tenant) if tenant.is_active else None
    return _put(request, tenant, Asked(f"Deactivate {tenant}?", None, proposal, services.deactivate_tenant, {}))


def _chosen(request: Request) -> QueryDict | None:
    """What was chosen so far; it stands in the address, so that it can be looked at before it is sent."""
    return posted(request) or (request.GET if "chosen" in request.GET else None)


def _put(request: Request, tenant: Tenant, asked: Asked) -> HttpResponse:
    """The question; on POST the act, where the page still says what it would do."""
    reasons = ReasonForm(posted(request))
    proposal = asked.proposal
    if request.method != "POST" or proposal is None:
        return _page(request, tenant, asked, reasons, status=_status_unsent(request, asked))
    if request.POST.get("expected") != proposal.expected:
        return _page(
            request, tenant, asked, ReasonForm(initial=request.POST.dict()), status=HTTPStatus.CONFLICT, warning=MOVED
        )
    if reasons.is_valid():
        with attempting(reasons):
            try:
                return _do(request, tenant, asked, proposal, reasons.cleaned_data["reason"])
            except UnseenError as unseen:
                panel = outcome_panel(request, unseen.outcome, tenant.name)
                return _page(request, tenant, asked, reasons, status=HTTPStatus.CONFLICT, outcome=panel)
    return _page(request, tenant, asked, reasons, status=status_of(request, reasons))


def _do(request: Request, tenant: Tenant, asked: Asked, proposal: Proposal, reason: str) -> HttpResponse:
    said = {**asked.said, "reason": reason}
    if asked.service in MOVING:
        said["shown"] = shown_of(request, tenant.name)
    asked.service(actor=request.actor, tenant=tenant, **said)
    toast(request, proposal.done, "It counts from everybody’s next click.")
    return redirect(request, reverse("tenancy:tenant-detail", args=[tenant.pk]))


def _status_unsent(request: Request, asked: Asked) -> int:
    if asked.choice is not None and asked.choice.is_bound and not asked.choice.is_valid():
        return INVALID
    return HTTPStatus.CONFLICT if request.method == "POST" else 200


def _page(
    request: Request,
    tenant: Tenant,
    asked: Asked,
    reasons: ReasonForm,
    *,
    status: int,
    warning: str = "",
    outcome: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """`outcome` is the panel of what the act turned out to do, where the page had not shown that."""
    context = {
        "tenant": tenant,
        "title": asked.title,
        "form": asked.choice,
        "proposal": asked.proposal,
        "reasons": reasons,
        "warning": warning or (OVERTAKEN if status == HTTPStatus.CONFLICT and not outcome else ""),
        "outcome": outcome,
        "seal": _seal(request, tenant, asked.proposal),
        "repeated": _repeated(request),
        "back": reverse("tenancy:tenant-detail", args=[tenant.pk]),
    }
    page = "tenancy/tenant_change.html"
    return render_page(request, page, page, context, status=status)


def _seal(request: Request, tenant: Tenant, proposal: Proposal | None) -> dict[str, Any] | None:
    """None where nothing is proposed, or only the act itself shows what it does."""
    known = proposal.outcome if proposal else None
    return seal_of(request, known, tenant.name) if known else None


def _repeated(request: Request) -> list[tuple[str, str]]:
    """What was chosen, for the form that does it."""
    own = {"csrfmiddlewaretoken", "expected", "reason", "shown", "confirmation"}
    params = request.POST if request.method == "POST" else request.GET
    return [(name, value) for name, values in params.lists() if name not in own for value in values]
