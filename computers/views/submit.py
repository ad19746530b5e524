"""What becomes of a posted form: done, or why not, said on the form itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from immyrbac.http import INVALID
from rbac.delegation import ConflictError, Refused

SHOWN, DONE, REFUSED, CONFLICT = 200, 302, 403, 409


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, an empty form included; None where the form is only shown."""
    return request.POST if request.method == "POST" else None


def submit(request: HttpRequest, form: Any, service: Callable[..., object]) -> int:
    """Give the valid form to the service. Returns SHOWN, DONE, INVALID, REFUSED or CONFLICT; nothing typed is lost."""
    if request.method != "POST":
        return SHOWN
    if not form.is_valid():
        return INVALID
    try:
        service(**form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return INVALID
    except Refused as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason)
        return REFUSED
    except ConflictError as conflict:
        form.overtaken(conflict.now)
        return CONFLICT
    return DONE
