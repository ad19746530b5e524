"""What pages ask for, and all that their answers tell."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from immyrbac.lists import Listing
from tests.restore import undone
from tests.walk.world import MISSING

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


NUMBER = "{number}"


def got(client: Client, address: str, name: str, number: int) -> tuple[Any, ...]:
    """What a page tells under a parameter, whose value is the number; it stands for NUMBER in the address as well."""
    joint = "&" if "?" in address else "?"
    with CaptureQueriesContext(connection) as queries:
        asked = f"{address.replace(NUMBER, str(number))}{joint}{urlencode({name: number})}"
        return told_by(client.get(asked), queries, number)


def sent(client: Client, address: str, data: dict[str, Any], number: int) -> tuple[Any, ...]:
    with undone(), CaptureQueriesContext(connection) as queries:
        return told_by(client.post(address, data), queries, number)


def told_apart(ask: Callable[[int], tuple[Any, ...]], hidden: int) -> tuple[list[str], tuple[Any, ...]]:
    """In what the answers about something hidden and about nothing differ, and the former.

    Asked again where they do: a minute may have ended between the two.
    """
    for _ in range(2):
        answers = [ask(hidden), ask(MISSING)]
        if answers[0] == answers[1]:
            break
    return differing(answers), answers[0]


def differing(answers: list[tuple[Any, ...]]) -> list[str]:
    """In what two answers differ."""
    parts = zip(("status", "body", "headers", "queries"), *answers, strict=True)
    return [f"{part}: {str(one)[:80]} / {str(other)[:80]}" for part, one, other in parts if one != other]
