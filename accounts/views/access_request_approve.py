"""Answering a request with access: to a user an assignment, to somebody without an account an invitation."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.forms.access_requests import ApproveForm, HomeForm, InviteForm
from accounts.forms.users import places
from accounts.models import AccessRequest, User
from accounts.views.access_requests import page_of_request
from accounts.views.invitation_create import arrival_beside, ends_of
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_page, toast
from immyrbac.requests import Request, site_of
from rbac.access import INSTANCE
from rbac.access_requests import MANAGE
from rbac.decorators import FORM, requires
from rbac.editing import Editor, confirm, has_typed
from rbac.explain_forms import object_named
from rbac.invitations import preview_invitation
from rbac.outcome_pages import shown_of
from rbac.pages import preview_beside
from rbac.permissions import Permission
from rbac.previews import preview_assignment
from rbac.refusals import refuse
from rbac.request_services import approve_request, invite_asker
from rbac.smallest import has_more_power, smallest_grant
from tenancy.models import Tenant

PAGE, PLACE = "accounts/access_request_approve.html", "accounts/access_request_place.html"
PART, PREVIEW = "accounts/_access_request_editor.html", "rbac/_assignment_preview.html"
INVITE_PART, INVITE_PREVIEW = "accounts/_access_request_invite.html", "accounts/_invitation_preview.html"


@requires(MANAGE, on=AccessRequest, methods=FORM)
def access_request_approve(request: Request, asked: AccessRequest) -> HttpResponse:
    """Of somebody without an account it is asked first into which tenant."""
    if asked.decided_at is not None and request.method != "POST":
        return redirect(request, _page_url(asked))
    if asked.user is None:
        return _place(request, asked)
    form = _form_for(request, asked, asked.user)
    around, beside = partial(_around, request, asked, form), partial(_beside, request, asked, form)
    editor = Editor(request, PAGE, PART, PREVIEW, around, beside)
    if request.method != "POST":
        return editor.drawn()
    return _answer(request, asked, form, editor) if form.is_valid() else editor.sent_back(form)


def _answer(request: Request, asked: AccessRequest, form: ApproveForm, editor: Editor) -> HttpResponse:
    draft, name = form.draft(), asked.name
    preview = preview_assignment(request.access, draft)
    if preview.great_power and not preview.objections and not has_typed(request, name):
        context = {"draft": draft, "preview": preview, "expires_at": draft.expires_at}
        dialog = "rbac/assignment_confirm_dialog.html"
        return confirm(request, dialog, context, name=name, cancel_url=_page_url(asked))
    return editor.attempt(form, partial(_give, request, asked, form), form.names)


def _give(request: Request, asked: AccessRequest, form: ApproveForm) -> HttpResponse:
    draft, shown = form.draft(), shown_of(request, asked.name)
    approve_request(actor=request.actor, asked=asked, draft=draft, site=site_of(request), shown=shown)
    toast(request, f"{draft.role} given to {asked.name}", "It counts from their next click.")
    return redirect(request, _page_url(asked))


def _form_for(request: Request, asked: AccessRequest, user: User) -> ApproveForm:
    """As it was sent; or with the smallest grant that would do chosen, but no role of great power besides."""
    make = partial(ApproveForm, access=request.access, principal=user)
    sent = posted(request) or (request.GET if "starts" in request.GET else None)
    form = make(sent) if sent is not None else make(initial=_smallest(request, asked, user))
    if not form.kinds or user.removed_at is not None:
        refuse(request, Permission.USERS_MANAGE, user)
    return form


def _smallest(request: Request, asked: AccessRequest, user: User) -> dict[str, Any]:
    subject = object_named(request.access, asked.about) if asked.about else None
    if asked.permission not in Permission or (asked.about and subject is None):
        return {}
    permission = Permission(asked.permission)
    draft = smallest_grant(request.access, permission, subject, user.tenant)
    if draft is None:
        return {}
    role = {} if has_more_power(draft.role, permission) else {"role": draft.role_id}
    named = {name: getattr(draft, f"{name}_id") for name in ("tenant", "computer")}
    return {"scope": draft.scope, "computer_scope": draft.computer_scope, **role, **named}


def _around(request: Request, asked: AccessRequest, form: ApproveForm) -> dict[str, Any]:
    return {**page_of_request(request, asked), "editor": PART, **_beside(request, asked, form)}


def _beside(request: Request, asked: AccessRequest, form: ApproveForm) -> dict[str, Any]:
    here = reverse("accounts:access-request-approve", args=[asked.pk])
    return preview_beside(request, form, here, _page_url(asked))


# Somebody without an account


def _place(request: Request, asked: AccessRequest) -> HttpResponse:
    """Into which tenant; somebody who has no choice is not asked."""
    form = HomeForm(request.GET or None, access=request.access)
    if form.is_valid():
        return redirect(request, _invite_url(asked, form.cleaned_data["tenant"]))
    only = places(request.access)[:2]
    if len(only) == 1 and not form.is_bound:
        return redirect(request, _invite_url(asked, only[0]))
    context = {**page_of_request(request, asked), "form": form}
    return render_page(request, PLACE, PLACE, context, status=status_of(request, form))


@requires(MANAGE, on=INSTANCE, methods=FORM)
def access_request_invite(request: Request, pk: int, home: int) -> HttpResponse:
    """What a stranger asks belongs to the instance."""
    asked = request.access.seen(AccessRequest).filter(pk=pk, user=None).first()
    tenant = places(request.access).filter(pk=home).first()
    if asked is None or tenant is None:
        raise Http404
    sent = posted(request) or (request.GET if "starts" in request.GET else None)
    form = InviteForm(sent, access=request.access, asked=asked, tenant=tenant)
    beside = partial(arrival_beside, request, tenant, form, _invite_url(asked, tenant), _page_url(asked))
    around = partial(_around_invitation, request, asked, beside)
    editor = Editor(request, PAGE, INVITE_PART, INVITE_PREVIEW, around, beside)
    if request.method != "POST":
        return editor.drawn() if asked.decided_at is None else redirect(request, _page_url(asked))
    answer = _invite(request, asked, form) if form.is_valid() else None
    return answer or editor.sent_back(form)


def _invite(request: Request, asked: AccessRequest, form: InviteForm) -> HttpResponse | None:
    """None where something speaks against it, which the form then says."""
    offer, email = form.offer(), asked.email
    passage = preview_invitation(request.access, offer).passage
    if passage.great_power and not passage.objections and not has_typed(request, email):
        context = {"preview": passage, "offer": offer, "expires_at": ends_of(offer)}
        dialog = "accounts/invitation_confirm_dialog.html"
        return confirm(request, dialog, context, name=email, cancel_url=_page_url(asked))
    with attempting(form, form.names):
        invite_asker(actor=request.actor, asked=asked, offer=offer, site=site_of(request))
        toast(request, f"{email} is invited", "They get a mail with a link that works for 7 days.")
        return redirect(request, _page_url(asked))
    return None


def _around_invitation(request: Request, asked: AccessRequest, beside: Any) -> dict[str, Any]:
    return {**page_of_request(request, asked), "editor": INVITE_PART, **beside()}


def _page_url(asked: AccessRequest) -> str:
    return reverse("accounts:access-request-detail", args=[asked.pk])


def _invite_url(asked: AccessRequest, tenant: Tenant) -> str:
    return reverse("accounts:access-request-invite", args=[asked.pk, tenant.pk])
