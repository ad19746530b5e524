"""Why somebody may or may not do something, and who may (design 4, `explain` and `who_can`).

Of oneself everybody may ask, of others whoever holds *Explain Access* over them; and only about what they may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.models import User
from immyrbac.exports import csv_response
from immyrbac.http import INVALID, redirect, render_choices, render_page, search_words
from immyrbac.requests import Request
from rbac.access import Subject
from rbac.decorators import any_user, requires
from rbac.deeds import deed
from rbac.explain_forms import (
    AskForm,
    Option,
    Question,
    WhoFilters,
    WhoListing,
    object_named,
    objects_found,
    people_found,
    person_option,
)
from rbac.explain_pages import Roll, WrittenRoll, answer_page, who_page
from rbac.explain_words import answer_words, words_for
from rbac.permissions import Permission
from rbac.readings import EXAMPLES
from rbac.refusals import refuse
from rbac.subjects import parse_number

T = TypeVar("T")

OF_OTHERS = Permission.GOVERNANCE_EXPLAIN_ACCESS


@any_user(as_another=True)
def explain(request: Request) -> HttpResponse:
    """Of oneself, unless the address names somebody else."""
    if unknown := request.GET.keys() - {"user", "permission", "on", "find"}:
        raise BadRequest(f"unknown parameter: {min(unknown)}")
    question = Question(_user(request), _permission(request), _object(request))
    context = answer_page(request.access, request.user, question) | {
        "form": AskForm(request.access, request.user, question, search_words(request, "find")),
        "asks_others": request.access.holds(OF_OTHERS),
        "words": words_for(question, request.user),
    }
    return render_page(request, "rbac/explain.html", "rbac/_explain_answer.html", context)


@any_user()
def explain_ask(request: Request) -> HttpResponse:
    """A question in words: on to the page that answers it, or back with what was not understood or is not certain."""
    if "words" not in request.GET:
        return redirect(request, reverse("rbac:explain"))
    said = search_words(request, "words")
    answer = answer_words(request.access, request.user, said)
    if answer.address:
        return redirect(request, answer.address)
    context = {
        "form": AskForm(request.access, request.user, answer.understood),
        "words": said,
        "answer": answer,
        "examples": EXAMPLES,
    }
    status = INVALID if answer.error else 200
    return render_page(request, "rbac/explain_ask.html", "rbac/_ask_choices.html", context, status=status)


@requires(OF_OTHERS)
def explain_who(request: Request) -> HttpResponse:
    question = Question(None, _permission(request), _object(request))
    form = AskForm(request.access, request.user, question, search_words(request, "find"))
    context = {"form": form, "title": "Who can", "words": words_for(question, request.user, who=True)}
    if question.permission and question.on:
        roll = Roll(request.access, question.permission, question.on)
        listing = WhoListing(request, roll.people, WhoFilters(request.GET))
        context |= who_page(roll, listing) | {"title": f"Who can {deed(question.permission, question.on)}"}
    return render_page(request, "rbac/explain_who.html", "rbac/_who_table.html", context)


@requires(OF_OTHERS)
def explain_who_export(request: Request) -> HttpResponseBase:
    permission, obj = _permission(request), _object(request)
    if permission is None or obj is None:
        raise BadRequest("half a question")
    roll = Roll(request.access, permission, obj)
    written = WrittenRoll(request.actor, roll)
    listing = WhoListing(request, roll.people, WhoFilters(request.GET), paged=False)
    return csv_response("who-can", listing, written.columns, written.rows, written.look_up)


@requires(OF_OTHERS)
def explain_user_pick(request: Request) -> HttpResponse:
    found = people_found(request.access, search_words(request))
    return _choices(request, [person_option(person, request.user) for person in found])


@any_user(as_another=True)
def explain_on_pick(request: Request) -> HttpResponse:
    """Objects of every kind that the reader may see."""
    return _choices(request, objects_found(request.access, search_words(request)))


def _choices(request: Request, options: Iterable[Option]) -> HttpResponse:
    return render_choices(request, ((option.value, option.label, {"help": option.help}) for option in options))


# What the address asks: malformed is 400, hidden and missing are the same 404, a person out of reach is 403


def _user(request: Request) -> User | None:
    pk = _parsed(parse_number, request.GET.get("user") or str(request.user.pk))
    if pk == request.user.pk:
        return request.user
    person: User | None = request.access.seen(User).filter(pk=pk).select_related("tenant").first()
    if person is None:
        raise Http404
    if not request.access.can(OF_OTHERS, person):
        refuse(request, OF_OTHERS, person)
    return person


def _permission(request: Request) -> Permission | None:
    asked = request.GET.get("permission")
    return _parsed(Permission, asked) if asked else None


def _object(request: Request) -> Subject | None:
    asked = request.GET.get("on")
    if not asked:
        return None
    found = _parsed(partial(object_named, request.access), asked)
    if found is None:
        raise Http404
    return found


def _parsed(parse_it: Callable[[str], T], said: str) -> T:
    try:
        return parse_it(said)
    except ValueError as error:
        raise BadRequest(str(error)) from error
