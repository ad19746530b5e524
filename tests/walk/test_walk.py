"""The walk over every route (style, "Tests"): six personas each, and hidden answers what missing answers (safety 7).

What was done or refused leaves one entry in the audit log, what was only asked none (safety 6).
"""

import pytest
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from immyrbac.declarations import Declaration, routes
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.signed_in import visit_again
from tests.walk.table import OPEN, VISITS, Visit
from tests.walk.world import MISSING, Estate, World

pytestmark = pytest.mark.django_db

START = World

ON_OBJECTS = [visit for visit in VISITS if visit.container not in (None, "instance")]
ENTRIES = {
    "POST accounts:user-create": 2,  # the account, and the link by which its user sets a password
    "POST accounts:user-link": 1,  # the page shows the link, once
    "POST computers:license-reveal": 1,  # the page shows the key
    "POST agents:enrolment-create": 1,  # the page shows the command, once
    "POST agents:enrolment-create-for": 1,
    **{f"POST maintenance:session-batch-{act}": 0 for act in ("run", "rerun", "postpone", "cancel")},  # they only ask
    "POST computers:computer-tags": 0,  # it bears none, and keeps none
}
"""How many entries a visit leaves that succeeds, where not one for what was done and none for what was only asked."""

ANSWERS_ANEW = {"Date", "X-Request-ID"}


@pytest.fixture
def world(start: World) -> World:
    return start


def declaration(visit: Visit) -> Declaration:
    return Declaration("requires", (visit.method,), visit.permission, visit.container)


def call(user: User | None, visit: Visit, world: World, estate: Estate, pk: int | None = None):
    """The answer to this visit of the estate's object, or of the number `pk` in its place."""
    client = Client(raise_request_exception=True)
    if user is not None:
        visit_again(client, user)
    route = visit.route(world, estate)
    if visit.container not in (None, "instance"):
        route = {"pk": estate.objects[visit.container].pk} | route | ({} if pk is None else {"pk": pk})
    address = reverse(visit.name, kwargs=route) + visit.query(world, estate)
    return client.generic(visit.method, address, **body(visit, world, estate))


def body(visit: Visit, world: World, estate: Estate) -> dict[str, str]:
    if visit.method == "GET":
        return {}
    encoded = encode_multipart(BOUNDARY, visit.data(world, estate))
    return {"data": encoded, "content_type": MULTIPART_CONTENT}


def test_table_is_the_urlconf():
    declared = {
        (route.name, method, route.declaration.permission, route.declaration.container, route.declaration.or_holds)
        for route in routes()
        for method in route.declaration.methods
    }
    table = [(visit.name, visit.method, visit.permission, visit.container, visit.or_holds) for visit in OPEN + VISITS]
    assert set(table) == declared
    assert len(table) == len(set(table))


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_anonymous_is_sent_to_sign_in(visit, world):
    answer = call(None, visit, world, world.here)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_nobody_gets_nothing(visit, world):
    hidden = visit.container not in (None, "instance")
    assert call(world.nobody(), visit, world, world.here).status_code == (404 if hidden else 403)


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_everything_but_the_permission_is_not_enough(visit, world):
    user, before = world.all_but(Permission(visit.permission), *visit.or_holds), AuditEntry.objects.count()
    status = call(user, visit, world, world.here).status_code
    assert status in (403, 404)
    assert AuditEntry.objects.count() - before == (visit.method == "POST" and status == 403)


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_the_permission_here_is_enough(visit, world):
    user, before = world.only(declaration(visit), world.here, visit.also), AuditEntry.objects.count()
    answer = call(user, visit, world, world.here)
    assert 200 <= answer.status_code < 400, answer.content.decode()[-2500:]
    done = visit.method == "POST" and answer.status_code == 302
    assert AuditEntry.objects.count() - before == ENTRIES.get(str(visit), int(done))


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_an_expired_holder_is_nobody(visit, world):
    hidden = visit.container not in (None, "instance")
    user = world.expired(declaration(visit))
    assert call(user, visit, world, world.here).status_code == (404 if hidden else 403)


@pytest.mark.parametrize("visit", ON_OBJECTS, ids=str)
def test_the_permission_elsewhere_finds_what_it_finds_of_nothing(visit, world):
    user = world.only(declaration(visit), world.there, visit.also)
    answers = []
    for pk in (None, MISSING):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = call(user, visit, world, world.here, pk)
        headers = {name: value for name, value in answer.items() if name not in ANSWERS_ANEW}
        answers.append((answer.status_code, answer.content, headers, len(queries)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
