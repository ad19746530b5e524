"""What pages ask for, and all that their answers tell."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from immyrbac.lists import Listing
from tests.restore import undone

ANSWERS_ANEW = {"Date", "Expires", "X-Request-ID", "Set-Cookie"}
TOKEN = re.compile(r"[A-Za-z0-9]{64}")


def forms_of(answer: Any) -> Iterator[forms.BaseForm]:
    """Every form and every list's filters that a page was drawn with."""
    for name in answer.context.flatten() if hasattr(answer.context, "flatten") else ():
        yield from _forms(answer.context[name])
    for context in answer.context or ():
        for layer in getattr(context, "dicts", [context]):
            for value in layer.values():
                yield from _forms(value)


def _forms(value: Any) -> Iterator[forms.BaseForm]:
    if isinstance(value, forms.BaseForm):
        yield value
    if isinstance(value, Listing):
        yield value.filters


def choices_of(answer: Any) -> dict[str, type]:
    """The fields that choose rows, with their model."""
    fields = [(name, field) for form in forms_of(answer) for name, field in form.fields.items()]
    return {name: field.queryset.model for name, field in fields if isinstance(field, forms.ModelChoiceField)}


def told_by(answer: Any, queries: Any, number: object) -> tuple[Any, ...]:
    """All that an answer tells, but for the number that was asked for."""
    text = b"".join(answer) if answer.streaming else answer.content
    headers = {name: value.replace(str(number), "N") for name, value in answer.items() if name not in ANSWERS_ANEW}
    return answer.status_code, TOKEN.sub("T", text.decode()).replace(str(number), "N"), headers, len(queries)


def got(client: Client, address: str, **query: object) -> tuple[Any, ...]:
    """What a page tells under a parameter, whose value is the number."""
    (number,) = query.values()
    joint = "&" if "?" in address else "?"
    with CaptureQueriesContext(connection) as queries:
        return told_by(client.get(f"{address}{joint}{urlencode(query)}"), queries, number)


def sent(client: Client, address: str, data: dict[str, Any], number: object) -> tuple[Any, ...]:
    with undone(), CaptureQueriesContext(connection) as queries:
        return told_by(client.post(address, data), queries, number)


def differing(answers: list[tuple[Any, ...]]) -> list[str]:
    """In what two answers differ."""
    parts = zip(("status", "body", "headers", "queries"), *answers, strict=True)
    return [f"{part}: {str(one)[:80]} / {str(other)[:80]}" for part, one, other in parts if one != other]
