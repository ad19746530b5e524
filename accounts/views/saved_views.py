"""Saved views: the menu of a list, the page of all of them, and what is done with one's own."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.forms.saved_views import SavedViewForm
from accounts.models import SavedView
from accounts.saved_views import delete_view, edit_view, save_view, shareable, views_for
from immyrbac.attempts import TAKEN, attempting, posted, status_of
from immyrbac.bookmarks import Bookmark, read_bookmark
from immyrbac.http import redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, any_user

PAGE, LIST = "accounts:saved-view-list", "list"


@any_user(as_another=True)
def saved_view_list(request: Request) -> HttpResponse:
    page = "accounts/saved_view_list.html"
    return render_page(request, page, page, {"views": [view for view in views_for(request.user) if view.address]})


@any_user(as_another=True)
def saved_view_menu(request: Request) -> HttpResponse:
    """The views of one list, once its menu is opened."""
    here = _list(request)
    views = views_for(request.user).filter(route=here.route)
    is_kept = any(view.owner_id == request.user.pk and view.query == here.query for view in views)
    keeps = here.query and not is_kept and request.impersonation is None
    context = {"views": views, "here": here, "signed": request.GET[LIST] if keeps else ""}
    return render_page(request, "accounts/_saved_view_menu.html", "accounts/_saved_view_menu.html", context)


@any_user()
def saved_view_group_pick(request: Request) -> HttpResponse:
    groups = shareable(request.access).select_related("tenant")
    return render_options(request, groups, describe=lambda group: {"help": f"of {group.tenant or 'the instance'}"})


@any_user(methods=FORM)
def saved_view_create(request: Request) -> HttpResponse:
    bookmark = _list(request)
    form = SavedViewForm(posted(request), access=request.access)
    view = SavedView(route=bookmark.route, query=bookmark.query)
    if form.is_valid():
        with attempting(form, TAKEN):
            save_view(actor=request.actor, bookmark=bookmark, **_said(form))
            toast(request, f"{form.cleaned_data['name']} saved", "You find it under Views, and with Ctrl K.")
            return redirect(request, view.address)
    return _dialog(request, form, "Save this view", "Save view", view.address)


@any_user(methods=FORM)
def saved_view_edit(request: Request, pk: int) -> HttpResponse:
    view = _own(request, pk)
    form = SavedViewForm(posted(request), access=request.access, view=view)
    if form.is_valid():
        with attempting(form, TAKEN):
            edit_view(actor=request.actor, view=view, **_said(form))
            toast(request, f"{form.cleaned_data['name']} changed")
            return redirect(request, reverse(PAGE))
    return _dialog(request, form, f"Edit {view}", "Save view", reverse(PAGE))


@any_user(methods=FORM)
def saved_view_delete(request: Request, pk: int) -> HttpResponse:
    view = _own(request, pk)
    if request.method == "POST":
        delete_view(actor=request.actor, view=view)
        toast(request, f"{view} deleted")
        return redirect(request, reverse(PAGE))
    dialog, title = "accounts/saved_view_delete_dialog.html", f"Delete {view}?"
    return render_dialog(request, dialog, {"view": view}, title=title, cancel_url=reverse(PAGE))


def _list(request: Request) -> Bookmark:
    return read_bookmark(request.GET.get(LIST, ""))


def _own(request: Request, pk: int) -> SavedView:
    view = views_for(request.user).filter(pk=pk, owner=request.user).first()
    if view is None:
        raise Http404
    return view


def _said(form: SavedViewForm) -> dict[str, Any]:
    return {"name": form.cleaned_data["name"], "group": form.cleaned_data.get("group")}


def _dialog(request: Request, form: SavedViewForm, title: str, button: str, back: str) -> HttpResponse:
    return render_dialog(
        request,
        "accounts/saved_view_dialog.html",
        {"form": form, "button": button},
        title=title,
        cancel_url=back,
        status=status_of(request, form),
    )
