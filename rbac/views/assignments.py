"""Role assignments on the page of the user or group who holds them: read, put together and given, and ended."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse

from accounts.memberships import members_seen
from accounts.models import Group, User
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from immyrbac.words import counted
from rbac.decorators import FORM, requires
from rbac.editing import Editor, confirm, has_typed
from rbac.forms import AssignmentForm, EndForm, describe_option
from rbac.models import Effect, RoleAssignment
from rbac.offers import Principal, pickable
from rbac.outcome_pages import panel_of_ending, shown_of
from rbac.pages import FILLED, GIVERS, assignments_page, endable_rows, place_of, preview_of
from rbac.permissions import Permission
from rbac.previews import preview_assignment
from rbac.refusals import refuse
from rbac.services import end_assignments, grant_assignment

CONFIRM = "rbac/assignment_confirm_dialog.html"
PAGE, PART, PREVIEW = "rbac/assignment_list.html", "rbac/_assignment_editor.html", "rbac/_assignment_preview.html"


@requires(Permission.USERS_VIEW, on=User)
def assignment_list(request: Request, user: User) -> HttpResponse:
    return render_page(request, PAGE, PAGE, assignments_page(request, user))


@requires(Permission.GROUPS_VIEW, on=Group)
def group_assignment_list(request: Request, group: Group) -> HttpResponse:
    return render_page(request, PAGE, PAGE, assignments_page(request, group))


@requires(Permission.USERS_MANAGE, on=User, methods=FORM, or_holds=GIVERS)
def assignment_create(request: Request, user: User) -> HttpResponse:
    return _create(request, user)


@requires(Permission.USERS_MANAGE, on=Group, methods=FORM, or_holds=GIVERS)
def group_assignment_create(request: Request, group: Group) -> HttpResponse:
    return _create(request, group)


def _asked(request: Request, principal: Principal) -> AssignmentForm:
    """The whole form, as a preview asks it, or an editor with what a link chose beforehand: no mistake of anybody."""
    make = partial(AssignmentForm, access=request.access, principal=principal)
    if request.method == "POST" or ("starts" in request.GET and FILLED not in request.GET):
        return make(posted(request) or request.GET)
    return make(initial=request.GET.dict())


def _create(request: Request, principal: Principal) -> HttpResponse:
    form = _asked(request, principal)
    if not form.kinds or principal.removed_at is not None:
        refuse(request, Permission.USERS_MANAGE, principal)
    around, beside = partial(assignments_page, request, principal, form), partial(preview_of, request, form)
    editor = Editor(request, PAGE, PART, PREVIEW, around, beside)
    if request.method != "POST":
        return editor.drawn()
    if form.is_valid():
        draft, list_url = form.draft(), place_of(principal).list_url
        preview = preview_assignment(request.access, draft)
        if preview.great_power and not preview.objections and not has_typed(request, principal.name):
            context = {"draft": draft, "preview": preview, "expires_at": draft.expires_at}
            return confirm(request, CONFIRM, context, name=principal.name, cancel_url=list_url)
        return editor.attempt(form, partial(_give, request, principal, draft), form.names)
    return editor.sent_back(form)


def _give(request: Request, principal: Principal, draft: RoleAssignment) -> HttpResponse:
    grant_assignment(actor=request.actor, draft=draft, shown=shown_of(request, principal.name))
    toast(request, f"{draft.role} {_done(draft)} {principal}", "It counts from their next click.")
    return redirect(request, place_of(principal).list_url)


def _done(draft: RoleAssignment) -> str:
    return "denied to" if draft.effect == Effect.DENY else "given to"


@requires(Permission.USERS_MANAGE, on=User, methods=FORM, or_holds=GIVERS)
def assignment_end(request: Request, user: User) -> HttpResponse:
    return _end(request, user)


@requires(Permission.USERS_MANAGE, on=Group, methods=FORM, or_holds=GIVERS)
def group_assignment_end(request: Request, group: Group) -> HttpResponse:
    return _end(request, group)


def _end(request: Request, principal: Principal) -> HttpResponse:
    """One or several at once; `ids` in the address chooses them, `assignments` are those that were ticked so far."""
    rows, list_url = endable_rows(request, principal), place_of(principal).list_url
    chosen, ticked = (list(filter(str.isdecimal, request.GET.getlist(name))) for name in ("ids", "assignments"))
    said = {"assignments": chosen or ticked, "reason": request.GET.get("reason", "")}
    form = EndForm(posted(request), rows=rows, initial=said)
    if form.is_valid():
        with attempting(form):
            return _finish(request, principal, form)
    picked = list(form.cleaned_data.get("assignments", ()) if form.is_bound else rows.filter(pk__in=chosen or ticked))
    context = {
        "form": form,
        "holder": principal,
        "only": picked[0] if len(chosen) == len(picked) == 1 else None,
        "members": _members(request, principal),
        "outcome": panel_of_ending(request, picked, principal.name) if picked else None,
    }
    return render_dialog(
        request,
        "rbac/assignment_end_dialog.html",
        context,
        title=f"End access of {principal}?",
        cancel_url=list_url,
        status=status_of(request, form),
    )


def _finish(request: Request, principal: Principal, form: EndForm) -> HttpResponse:
    ended, shown = [row.pk for row in form.cleaned_data["assignments"]], shown_of(request, principal.name)
    reason = form.cleaned_data["reason"]
    count = end_assignments(actor=request.actor, assignments=ended, reason=reason, shown=shown)
    toast(request, f"{counted(count, 'assignment')} of {principal} ended", "It counts from their next click.")
    return redirect(request, place_of(principal).list_url)


def _members(request: Request, principal: Principal) -> str:
    """How many hold it, of those whom the reader sees; empty where it is one person."""
    if isinstance(principal, User):
        return ""
    return counted(members_seen(request.access, principal).live().count(), "member")


@requires(Permission.USERS_ASSIGN_MSP_SCOPED_ROLES)
def scope_msp_pick(request: Request) -> HttpResponse:
    return render_options(request, pickable(request.access, "msp"), describe=describe_option)


@requires(Permission.USERS_ASSIGN_TAG_SCOPED_ROLES)
def scope_tag_pick(request: Request) -> HttpResponse:
    return render_options(request, pickable(request.access, "tag"), describe=describe_option)


@requires(Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES)
def scope_tenant_pick(request: Request) -> HttpResponse:
    return render_options(request, pickable(request.access, "tenant"), describe=describe_option)


@requires(Permission.COMPUTERS_VIEW)
def scope_computer_pick(request: Request) -> HttpResponse:
    return render_options(request, pickable(request.access, "computer"), describe=describe_option)
