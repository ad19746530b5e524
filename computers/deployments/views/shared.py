"""What the views of both kinds of deployments have in common; each of them names its door itself."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase

from computers.deployments.boards import Board
from computers.deployments.forms import (
    DeploymentForm,
    EndForm,
    OwnerForm,
    describe_software,
    describe_version,
    version_words,
)
from computers.deployments.lists import DeploymentFilters, DeploymentListing, TargetFilters, TargetListing
from computers.deployments.models import Deployment
from computers.deployments.pages import (
    author_name,
    deployment_page,
    doing_for,
    editor_page,
    lines_of,
    preview_page,
    reached_for,
    reached_lines,
    tabs_of,
    told_of,
)
from computers.deployments.services import create_deployment, delete_deployment, edit_deployment, values_of
from computers.deployments.targets import NEEDS, managing, singles_of, versions_for
from computers.deployments.words import aim_of
from computers.forms import software_for
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.exports import Column, csv_response
from immyrbac.finding import best
from immyrbac.http import (
    INVALID,
    MOST_OPTIONS,
    redirect,
    render_choices,
    render_dialog,
    render_options,
    render_page,
    search_words,
    toast,
)
from immyrbac.requests import Request
from immyrbac.versions import version_of
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.editing import Editor
from rbac.permissions import Permission
from rbac.refusals import refuse
from rbac.sentences import plain
from tenancy.forms import describe_tenant
from tenancy.models import Tenant

PAGE, PART, PREVIEW = (f"deployments/{name}.html" for name in ("deployment_edit", "_editor", "_preview"))


def listed(request: Request, board: Board) -> HttpResponse:
    filters = DeploymentFilters(request.GET, access=request.access)
    rows: Any = request.access.seen(board.model)
    listing = DeploymentListing(request, rows.select_related(*NEEDS), filters)
    may_create = request.access.holds(board.manage) and request.impersonation is None
    context = {
        "board": board,
        "listing": listing,
        "rows": lines_of(request.access, listing.rows),
        "tabs": tabs_of(request.access, board),
        "action": (f"New {board.one}", board.url("place")) if may_create else None,
        "export_url": board.url("export"),
        "list_url": board.url("list"),
    }
    return render_page(request, "deployments/deployment_list.html", "deployments/_table.html", context)


def exported(request: Request, board: Board) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = DeploymentFilters(request.GET, access=request.access)
    seen: Any = request.access.seen(board.model)
    listing = DeploymentListing(request, seen, filters, paged=False)
    columns = (
        Column[Deployment]("Name", lambda found: found.name),
        Column[Deployment]("Owner", lambda found: found.tenant or "The instance"),
        Column[Deployment]("Does", lambda found: doing_for(request.access, found)),
        Column[Deployment]("Target", lambda found: plain(aim_of(found))),
        Column[Deployment]("Enabled", lambda found: "yes" if found.is_enabled else "no"),
        Column[Deployment]("Author", lambda found: author_name(request.access, found)),
        Column[Deployment]("Saved", lambda found: found.updated_at.isoformat()),
    )

    def scoped() -> Any:
        access = access_of(request.actor)
        rows: Any = access.seen(board.model)
        return rows.select_related(*NEEDS) if access.holds(board.model.VIEW) else None  # type: ignore[attr-defined]  # both kinds have one

    return csv_response(board.title.lower().replace(" ", "-"), listing, columns, scoped)


def place(request: Request, board: Board) -> HttpResponse:
    """Whose shall the new one be? The owner then stands in the address of its form."""
    form = OwnerForm(
        request.GET if "tenant" in request.GET else None,
        owners=board.owners(request.access),
        source=board.url("owner-pick"),
    )
    if form.is_valid():
        return redirect(request, board.url("create", form.cleaned_data["tenant"].pk))
    has_shared = board.noun == "cross-deployment" and request.access.can(board.manage, INSTANCE)
    context = {"form": form, "board": board, "list_url": board.url("list")}
    context["shared_url"] = board.url("create-shared") if has_shared else ""
    page, status = "deployments/deployment_place.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


def owner_pick(request: Request, board: Board) -> HttpResponse:
    return render_options(request, board.owners(request.access), describe=describe_tenant)


def software_pick(request: Request, owner: Tenant | None) -> HttpResponse:
    """What a deployment of this owner may install."""
    return render_options(request, software_for(request.access, owner), describe=describe_software)


def script_pick(request: Request, owner: Tenant | None) -> HttpResponse:
    """Which versions of which scripts it may run."""
    rows = versions_for(request.access, owner)
    found = best(rows, search_words(request), "script__name", most=MOST_OPTIONS + 1)
    return render_choices(request, ((row.pk, version_words(row), describe_version(row)) for row in found))


def detail(request: Request, found: Deployment) -> HttpResponse:
    page = "deployments/deployment_detail.html"
    return render_page(request, page, page, deployment_page(request, found))


def computers(request: Request, board: Board, found: Deployment) -> HttpResponse:
    """All that it reaches, as far as the reader sees it."""
    rows = told_of(request.access, found, reached_for(request.access, found)).select_related("tenant")
    listing = TargetListing(request, rows, TargetFilters(request.GET))
    context = {"board": board, "deployment": found, "listing": listing, "list_url": board.url("list")}
    context |= {"page_url": board.page(found), "rows": reached_lines(listing.rows)}
    page = "deployments/computer_list.html"
    return render_page(request, page, "deployments/_computer_table.html", context)


def create(request: Request, board: Board, owner: Tenant | None) -> HttpResponse:
    address = board.url("create", owner.pk) if owner else board.url("create-shared")
    form = DeploymentForm(said_of(request), access=request.access, board=board, owner=owner)
    return _edited(request, form, address, board.url("list"))


def edit(request: Request, board: Board, found: Deployment) -> HttpResponse:
    _may_touch(request, found)
    form = DeploymentForm(said_of(request), access=request.access, board=board, owner=found.tenant, about=found)
    return _edited(request, form, board.url("edit", found.pk), board.page(found))


def delete(request: Request, board: Board, found: Deployment) -> HttpResponse:
    _may_touch(request, found)
    stood = version_of(values_of(found, list(singles_of(found))))
    form = EndForm(posted(request), initial={"version": stood})
    if form.is_valid():
        with attempting(form):
            delete_deployment(actor=request.actor, deployment=found, **form.cleaned_data)
            toast(request, f"Deleted {found}.", "What it installed stays.")
            return redirect(request, board.url("list"))
    dialog, title = "deployments/_delete_dialog.html", f"Delete “{found}”?"
    context, status = {"form": form, "board": board}, status_of(request, form)
    return render_dialog(request, dialog, context, title=title, cancel_url=board.page(found), status=status)


def said_of(request: Request) -> QueryDict | None:
    """The whole form: sent, or as its preview asks it."""
    return request.POST if request.method == "POST" else request.GET if "name" in request.GET else None


def _may_touch(request: Request, found: Deployment) -> None:
    """What its own target takes, and to run scripts where it runs one: who saves it answers for that."""
    permission = managing(found.target)
    if not request.access.can(permission, found.tenant or INSTANCE):
        refuse(request, permission, found)
    if found.script_version and not request.access.holds(Permission.SCRIPTS_RUN):
        refuse(request, Permission.SCRIPTS_RUN, None)


def _edited(request: Request, form: DeploymentForm, address: str, back: str) -> HttpResponse:
    around, beside = partial(editor_page, form, address, back), partial(preview_page, form, address, back)
    editor = Editor(request, PAGE, PART, PREVIEW, around, beside)
    if request.method != "POST":
        form.is_valid()
        return editor.drawn()
    return editor.attempt(form, partial(_save, request, form)) if form.is_valid() else editor.sent_back(form)


def _save(request: Request, form: DeploymentForm) -> HttpResponse:
    said: dict[str, Any] = {"actor": request.actor, "draft": form.draft(), "computers": form.singles}
    if form.about is None:
        made, done = create_deployment(**said), "Created"
    else:
        made, done = edit_deployment(**said, version=form.cleaned_data["version"]), "Saved"
    toast(request, f"{done} {made}.", "You are its author.")
    return redirect(request, form.board.page(made))
