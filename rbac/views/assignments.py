"""Role assignments on the page of who holds them: read, put together and given, and ended."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django_htmx.http import reswap, retarget

from accounts.forms.users import is_confirmed
from accounts.models import User
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast, wants_fragment
from immyrbac.requests import Request
from immyrbac.words import counted
from rbac.decorators import FORM, requires
from rbac.forms import AssignmentForm, EndForm, describe_option
from rbac.models import Effect, RoleAssignment
from rbac.offers import pickable
from rbac.pages import GIVERS, assignments_page, endable_rows, preview_of
from rbac.permissions import Permission
from rbac.previews import Preview, preview_assignment
from rbac.refusals import refuse
from rbac.services import end_assignments, grant_assignment

EDITOR, PREVIEW = "rbac/_assignment_editor.html", "rbac/_assignment_preview.html"
NOT_REPEATED = ("csrfmiddlewaretoken", "confirmation")


@requires(Permission.USERS_VIEW, on=User)
def assignment_list(request: Request, user: User) -> HttpResponse:
    context = assignments_page(request, user)
    return render_page(request, "rbac/assignment_list.html", "rbac/assignment_list.html", context)


@requires(Permission.USERS_MANAGE, on=User, methods=FORM, or_holds=GIVERS)
def assignment_create(request: Request, user: User) -> HttpResponse:
    """The editor. What was chosen so far may stand in the address: htmx gets its preview, everybody else the page."""
    form = AssignmentForm(posted(request) or request.GET or None, access=request.access, principal=user)
    if not form.kinds or user.removed_at is not None:
        refuse(request, Permission.USERS_MANAGE, user)
    if request.method != "POST":
        return _drafted(request, user, form)
    if not form.is_valid():
        return _editor(request, user, form)
    draft = form.draft()
    preview = preview_assignment(request.access, draft)
    if preview.great_power and not preview.objections and not is_confirmed(_typed(request), user.name):
        return _confirm(request, user, draft, preview)
    with attempting(form, form.names):
        grant_assignment(actor=request.actor, draft=draft)
        toast(request, f"{draft.role} {_done(draft)} {user.name}", "It counts from their next click.")
        return redirect(request, reverse("rbac:assignment-list", args=[user.pk]))
    return _editor(request, user, form)


def _drafted(request: Request, user: User, form: AssignmentForm) -> HttpResponse:
    if wants_fragment(request):
        return render_page(request, PREVIEW, PREVIEW, preview_of(request, form))
    context = assignments_page(request, user, form)
    return render_page(request, "rbac/assignment_list.html", EDITOR, context)


def _editor(request: Request, user: User, form: AssignmentForm) -> HttpResponse:
    """The editor as it was sent, with what speaks against it."""
    context = assignments_page(request, user, form)
    answer = render_page(request, "rbac/assignment_list.html", EDITOR, context, status=status_of(request, form))
    return retarget(reswap(answer, "outerHTML"), "#editor")


def _confirm(request: Request, user: User, draft: RoleAssignment, preview: Preview) -> HttpResponse:
    """Great power is given once the name was typed; what the form said is repeated."""
    repeated = [(name, value) for name, values in request.POST.lists() for value in values if name not in NOT_REPEATED]
    asked = "confirmation" in request.POST
    context = {"person": user, "draft": draft, "preview": preview, "repeated": repeated, "typed": _typed(request)}
    answer = render_dialog(
        request,
        "rbac/assignment_confirm_dialog.html",
        context | {"error": f"This is not {user.name}." if asked else ""},
        title=f"Give great power to {user.name}?",
        cancel_url=reverse("rbac:assignment-list", args=[user.pk]),
        status=INVALID if asked else 200,
    )
    return retarget(reswap(answer, "innerHTML"), "#dialog")


def _typed(request: Request) -> str:
    return request.POST.get("confirmation", "")


def _done(draft: RoleAssignment) -> str:
    return "denied to" if draft.effect == Effect.DENY else "given to"


@requires(Permission.USERS_MANAGE, on=User, methods=FORM, or_holds=GIVERS)
def assignment_end(request: Request, user: User) -> HttpResponse:
    """One or several at once; `ids` in the address chooses which of them are ticked."""
    rows = endable_rows(request, user)
    chosen = [pk for pk in request.GET.getlist("ids") if pk.isdecimal()]
    form = EndForm(posted(request), rows=rows, initial={"assignments": chosen})
    if form.is_valid():
        ended = form.cleaned_data["assignments"]
        with attempting(form):
            count = end_assignments(
                actor=request.actor, assignments=[row.pk for row in ended], reason=form.cleaned_data["reason"]
            )
            toast(request, f"{counted(count, 'assignment')} of {user.name} ended", "Their next click feels it.")
            return redirect(request, reverse("rbac:assignment-list", args=[user.pk]))
    return render_dialog(
        request,
        "rbac/assignment_end_dialog.html",
        {"form": form, "person": user, "only": rows.filter(pk__in=chosen).first() if len(chosen) == 1 else None},
        title=f"End access of {user.name}?",
        cancel_url=reverse("rbac:assignment-list", args=[user.pk]),
        status=status_of(request, form),
    )


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
