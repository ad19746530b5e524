"""Where everybody starts, and what a load balancer asks."""

from functools import cache

from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse

from immyrbac.http import render_page, search_words
from immyrbac.palette import shelves
from immyrbac.requests import Request
from immyrbac.start import start_of
from rbac.access_requests import may_ask_for_access
from rbac.decorators import any_user, public
from rbac.subjects import ask_url

FIRST_STEPS = (
    "Ask for access here, or an administrator of your company or of your provider for a role.",
    "Say what you need to do, on which computers, and until when.",
    "It holds from your next click on: there is nothing to install or to confirm.",
)


@any_user(as_another=True)
def start(request: Request) -> HttpResponse:
    asking = ("Ask for access", ask_url()) if may_ask_for_access(request.access, request.actor) else None
    context = {"start": start_of(request), "steps": FIRST_STEPS, "first_action": asking}
    return render_page(request, "start.html", "start.html", context)


@any_user(as_another=True)
def search(request: Request) -> HttpResponse:
    """As a page, and for the palette as its options."""
    if request.GET.keys() - {"q"}:
        raise BadRequest("unknown parameter")
    words = search_words(request)
    context = {"words": words, "shelves": shelves(request, words)}
    return render_page(request, "search.html", "_search_options.html", context)


@public()
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer while the process lives, whatever the database does."""
    return HttpResponse("ok\n", content_type="text/plain")


@public()
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database can be asked and has every migration of this code, else 503."""
    try:
        ready = known_migrations() <= set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        ready = False
    return HttpResponse("ready\n" if ready else "not ready\n", status=200 if ready else 503, content_type="text/plain")


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return (app, name) of each migration on disk; constant while the process lives."""
    return frozenset(MigrationLoader(None).disk_migrations)
