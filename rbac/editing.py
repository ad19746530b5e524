"""An editor with its preview: drawn, sent back, and confirmed by a typed name where it gives great power (guide)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django_htmx.http import reswap, retarget

from accounts.forms.users import is_confirmed
from immyrbac.attempts import UNSEEN, attempting, status_of
from immyrbac.http import INVALID, render_dialog, render_page, wants_fragment
from immyrbac.requests import Request
from rbac.delegation import UnseenError

NOT_REPEATED = ("csrfmiddlewaretoken", "confirmation")


@dataclass(frozen=True)
class Editor:
    """Templates: the whole `page`, the `part` that is the form, and the `preview` in it.

    `around` makes the context of the first two, `beside` what the preview alone needs.
    """

    request: Request
    page: str
    part: str
    preview: str
    around: Callable[[], Mapping[str, Any]]
    beside: Callable[[], Mapping[str, Any]]

    def drawn(self) -> HttpResponse:
        """What was chosen so far may stand in the address: htmx gets its preview, everybody else the page."""
        if wants_fragment(self.request):
            return render_page(self.request, self.preview, self.preview, self.beside())
        return render_page(self.request, self.page, self.part, self.around())

    def sent_back(self, form: BaseForm) -> HttpResponse:
        """The editor as it was sent, with what speaks against it."""
        answer = render_page(self.request, self.page, self.part, self.around(), status=status_of(self.request, form))
        return retarget(reswap(answer, "outerHTML"), "#editor")

    def attempt(
        self, form: BaseForm, act: Callable[[], HttpResponse], names: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """What the act answers; or the editor as it was sent, with what speaks against it or was not seen."""
        with attempting(form, names):
            try:
                return act()
            except UnseenError:
                return self._unseen()
        return self.sent_back(form)

    def _unseen(self) -> HttpResponse:
        """The form is in order: it comes back with its preview, which is what is to be looked at."""
        context = {**self.around(), "unseen": UNSEEN}
        answer = render_page(self.request, self.page, self.part, context, status=INVALID)
        return retarget(reswap(answer, "outerHTML"), "#editor")


def has_typed(request: Request, name: str) -> bool:
    return is_confirmed(request.POST.get("confirmation", ""), name)


def confirm(request: Request, dialog: str, context: Mapping[str, Any], *, name: str, cancel_url: str) -> HttpResponse:
    """Great power is given once the name was typed; what the form said is repeated."""
    asked = "confirmation" in request.POST
    repeated = [(key, value) for key, values in request.POST.lists() for value in values if key not in NOT_REPEATED]
    said = {
        "name": name,
        "repeated": repeated,
        "typed": request.POST.get("confirmation", ""),
        "error": f"This is not {name}." if asked else "",
    }
    title, status = f"Give great power to {name}?", INVALID if asked else 200
    answer = render_dialog(request, dialog, {**context, **said}, title=title, cancel_url=cancel_url, status=status)
    return retarget(reswap(answer, "innerHTML"), "#dialog")
