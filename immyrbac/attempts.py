"""A form whose service may say no: the reasons come back with the form, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, QueryDict

from immyrbac.http import INVALID, wants_fragment
from immyrbac.versions import OvertakenError
from immyrbac.widgets import add_errors
from rbac.delegation import Refused, UnseenError

REFUSED = "refused"

TAKEN: Mapping[str, str] = {NON_FIELD_ERRORS: "name"}
"""For a service whose thing, as a whole, only another one of this name speaks against."""

UNSEEN = "What this does to people was not shown yet, or has changed since. Nothing was done: look, then decide."


class attempting:  # noqa: N801  reads as `with attempting(form):`
    """Round the one service call of a view, which returns from inside; behind it the view shows the form again.

    What the service finds invalid stands beside its field, by its own name or that of `names`; what the gate refuses
    stands above all of them.
    """

    def __init__(self, form: BaseForm, names: Mapping[str, str] | None = None) -> None:
        self.form, self.names = form, names or {}

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, OvertakenError):
            self._renew(error.version)
            self.names = {name: field for name, field in self.names.items() if name != NON_FIELD_ERRORS}
        if isinstance(error, ValidationError):
            add_errors(self.form, error, self.names)
        elif isinstance(error, UnseenError):
            self.form.add_error(None, UNSEEN)
        elif isinstance(error, Refused):
            self.form.add_error(None, [ValidationError(reason, code=REFUSED) for reason in error.reasons])
        else:
            return False
        return True

    def _renew(self, version: str) -> None:
        """The next save is made knowing what stands."""
        data: Any = self.form.data
        self.form.data = data = data.copy()
        data["version"] = version


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, an empty form included; None where the form is only shown."""
    return request.POST if request.method == "POST" else None


def status_of(request: HttpRequest, form: BaseForm) -> int:
    """200 for a form that nobody sent, 403 for what the gate refused, otherwise 422.

    For htmx a refusal is 422 as well, since the form is swapped where it stands.
    """
    if not form.is_bound:
        return 200
    refused = form.has_error("__all__", REFUSED)
    return 403 if refused and not wants_fragment(request) else INVALID
