"""How every view answers: page or fragment, toast, redirect, and the pages that say no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseForbidden,
    HttpResponseNotFound,
    HttpResponseRedirect,
    HttpResponseServerError,
)
from django.template.loader import get_template, render_to_string
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.html import format_html
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from immyrbac.filters import LostFilterError
from immyrbac.finding import best
from immyrbac.widgets import option_attrs
from rbac import delegation

INVALID = 422
MOST_OPTIONS = 20
MOST_LETTERS = 200

M = TypeVar("M", bound=Model)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for its target alone; a boosted link or a step back in history needs the whole page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not (htmx.boosted or htmx.history_restore_request)


def _swaps_part(request: HttpRequest, status: int) -> bool:
    """Whether htmx swaps a part with this answer; with any other 4xx it swaps the page's main (base.html)."""
    return wants_fragment(request) and status in (200, INVALID)


def render_page(
    request: HttpRequest, page: str, fragment: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page, or for htmx its one fragment (`is_fragment`) with the waiting toasts. The view names both.

    Both are personal: never cached, and told apart by HX-Request (safety 22). An invalid form is `status=INVALID`.
    """
    if _swaps_part(request, status):
        shown = {**context, "is_fragment": True}
        body = render_to_string(fragment, shown, request) + render_to_string("parts/toasts.html", {}, request)
    else:
        body = render_to_string(page, dict(context), request)
    response = HttpResponse(body, status=status)
    return personal(response)


def render_dialog(
    request: HttpRequest, dialog: str, context: Mapping[str, Any], *, title: str, cancel_url: str, status: int = 200
) -> HttpResponse:
    """A template that extends `dialog.html`: for htmx into the open dialog, otherwise as a page of its own."""
    as_page = not _swaps_part(request, status)
    shown = {"title": title, "cancel_url": cancel_url, "dialog": dialog, "as_page": as_page}
    heading = "h1" if as_page else "h2"
    return render_page(request, "dialog_page.html", dialog, {**context, **shown, "heading": heading}, status=status)


def personal(response: HttpResponse) -> HttpResponse:
    """Marks an answer that only this reader may keep."""
    patch_vary_headers(response, ["HX-Request"])
    add_never_cache_headers(response)
    return response


def render_options(
    request: HttpRequest, rows: QuerySet[M], *, by: str = "name", describe: Callable[[M], Mapping[str, object]]
) -> HttpResponse:
    """What a route behind `Combobox(source=…)` answers to `?q=`: the best rows whose `by` holds it.

    One more than is shown, so that the page knows that there are more. `describe` as in `Combobox`. Raises BadRequest.
    """
    found = best(rows, search_words(request), by, most=MOST_OPTIONS + 1)
    return render_choices(request, ((row.pk, str(row), describe(row)) for row in found))


def render_choices(request: HttpRequest, choices: Iterable[tuple[object, str, Mapping[str, object]]]) -> HttpResponse:
    """As `render_options`, of at most 21 rows of value, label, and what `describe` would say."""
    options = [(value, label, option_attrs(described)) for value, label, described in choices]
    return personal(HttpResponse(render_to_string("parts/options.html", {"options": options}, request)))


def search_words(request: HttpRequest, name: str = "q") -> str:
    """What was typed into a search. Raises BadRequest."""
    words = request.GET.get(name, "")
    if "\0" in words or len(words) > MOST_LETTERS:
        raise BadRequest("malformed search")
    return words


def redirect(request: HttpRequest, to: str) -> HttpResponse:
    """A redirect that the browser follows as a page, for htmx as well."""
    answer = HttpResponseClientRedirect(to) if wants_fragment(request) else HttpResponseRedirect(to)
    return personal(answer)


def toast(request: HttpRequest, what: str, consequence: str = "", *, link: tuple[str, str] | None = None) -> None:
    """Says on the next answer what has happened: past tense, then what follows; `link` is (address, words).

    Never for errors: those stand where they happened.
    """
    second = format_html('{} <a href="{}">{}</a>', consequence, *link) if link else consequence
    messages.success(request, format_html('<b>{}</b><span class="second">{}</span>', what, second))


@dataclass(frozen=True)
class Refusal:
    """What the page of a 403 says (guide "Refusal"). `Refused` carries it; PermissionDenied gets the plain one.

    `paths` are mappings for `parts/path.html`, `may` says what can be done here now, `helpers` are rows of (name, how):
    people that the reader may see only. `needed` is the lacking permission as people call it, `change` what would do,
    `ask_url` where to ask for it, and
    `support` whom the reader's tenant names for such questions.
    """

    title: str = "You cannot do this"
    why: str = "Your roles do not hold what it needs here."
    needed: str = ""
    codename: str = ""
    great_power: bool = False
    back: tuple[str, str] | None = None
    crumbs: Sequence[tuple[str, str]] = ()
    paths: Sequence[Mapping[str, Any]] = ()
    explanation: str = ""
    may: Sequence[str] = ()
    helpers: Sequence[tuple[str, str]] = ()
    change: str = ""
    ask_url: str = ""
    support: str = ""
    request_id: str = ""
    recorded: bool = False


class Refused(PermissionDenied):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.title)
        self.refusal = refusal


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    refusal = exception.refusal if isinstance(exception, Refused) else Refusal()
    if isinstance(exception, delegation.Refused):
        refusal = Refusal(why=" ".join(exception.reasons), request_id=getattr(request, "id", ""), recorded=True)
    layout = "base.html" if request.user.is_authenticated else "base_bare.html"
    body = render_to_string("403.html", {"refusal": refusal, "layout": layout}, request)
    return personal(HttpResponseForbidden(body))


@cache
def _static_page(template: str) -> str:
    """Rendered once, without a request: the same bytes for everybody (safety 7)."""
    return get_template(template).render()


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's signature
    return HttpResponseNotFound(_static_page("404.html"))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, LostFilterError):
        body = render_to_string("400_filter.html", {"lost": exception}, request)
        return personal(HttpResponseBadRequest(body))
    return HttpResponseBadRequest(_static_page("400.html"))


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's signature
    return personal(HttpResponse(_static_page("429.html"), status=429, headers={"Retry-After": "60"}))


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  Django's signature
    return HttpResponseServerError(_static_page("500.html"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django's signature
    return HttpResponseForbidden(_static_page("403_csrf.html"))
