"""What each route declares of itself (design 4), and the walk over the URLconf that finds a route that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

View = Callable[..., HttpResponseBase]
AnyView = TypeVar("AnyView", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declaration:
    """`kind`: requires, any_user, public or agent. `container`: the model the permission is asked on, or "instance".

    `or_holds`: permissions that open the door as well where they are held anywhere. `of_instance`: what is asked in the
    place of `permission` about an object that belongs to the instance. `as_another`: an any_user view that whoever acts
    as somebody else may open; the others are about one's own account. `enrolling`: open also to
    whoever must set up a second factor before anything else.
    """

    kind: str
    methods: tuple[str, ...]
    permission: str | None = None
    container: str | None = None
    or_holds: tuple[str, ...] = ()
    of_instance: str | None = None
    as_another: bool = False
    enrolling: bool = False


def declare(view: AnyView, declaration: Declaration) -> AnyView:
    """Mark a view; a second mark is a mistake, since every view carries exactly one."""
    if declared(view) is not None:
        raise TypeError(f"{view} declares its permission twice.")
    view.declaration = declaration  # type: ignore[attr-defined]  # the mark itself
    return view


def declared(view: Callable[..., Any]) -> Declaration | None:
    """The view's mark, if it has one."""
    found = getattr(view, "declaration", None)
    return found if isinstance(found, Declaration) else None


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    path: str
    view: View

    @property
    def declaration(self) -> Declaration | None:
        return declared(self.view)


def routes() -> list[Route]:
    """Every route that the URLconf can reach, in its order."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, path, inner)
        else:
            yield Route(f"{namespace}{pattern.name or ''}", path, pattern.callback)


def is_permitted_method(request: HttpRequest, declaration: Declaration) -> bool:
    return request.method in declaration.methods or (request.method == "HEAD" and "GET" in declaration.methods)
