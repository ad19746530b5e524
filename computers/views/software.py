"""Software: the list, one piece with its files, its making, editing and deleting, and what is uploaded."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase

from computers import software_services as services
from computers.forms import FileForm, NewSoftwareForm, ReasonForm, SoftwareForm
from computers.lists import SoftwareFilters, SoftwareListing, shown_files, with_files
from computers.models import Software
from computers.pages import file_of, software_page
from computers.shelves import SOFTWARE
from computers.views import library
from computers.views.submit import DONE, posted, submit
from immyrbac.exports import Column, file_response
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from immyrbac.uploads import limit_of, too_large
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.models import Tenant

COLUMNS = (
    Column[Software]("Name", lambda found: found.name),
    Column[Software]("Owner", lambda found: found.tenant or "The instance"),
    Column[Software]("Publisher", lambda found: found.publisher),
    Column[Software]("Release", lambda found: found.release),
    Column[Software]("Files", lambda found: len(shown_files(found))),
    Column[Software]("Bytes", lambda found: sum(file.size for file in shown_files(found))),
    Column[Software]("Edited", lambda found: found.updated_at.isoformat()),
)


@requires(Permission.SOFTWARE_VIEW)
def software_list(request: Request) -> HttpResponse:
    filters = SoftwareFilters(request.GET, access=request.access)
    listing = SoftwareListing(request, with_files(request.access.seen(Software)), filters)
    context = library.listed(request, SOFTWARE, listing)
    context["rows"] = [(found, len(shown_files(found))) for found in listing.rows]
    return render_page(request, "computers/software_list.html", "computers/_software_table.html", context)


@requires(Permission.SOFTWARE_VIEW)
def software_export(request: Request) -> HttpResponseBase:
    filters = SoftwareFilters(request.GET, access=request.access)
    listing = SoftwareListing(request, request.access.seen(Software), filters, paged=False)
    return library.exported(request, SOFTWARE, listing, COLUMNS, with_files)


@requires(Permission.SOFTWARE_VIEW, on=Software)
def software_detail(request: Request, found: Software) -> HttpResponse:
    page = "computers/software_detail.html"
    return render_page(request, page, page, software_page(request, found))


@requires(Permission.SOFTWARE_VIEW, on=Software)
def software_file(request: Request, found: Software, token: UUID) -> HttpResponseBase:
    """A file as it was uploaded, to be saved and never shown: nobody here knows what is in it."""
    file = file_of(found, token)
    try:
        content = default_storage.open(file.place)
    except FileNotFoundError as error:
        raise Http404 from error

    def allowed() -> bool:
        return access_of(request.actor).can(Permission.SOFTWARE_VIEW, found)

    return file_response(file.name, file.size, content, allowed)


@requires(Permission.SOFTWARE_MANAGE)
def software_start(request: Request) -> HttpResponse:
    return library.start(request, SOFTWARE)


@requires(Permission.SOFTWARE_MANAGE)
def software_owner_pick(request: Request) -> HttpResponse:
    return library.owner_pick(request, SOFTWARE)


@requires(Permission.SOFTWARE_MANAGE, on=Tenant, methods=FORM)
def software_create(request: Request, tenant: Tenant) -> HttpResponse:
    return library.create(request, SOFTWARE, NewSoftwareForm(posted(request)), tenant, services.create_software)


@requires(Permission.SOFTWARE_MANAGE, on=INSTANCE, methods=FORM)
def software_create_shared(request: Request) -> HttpResponse:
    """Software of the instance: whoever may view software anywhere sees it."""
    return library.create(request, SOFTWARE, NewSoftwareForm(posted(request)), None, services.create_software)


@requires(Permission.SOFTWARE_MANAGE, on=Software, methods=FORM)
def software_edit(request: Request, found: Software) -> HttpResponse:
    form = SoftwareForm(posted(request), about=found)
    return library.edit(request, SOFTWARE, form, found, services.edit_software)


@requires(Permission.SOFTWARE_MANAGE, on=Software, methods=FORM)
def software_delete(request: Request, found: Software) -> HttpResponse:
    return library.delete(request, SOFTWARE, found, services.delete_software)


@requires(Permission.SOFTWARE_MANAGE, on=Software, methods=FORM)
def software_file_add(request: Request, found: Software) -> HttpResponse:
    form = FileForm(posted(request), request.FILES, refused=too_large(request))
    status = submit(request, form, partial(services.add_software_file, actor=request.actor, software=found))
    if status == DONE:
        toast(request, f"Added {form.cleaned_data['file'].name} to {found}.")
        return redirect(request, SOFTWARE.page(found))
    page, context = "computers/software_file_add.html", {"form": form, "software": found, "limit": limit_of(request)}
    return render_page(request, page, page, context, status=status)


@requires(Permission.SOFTWARE_MANAGE, on=Software, methods=FORM)
def software_file_remove(request: Request, found: Software, token: UUID) -> HttpResponse:
    file, form = file_of(found, token), ReasonForm(posted(request), about=found)
    act = partial(services.remove_software_file, actor=request.actor, software=found, file=file)
    status = submit(request, form, act)
    if status == DONE:
        toast(request, f"Removed {file} from {found}.")
        return redirect(request, SOFTWARE.page(found))
    dialog, title = "computers/_software_file_dialog.html", f"Remove “{file}”?"
    return render_dialog(request, dialog, {"form": form}, title=title, cancel_url=SOFTWARE.page(found), status=status)
