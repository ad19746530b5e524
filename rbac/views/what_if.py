"""What if: who would gain or lose what by a change of access that nobody makes. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.models import Group, User
from immyrbac.http import redirect, render_choices, render_options, render_page, search_words, wants_fragment
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.models import Role
from rbac.offers import Principal
from rbac.subjects import parse, parse_number
from rbac.what_if_forms import (
    SIMULATE,
    AboutForm,
    EndingForm,
    GivingForm,
    HoldingForm,
    MovingForm,
    describe_other,
    others,
    subjects_found,
)
from rbac.what_if_pages import (
    ENDING,
    GIVING,
    MEANT,
    MOVING,
    ending_beside,
    giving_beside,
    held_directly,
    holding_page,
    moving_beside,
    what_if_page,
)
from tenancy.models import Tenant

PAGES = {User: "rbac:user-what-if", Group: "rbac:group-what-if", Role: "rbac:role-what-if"}


class Part(NamedTuple):
    """The templates of one question."""

    editor: str
    preview: str


PARTS = {
    GIVING: Part("rbac/_what_if_editor.html", "rbac/_what_if_preview.html"),
    ENDING: Part("rbac/_what_if_end_editor.html", "rbac/_what_if_end_preview.html"),
    MOVING: Part("rbac/_what_if_move_editor.html", "rbac/_what_if_move_preview.html"),
}


@requires(SIMULATE)
def what_if(request: Request) -> HttpResponse:
    """About whom: on to the page about them, which decides whether they may be asked about.

    `role` and `tenant` are what a link chose beforehand.
    """
    chosen = {name: _chosen(request, name, model) for name, model in (("role", Role), ("tenant", Tenant))}
    about = request.GET.get("about")
    if about:
        query = {name: str(each.pk) for name, each in chosen.items() if each}
        if chosen["tenant"]:
            query["scope"] = "tenant"
        return redirect(request, _page_about(about) + (f"?{urlencode(query)}" if query else ""))
    context = {"form": AboutForm(request.access, search_words(request, "find")), "meant": MEANT, **chosen}
    return render_page(request, "rbac/what_if.html", "rbac/what_if.html", context)


def _chosen(request: Request, name: str, model: type[Model]) -> Model | None:
    """Malformed is 400, hidden and missing are the same 404."""
    said = request.GET.get(name)
    if not said:
        return None
    try:
        found: Model | None = request.access.seen(model).filter(pk=parse_number(said)).first()
    except ValueError as error:
        raise BadRequest(str(error)) from error
    if found is None:
        raise Http404
    return found


def _page_about(reference: str) -> str:
    """Raises BadRequest for what is no user, group or role."""
    try:
        model, pk = parse(reference)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    if model not in PAGES:
        raise BadRequest(f"neither a user nor a group or role: {reference!r}")
    return reverse(PAGES[model], args=[pk])


@requires(SIMULATE)
def what_if_pick(request: Request) -> HttpResponse:
    found = subjects_found(request.access, search_words(request))
    return render_choices(request, ((option.value, option.label, {"help": option.help}) for option in found))


@requires(SIMULATE, on=User)
def user_what_if(request: Request, user: User) -> HttpResponse:
    return _giving(request, user)


@requires(SIMULATE, on=Group)
def group_what_if(request: Request, group: Group) -> HttpResponse:
    return _giving(request, group)


@requires(SIMULATE, on=User)
def user_what_if_end(request: Request, user: User) -> HttpResponse:
    return _ending(request, user)


@requires(SIMULATE, on=Group)
def group_what_if_end(request: Request, group: Group) -> HttpResponse:
    return _ending(request, group)


@requires(SIMULATE, on=User)
def user_what_if_move(request: Request, user: User) -> HttpResponse:
    return _moving(request, user)


@requires(SIMULATE, on=Group)
def group_what_if_move(request: Request, group: Group) -> HttpResponse:
    return _moving(request, group)


@requires(SIMULATE, on=User)
def user_what_if_pick(request: Request, user: User) -> HttpResponse:
    return render_options(request, others(request.access, user), describe=describe_other)


@requires(SIMULATE, on=Group)
def group_what_if_pick(request: Request, group: Group) -> HttpResponse:
    return render_options(request, others(request.access, group), describe=describe_other)


@requires(SIMULATE, on=Role)
def role_what_if(request: Request, role: Role) -> HttpResponse:
    """What it would do if a role held something else; built-in roles never do."""
    if role.key is not None:
        raise Http404
    said = request.GET if "q" in request.GET else None
    form = HoldingForm(said, deny_only=role.deny_only, initial={"permissions": role.permissions})
    page, part = "rbac/what_if_role.html", "rbac/_what_if_role.html"
    return render_page(request, page, part, holding_page(request, role, form))


def _giving(request: Request, principal: Principal) -> HttpResponse:
    """What giving them a role would do; what was chosen stands in the address, so that it can be shown to others."""
    said = request.GET if "starts" in request.GET else None
    form = GivingForm(said, access=request.access, principal=principal, initial=request.GET.dict())
    return _answered(request, principal, GIVING, giving_beside(request, form))


def _ending(request: Request, principal: Principal) -> HttpResponse:
    """What ending assignments of theirs would do."""
    said = request.GET if "assignments" in request.GET else None
    form = EndingForm(said, access=request.access, rows=held_directly(request, principal))
    return _answered(request, principal, ENDING, ending_beside(request, form, principal))


def _moving(request: Request, principal: Principal) -> HttpResponse:
    """What it would do if somebody came into a group, or left it."""
    said = request.GET if "other" in request.GET else None
    form = MovingForm(said, access=request.access, principal=principal)
    return _answered(request, principal, MOVING, moving_beside(request, form))


def _answered(request: Request, principal: Principal, question: str, beside: Mapping[str, Any]) -> HttpResponse:
    """The panel alone as the question changes, or the page."""
    part = PARTS[question]
    around = {} if wants_fragment(request) else what_if_page(request, principal, question) | {"part": part.editor}
    return render_page(request, "rbac/what_if_about.html", part.preview, {**around, **beside})
