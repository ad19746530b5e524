"""Tags: the list, one tag with where it is used, and its making, editing and deleting."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from immyrbac.attempts import TAKEN, attempting, posted, status_of
from immyrbac.exports import Column, csv_response
from immyrbac.http import INVALID, redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.invitations import offering
from rbac.permissions import Permission
from tenancy.forms import OwnerForm, ReasonForm, TagEditForm, TagForm
from tenancy.lists import TagFilters, TagListing
from tenancy.models import Tag, Tenant
from tenancy.services import create_tag, edit_tag, remove_tag
from tenancy.tag_pages import tag_page, tag_rows

COLUMNS = (
    Column[Tag]("Tag", lambda tag: tag.name),
    Column[Tag]("Owner", lambda tag: tag.tenant or "The instance"),
)


@requires(Permission.TAGS_VIEW)
def tag_list(request: Request) -> HttpResponse:
    filters = TagFilters(request.GET, access=request.access)
    listing = TagListing(request, request.access.seen(Tag).select_related("tenant"), filters)
    may_create = request.access.holds(Permission.TAGS_MANAGE)
    action = ("New tag", reverse("tenancy:tag-place")) if may_create else None
    context = {"listing": listing, "rows": tag_rows(listing.rows), "action": action}
    context["export_url"] = reverse("tenancy:tag-export")
    return render_page(request, "tenancy/tag_list.html", "tenancy/_tag_table.html", context)


@requires(Permission.TAGS_VIEW)
def tag_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = TagFilters(request.GET, access=request.access)
    listing = TagListing(request, request.access.seen(Tag), filters, paged=False)

    def scoped() -> QuerySet[Tag] | None:
        access = access_of(request.actor)
        return access.seen(Tag).select_related("tenant") if access.holds(Tag.VIEW) else None

    return csv_response("tags", listing, COLUMNS, scoped)


@requires(Permission.TAGS_VIEW, on=Tag)
def tag_detail(request: Request, tag: Tag) -> HttpResponse:
    context = tag_page(request, tag)
    return render_page(request, "tenancy/tag_detail.html", "tenancy/tag_detail.html", context)


@requires(Permission.TAGS_MANAGE)
def tag_place(request: Request) -> HttpResponse:
    """Whose shall the new tag be? The owner then stands in the address of its form."""
    form = OwnerForm(request.GET if "tenant" in request.GET else None, access=request.access)
    if form.is_valid():
        return redirect(request, reverse("tenancy:tag-create", args=[form.cleaned_data["tenant"].pk]))
    may_share = request.access.can(Permission.TAGS_MANAGE, INSTANCE)
    context = {"form": form, "shared_url": reverse("tenancy:tag-create-shared") if may_share else ""}
    page = "tenancy/tag_place.html"
    return render_page(request, page, page, context, status=INVALID if form.is_bound else 200)


@requires(Permission.TAGS_MANAGE, on=Tenant, methods=FORM)
def tag_create(request: Request, tenant: Tenant) -> HttpResponse:
    return _create(request, tenant)


@requires(Permission.TAGS_MANAGE, on=INSTANCE, methods=FORM)
def tag_create_shared(request: Request) -> HttpResponse:
    """A tag of the instance: every customer sees its name."""
    return _create(request, None)


def _create(request: Request, tenant: Tenant | None) -> HttpResponse:
    form = TagForm(posted(request))
    if form.is_valid():
        with attempting(form, TAKEN):
            made = create_tag(actor=request.actor, tenant=tenant, **form.cleaned_data)
            toast(request, f"Tag {made} created", "Nothing bears it yet.")
            return redirect(request, reverse("tenancy:tag-detail", args=[made.pk]))
    context = {"form": form, "owner": tenant, "back": reverse("tenancy:tag-list")}
    page = "tenancy/tag_create.html"
    return render_page(request, page, page, context, status=status_of(request, form))


@requires(Permission.TAGS_MANAGE, on=Tag, methods=FORM)
def tag_edit(request: Request, tag: Tag) -> HttpResponse:
    form, back = TagEditForm(posted(request), tag=tag), reverse("tenancy:tag-detail", args=[tag.pk])
    if form.is_valid():
        with attempting(form, TAKEN):
            edited = edit_tag(actor=request.actor, tag=tag, **form.cleaned_data)
            toast(request, f"Tag {edited} saved")
            return redirect(request, back)
    dialog, context = "tenancy/_tag_edit_dialog.html", {"form": form, "tag": tag}
    status = status_of(request, form)
    return render_dialog(request, dialog, context, title=f"Edit tag {tag}", cancel_url=back, status=status)


@requires(Permission.TAGS_MANAGE, on=Tag, methods=FORM)
def tag_delete(request: Request, tag: Tag) -> HttpResponse:
    form, back = ReasonForm(posted(request)), reverse("tenancy:tag-detail", args=[tag.pk])
    if form.is_valid():
        with attempting(form):
            remove_tag(actor=request.actor, tag=tag, reason=form.cleaned_data["reason"])
            toast(request, f"Tag {tag} deleted", "Whatever bore it bears it no longer.")
            return redirect(request, reverse("tenancy:tag-list"))
    dialog, context = "tenancy/_tag_delete_dialog.html", tag_page(request, tag) | {"form": form}
    in_use = context["uses"] or context["mentions"].beyond
    context["offered"] = "" if in_use else offering(request.access, tag)
    status = status_of(request, form)
    return render_dialog(request, dialog, context, title=f"Delete tag {tag}?", cancel_url=back, status=status)
