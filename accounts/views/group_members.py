"""Who is in a group: read, put in with what that gives them said before, and taken out."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.forms.groups import MembershipForm, describe_candidate
from accounts.forms.users import ReasonForm
from accounts.group_lists import MemberFilters, MemberListing, membership_status
from accounts.group_services import add_member, end_memberships
from accounts.memberships import candidates, has_members_beyond, members_seen
from accounts.models import Group, GroupMembership, GroupMembershipQuerySet, User
from accounts.pages import group_page
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from immyrbac.selections import StaleSelectionError, selection
from immyrbac.words import Status, counted, number
from rbac.decorators import FORM, WRITE, requires
from rbac.editing import Editor, confirm, has_typed
from rbac.effects import line_of_leaving, lines_of_joining
from rbac.naming import name_for
from rbac.outcome_pages import lines_of_seen_spread, seal_of, shown_of
from rbac.permissions import Permission
from rbac.previews import Passage, preview_joining, preview_leaving
from rbac.rosters import roster_of

CONFLICT = 409
NAMED = 10
CHOICE = ("ids", "all", "expected", "filter")
PAGE, PART, PREVIEW = (
    "accounts/membership_create.html",
    "accounts/_membership_editor.html",
    "accounts/_membership_preview.html",
)
PUBLIC = Permission.GROUPS_MANAGE_PUBLIC


class Row(NamedTuple):
    """One line of the members. `opens`: whether the reader may open the page of who added them."""

    membership: GroupMembership
    status: Status
    added_by: str
    opens: bool


@requires(Permission.GROUPS_VIEW, on=Group)
def group_detail(request: Request, group: Group) -> HttpResponse:
    filters = MemberFilters(request.GET, access=request.access)
    listing = MemberListing(request, _members(request, group), filters)
    context = group_page(request, group, "accounts:group-detail")
    add_url = reverse("accounts:membership-create", args=[group.pk]) if context["manages"] else ""
    context |= {
        "listing": listing,
        "rows": _rows(request, group, listing.rows),
        "beyond": has_members_beyond(request.access, group),
        "add_url": add_url,
        "first_action": ("Add member", add_url) if add_url else None,
    }
    if context["manages"] and filters.cleaned_data["status"] != "over":
        context["batch"] = [("Remove…", reverse("accounts:membership-end", args=[group.pk]), "takes")]
    return render_page(request, "accounts/group_detail.html", "accounts/_member_table.html", context)


def _members(request: Request, group: Group) -> GroupMembershipQuerySet:
    return members_seen(request.access, group).select_related("user__tenant", "added_by")


def _rows(request: Request, group: Group, memberships: list[GroupMembership]) -> list[Row]:
    adders = [row.added_by for row in memberships if row.added_by is not None]
    request.access.know(adders)
    now = timezone.now()
    return [
        Row(
            row,
            membership_status(row, now),
            "The system" if row.added_by is None else name_for(request.access, row.added_by, group.tenant),
            row.added_by is not None and request.access.can(User.VIEW, row.added_by),
        )
        for row in memberships
    ]


@requires(Permission.GROUPS_MANAGE, on=Group, methods=FORM, of_instance=PUBLIC)
def membership_create(request: Request, group: Group) -> HttpResponse:
    """Somebody comes into the group; what that gives and takes is said before."""
    form = MembershipForm(posted(request) or request.GET or None, access=request.access, group=group)
    around, beside = partial(_around, request, form), partial(_beside, request, form)
    editor = Editor(request, PAGE, PART, PREVIEW, around, beside)
    if request.method != "POST":
        return editor.drawn()
    if form.is_valid():
        user, back = form.cleaned_data["user"], reverse("accounts:group-detail", args=[group.pk])
        preview = _joining(request, form)
        if preview.great_power and not preview.objections and not has_typed(request, user.name):
            context = {"preview": preview, **_who(form)}
            return confirm(request, "accounts/membership_confirm_dialog.html", context, name=user.name, cancel_url=back)
        return editor.attempt(form, partial(_add, request, form))
    return editor.sent_back(form)


def _add(request: Request, form: MembershipForm) -> HttpResponse:
    group, user = form.group, form.cleaned_data["user"]
    add_member(actor=request.actor, group=group, shown=shown_of(request, user.name), **form.cleaned_data)
    toast(request, f"{user} is in {group}", "What it holds counts from their next click.")
    return redirect(request, reverse("accounts:group-detail", args=[group.pk]))


def _joining(request: Request, form: MembershipForm) -> Passage:
    said = form.cleaned_data
    return preview_joining(request.access, form.group, said["user"], said["expires_at"])


def _who(form: MembershipForm) -> dict[str, Any]:
    return {"group": form.group, "person": form.cleaned_data["user"], "expires_at": form.cleaned_data["expires_at"]}


def _around(request: Request, form: MembershipForm) -> dict[str, Any]:
    context = group_page(request, form.group, "accounts:group-detail")
    return context | {"roster": roster_of(request.access, form.group), **_beside(request, form)}


def _beside(request: Request, form: MembershipForm) -> dict[str, Any]:
    """What the panel shows; only the form while it does not say enough."""
    names = {"create_url": "accounts:membership-create", "list_url": "accounts:group-detail"}
    context: dict[str, Any] = {"form": form, "group": form.group}
    context |= {key: reverse(name, args=[form.group.pk]) for key, name in names.items()}
    if not form.is_valid():
        return context
    preview, who = _joining(request, form), _who(form)
    lines = [
        *lines_of_joining(preview, who["person"], who["expires_at"]),
        *lines_of_seen_spread(request, preview.outcome, [who["person"].pk]),
    ]
    every = len({*preview.gained, *preview.held})
    shown = {
        "preview": preview,
        "effects": lines,
        "figures": [("New permissions", number(len(preview.gained)), "", f"of {number(every)}")],
        "announcement": ". ".join(line.text for line in lines),
    }
    return context | who | shown


@requires(Permission.GROUPS_MANAGE, on=Group, of_instance=PUBLIC)
def membership_pick(request: Request, group: Group) -> HttpResponse:
    return render_options(request, candidates(request.access, group), describe=describe_candidate)


@requires(Permission.GROUPS_MANAGE, on=Group, methods=WRITE, of_instance=PUBLIC)
def membership_end(request: Request, group: Group) -> HttpResponse:
    """The first visit names the people and what each loses; one that was confirmed acts on all, or on nobody."""
    members = _members(request, group).live()
    try:
        chosen = selection(request.POST, members, partial(_matching, request, members))
    except StaleSelectionError:
        return _ask(request, group, [], ReasonForm(), CONFLICT)
    form = ReasonForm(request.POST if "confirmed" in request.POST else None)
    users = sorted((membership.user for membership in chosen), key=lambda user: user.name)
    if form.is_valid():
        with attempting(form):
            said = {"reason": form.cleaned_data["reason"], "shown": shown_of(request, _people(users))}
            end_memberships(actor=request.actor, group=group, users=users, **said)
            toast(request, f"{_people(users)} removed from {group}", "It counts from their next click.")
            return redirect(request, _list_url(request, group))
    return _ask(request, group, users, form, status_of(request, form))


def _matching(request: Request, members: QuerySet[GroupMembership], asked: QueryDict) -> QuerySet[GroupMembership]:
    """All that the list narrows to."""
    filters = MemberFilters(asked, access=request.access)
    return MemberListing(request, members, filters, paged=False, params=asked).matching


def _ask(request: Request, group: Group, users: list[User], form: ReasonForm, status: int) -> HttpResponse:
    """`users` are none where the list is no longer what the reader saw."""
    passages, objections, outcome = preview_leaving(request.access, group, [user.pk for user in users])
    context = {
        "form": form,
        "group": group,
        "effects": [line_of_leaving(passages[user.pk], user) for user in users[:NAMED]],
        "spread": lines_of_seen_spread(request, outcome, passages),
        "others": len(users) - NAMED,
        "seal": seal_of(request, outcome, _people(users)) if users else None,
        "objections": [("loses", "lock", "You may not remove them", objection) for objection in objections],
        "button": f"Remove {_people(users)}",
        "repeated": [(name, value) for name in CHOICE for value in request.POST.getlist(name)],
    }
    title = f"Remove {_people(users)} from {group}?" if users else "This has changed since you looked"
    dialog, cancel = "accounts/membership_end_dialog.html", _list_url(request, group)
    return render_dialog(request, dialog, context, title=title, cancel_url=cancel, status=status)


def _list_url(request: Request, group: Group) -> str:
    """The members as they were narrowed when the removal began."""
    asked = QueryDict(request.POST.get("filter", "").removeprefix("?")).urlencode()
    return reverse("accounts:group-detail", args=[group.pk]) + (f"?{asked}" if asked else "")


def _people(users: list[User]) -> str:
    return users[0].name if len(users) == 1 else counted(len(users), "member")
