"""Every door behind which access is written: who loses the right between the door and the gate does nothing there.

A door is a route that is not safe, with the page's form, with htmx, for one or for several, or a command that takes an
actor (design 6, safety 2). What lies behind it is seen as it runs: the service on whose behalf the gate was entered.
"""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from io import StringIO
from types import CodeType

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from accounts.models import User
from accounts.views.invitation_accept import LINK
from immyrbac.declarations import routes
from rbac import delegation
from rbac.flips import stands
from rbac.invitation_services import accept_invitation
from rbac.legacy import services as legacy
from rbac.locks import take_access_lock
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests import factories
from tests.acts.import_cases import MANAGING
from tests.acts.invitation_cases import INVITING, sent
from tests.acts.services import Service, called, services
from tests.acts.stage import CHILDREN, Stage
from tests.acts.table import CASES
from tests.grants import deny
from tests.legacy.town import CAREFUL, content, line
from tests.restore import undone
from tests.signed_in import visit_again
from tests.source import APPS, LABELS
from tests.walk.maintenance import later
from tests.walk.table import OPEN, VISITS, Visit
from tests.walk.test_walk import declaration
from tests.walk.world import World

pytestmark = pytest.mark.django_db

START = World

DOORS = [visit for visit in VISITS if visit.method == "POST"]
BEHIND: dict[CodeType, Service] = {inspect.unwrap(case.service).__code__: case.service for case in CASES}
HEADERS = ({}, {"HX-Request": "true"})
ALSO = {"computers:computer-batch-tags": frozenset({Permission.TAGS_VIEW})}
ACCEPT = "accounts:invitation-accept"


@pytest.fixture
def world(start: World) -> World:
    return start


@contextmanager
def losing(lose: Callable[[], object]) -> Iterator[list[Service]]:
    """Whoever enters the gate has lost something since the door let them in; fills in on whose behalf that was."""
    found: list[Service] = []

    def late() -> None:
        take_access_lock()
        found.append(_service_on_the_stack())
        lose()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delegation, "take_access_lock", late)
        yield found


def _service_on_the_stack() -> Service:
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code in BEHIND:
            return BEHIND[frame.f_code]
        frame = frame.f_back
    raise AssertionError("The gate was entered by what is no registered service.")


@cache
def tables() -> list[str]:
    found = connection.introspection.table_names()
    return [name for name in found if name.startswith(LABELS[1:]) and name != AuditEntry._meta.db_table]


def rows() -> list[tuple[str, str]]:
    """All that is there, but for the log and for when somebody was last seen."""
    with connection.cursor() as cursor:
        content = "md5(string_agg((to_jsonb(row) - 'last_seen_at')::text, ',' ORDER BY to_jsonb(row)::text))"
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', {content} FROM {name} AS row" for name in tables()))
        return sorted(cursor.fetchall())


def take(user: User, visit: Visit, world: World) -> None:
    """The permission of the door, on the estate and below it, or everywhere where it is asked of nothing smaller."""
    everywhere = visit.container == "instance"
    scope = {"scope": "owner"} if everywhere else {"tenant": world.here.tenant, **CHILDREN}
    deny(user, Permission(str(visit.permission)), **scope)


@contextmanager
def refused(lose: Callable[[], object], actor: User | None) -> Iterator[list[Service]]:
    """Inside, the gate is entered once and refuses: nothing is written but one entry that says so."""
    before, told = rows(), list(AuditEntry.objects.values_list("pk", flat=True))
    with losing(lose) as entered:
        yield entered
    assert len(entered) == 1
    assert rows() == before
    entry = AuditEntry.objects.exclude(pk__in=told).get()
    assert (entry.actor, entry.action.endswith(".refused")) == (actor, True)


def full_body(visit: Visit, world: World) -> dict[str, str]:
    """What the walk sends; a batch bar's form besides, which the walk only asks for."""
    data = visit.data(world, world.here)
    if "-batch-" in visit.name:
        data = {**data, "save": "1", "put": world.here.objects["Tag"].pk, **later(world, world.here)}
    return {"data": encode_multipart(BOUNDARY, data), "content_type": MULTIPART_CONTENT}


@pytest.mark.parametrize("visit", DOORS, ids=str)
def test_who_loses_the_right_behind_the_door_is_refused(visit, world):
    user = world.only(declaration(visit), world.here, visit.also | ALSO.get(visit.name, frozenset()))
    route = visit.route(world, world.here)
    if visit.container not in (None, "instance"):
        route = {"pk": world.here.objects[visit.container].pk} | route
    address, said, client = reverse(visit.name, kwargs=route), full_body(visit, world), Client()
    visit_again(client, user)
    for headers in HEADERS:
        with undone(), refused(partial(take, user, visit, world), user):
            answer = client.generic("POST", address, headers=headers, **said)
            assert answer.status_code in (403, 409, 422), answer.content.decode()[-2000:]


def test_of_the_doors_that_stand_open_one_writes_access():
    """The others are about one's own sign-in, words and views, and take no part of anybody's access."""
    names = {visit.name for visit in OPEN if visit.method == "POST"}
    views = {route.name: inspect.unwrap(route.view) for route in routes() if route.name in names}
    own = {name: view for name, view in views.items() if view.__module__.startswith(APPS)}
    assert len(own) > 10
    assert {name for name, view in own.items() if called(view) & services().keys()} == {ACCEPT}


def test_an_invitation_is_not_accepted_whose_sender_may_no_longer_give_it():
    stage, client = Stage(), Client()
    ada = stage.actor(*INVITING)
    invitation = sent(stage)
    session = client.session
    session[LINK] = [invitation.pk, invitation.token_hash]
    session.save()
    said = {"email": invitation.email, "name": "New", "password": factories.PASSWORD, "again": factories.PASSWORD}
    with refused(lambda: stage.deny(ada, Permission.USERS_MANAGE), None) as entered:
        assert client.post(reverse(ACCEPT), said).status_code == 410
    assert entered == [accept_invitation]


def command(*options: str, lose: Callable[[], object], actor: User) -> list[Service]:
    """What a command that takes an actor enters the gate for, when they lose something as it does."""
    with refused(lose, actor) as entered, pytest.raises(CommandError, match=Permission.USERS_MANAGE.label):
        call_command("import_legacy", *options, actor=actor.email, stdout=StringIO(), stderr=StringIO())
    return entered


def test_a_command_does_nothing_for_an_actor_who_loses_the_right(tmp_path):
    stage = Stage()
    users, said = tmp_path / "users.csv", tmp_path / "preferences.json"
    users.write_bytes(content(*(line(f"new@{tenant}.example", tenant=tenant) for tenant in ("Fabrikam", "Litware"))))
    standing = CAREFUL | {SwitchKey.IMPERSONATION: stands(SwitchKey.IMPERSONATION)}
    said.write_text(json.dumps({key.value: value for key, value in standing.items()}))
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    ada = stage.actor(*MANAGING)
    lose = partial(deny, ada, Permission.USERS_MANAGE, scope="tenant", tenant=stage.litware)
    for_all = (str(users), "--preferences", str(said), "--apply")
    assert command(*for_all, lose=lose, actor=ada) == [legacy.import_people]
    call_command("import_legacy", *for_all, actor=ada.email, stdout=StringIO(), stderr=StringIO())
    run = AuditEntry.objects.latest("pk").pk
    assert command("--undo", str(run), lose=lose, actor=ada) == [legacy.undo_import]
