"""The doors (design 4): each view carries exactly one of these, and gets the object, never an id.

Hidden and missing answer the same 404; an object that is seen but may not be acted on answers 403.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from immyrbac.declarations import Declaration, View, declare, is_permitted_method
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.objects import KINDS, Instance
from rbac.permissions import Permission
from rbac.refusals import refuse

READ = ("GET",)
WRITE = ("POST",)
FORM = ("GET", "POST")


def requires(
    permission: Permission,
    *,
    on: type[Model] | Instance | None = None,
    methods: tuple[str, ...] = READ,
    or_holds: Collection[Permission] = (),
    of_instance: Permission | None = None,
) -> Callable[[View], View]:
    """The permission that a view needs, and on what.

    On a model: the view takes `pk` from its route and gets the object in its place; it comes through
    `seen(model)`, so what may not be seen is 404, and what may not be acted on is 403. On `INSTANCE`: to
    create or change what the instance owns. On nothing: lists and menus, which ask `holds`.

    `or_holds`: on nothing, or on a model that is seen, holding one of these somewhere opens as well. For giving and
    ending assignments, which take one of several permissions on the scope that the form names; the gate judges that.
    `of_instance`: what of the model belongs to the instance takes this permission instead.
    """
    if isinstance(on, Instance):
        return _door(Declaration("requires", methods, permission, "instance"), _instance_gate(permission))
    if on is None:
        declaration = Declaration("requires", methods, permission, or_holds=tuple(or_holds))
        return _door(declaration, _menu_gate(permission, or_holds))
    declaration = Declaration("requires", methods, permission, on.__name__, tuple(or_holds), of_instance)
    return _door(declaration, _object_gate(permission, on, or_holds, of_instance))


def any_user(
    *, methods: tuple[str, ...] = READ, as_another: bool = False, enrolling: bool = False
) -> Callable[[View], View]:
    """For whoever is signed in: their own profile, the start page.

    `as_another`: also for whoever acts as somebody else; sign-in and what is personal stays closed to them.
    `enrolling`: also for who may do nothing else before they have a second factor.
    """
    declaration = Declaration("any_user", methods, as_another=as_another, enrolling=enrolling)
    return _door(declaration, lambda _request, _route: None)


def public(*, methods: tuple[str, ...] = READ) -> Callable[[View], View]:
    """For everybody; the middleware lets it pass without a session."""
    return _door(Declaration("public", methods), lambda _request, _route: None)


def by_token(find: Callable[[str], Model | None]) -> Callable[[View], View]:
    """For agents, who post with a bearer token: `find` gets it, and the view what it finds. Anything else is a 401.

    It carries no cookie that another site could make a browser send, so that it needs no CSRF token. `find` compares
    hashes, says no in doubt, and alike to what never was and what is no more; what it refuses for a time is a 403.
    """
    declaration = Declaration("agent", WRITE)

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: Request, **route: Any) -> HttpResponseBase:
            if not is_permitted_method(request, declaration):
                return HttpResponseNotAllowed(declaration.methods)
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            found = find(token) if scheme.lower() == "bearer" and token else None
            if found is None:
                return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
            return view(request, found, **route)

        return csrf_exempt(declare(door, declaration))

    return decorate


Gate = Callable[[Request, dict[str, Any]], Model | None]


def _door(declaration: Declaration, gate: Gate) -> Callable[[View], View]:
    """The view behind its gate, which refuses by raising, or returns the object that the view gets."""

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: Request, **route: Any) -> HttpResponseBase:
            if not is_permitted_method(request, declaration):
                return HttpResponseNotAllowed(declaration.methods)
            found = gate(request, route)
            return view(request, **route) if found is None else view(request, found, **route)

        return declare(door, declaration)

    return decorate


def _object_gate(
    permission: Permission, model: type[Model], or_holds: Collection[Permission], of_instance: Permission | None
) -> Gate:
    def gate(request: Request, route: dict[str, Any]) -> Model:
        found: Model | None = request.access.seen(model).filter(pk=route.pop("pk")).first()
        if found is None:
            raise Http404
        is_shared = getattr(found, KINDS[model].tenant_id) is None
        asked = of_instance if of_instance and is_shared else permission
        if not (request.access.can(asked, found) or any(map(request.access.holds, or_holds))):
            refuse(request, asked, found)
        return found

    return gate


def _instance_gate(permission: Permission) -> Gate:
    def gate(request: Request, _route: dict[str, Any]) -> None:
        if not request.access.can(permission, INSTANCE):
            refuse(request, permission, INSTANCE)

    return gate


def _menu_gate(permission: Permission, or_holds: Collection[Permission]) -> Gate:
    def gate(request: Request, _route: dict[str, Any]) -> None:
        if not any(map(request.access.holds, (permission, *or_holds))):
            refuse(request, permission, None)

    return gate
