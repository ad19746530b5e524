"""Every route, asked by somebody who means ill: no answer tells what is hidden from what is missing (safety 7, 15, 17).

What a route takes is learned from the forms and filters that its own pages draw, so a new one is tried as well. A
normal run tries a share of the routes in each test, each test another one.
"""

import csv
import logging
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from immyrbac.exports import FORMULA_STARTS
from immyrbac.sealing import SealedField
from immyrbac.security import POLICY
from rbac.audit import Actor, record
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.subjects import SUBJECTS
from tests.effort import effort, share
from tests.restore import undone
from tests.source import LABELS
from tests.walk.malformed import GIVEN, Malformed
from tests.walk.table import VISITS, Visit
from tests.walk.telling import NUMBER, choices_of, forms_of, got, sent, told_apart
from tests.walk.world import Estate, World, rename_everything

pytestmark = pytest.mark.django_db

FIRST = 1_700_000_000
"""Where the numbers of the world's objects begin: so long that no page holds them by chance."""

PAGES = [visit for visit in VISITS if visit.method == "GET"]
ACTS = [visit for visit in VISITS if visit.method == "POST"]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are logged with all that led to each: that takes longer than to answer them."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def hostile_world() -> World:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(quote_ident(table_name), 'id') FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'id'"
        )
        for number, (name,) in enumerate(cursor.fetchall()):
            cursor.execute("SELECT setval(%s, %s)", [name, FIRST + number * 100_000])
    return World()


START = hostile_world


@pytest.fixture
def world(start: World) -> World:
    return start


@pytest.fixture
def pages(request: pytest.FixtureRequest) -> Sequence[Visit]:
    return share(PAGES, request.node.name)


@pytest.fixture
def acts(request: pytest.FixtureRequest) -> Sequence[Visit]:
    return share(ACTS, request.node.name)


@pytest.fixture
def visits(request: pytest.FixtureRequest) -> Sequence[Visit]:
    return share(VISITS, request.node.name)


def stranger(world: World) -> Client:
    """Somebody who may do everything at the other estate, and nothing at this one."""
    client = Client()
    client.force_login(world.with_permissions(frozenset(Permission), estate=world.there))
    client.get(reverse("accounts:profile-detail"))  # the first visit of a session writes
    return client


def address_of(visit: Visit, world: World, estate: Estate) -> str:
    route = visit.route(world, estate)
    if visit.container not in (None, "instance"):
        route = {"pk": estate.objects[visit.container].pk} | route
    return reverse(visit.name, kwargs=route)


def test_no_parameter_tells_hidden_from_missing(world, pages):
    """Each page by its own filters; an export by all that there are, since it draws none."""
    client, told, every = stranger(world), [], {}
    for visit in sorted(pages, key=lambda visit: visit.name.endswith("export")):
        address = address_of(visit, world, world.there) + visit.query(world, world.there)
        drawn = client.get(address)
        own = every if drawn.streaming else {name: model.__name__ for name, model in choices_of(drawn).items()}
        every |= own
        for name, model in own.items():
            apart, _ = told_apart(partial(got, client, address, name), world.here.objects[model].pk)
            told += [(visit.name, name, *apart)] if apart else []
    assert len(every) > effort(4, 10, 10)
    assert told == []


def test_no_question_tells_hidden_from_missing(world):
    """The explanation names people and objects in ways of its own."""
    client, told = stranger(world), []
    about = {kind: world.here.objects[model.__name__].pk for kind, model in SUBJECTS.items()}
    for route in ("rbac:explain", "rbac:explain-who", "rbac:explain-who-export"):
        address = f"{reverse(route)}?permission=computers:view"
        for kind, hidden in about.items():
            apart, _ = told_apart(partial(got, client, f"{address}&on={kind}:{NUMBER}", "find"), hidden)
            told += [(route, kind, *apart)] if apart else []
    apart, _ = told_apart(partial(got, client, reverse("rbac:explain"), "user"), about["user"])
    assert told + apart == []


def test_no_choice_tells_hidden_from_missing(world, acts):
    """What a form chooses from is the actor's, also when it is sent (safety 15)."""
    client, told, tried = stranger(world), [], 0
    for visit in acts:
        address, data = address_of(visit, world, world.there), visit.data(world, world.there)
        with undone():
            drawn = client.get(address) if visit.container else client.post(address, data)
        for name, model in choices_of(drawn).items():
            tried += 1
            hidden = world.here.objects[model.__name__].pk
            apart, (status, *_) = told_apart(partial(choosing, client, address, data, name), hidden)
            told += [(visit.name, name, *apart)] if apart else []
            assert 400 <= status < 500 or visit.name in ONLY_ASKS, (visit.name, name, status)
    assert tried > effort(3, 12, 12)
    assert told == []


ONLY_ASKS = {"computers:computer-batch-tags"}
"""What answers with its form until that is confirmed."""


def choosing(client: Client, address: str, data: dict[str, Any], name: str, pk: int) -> tuple[Any, ...]:
    """What is told to this choice, with whatever makes the form ask for it."""
    asks = {"msp": {"scope": "msp"}, "tag": {"scope": "tag"}, "tenant": {"scope": "tenant"}}
    asks |= {"computer": {"computer_scope": "computer"}, "computer_tag": {"computer_scope": "tag"}}
    return sent(client, address, data | (asks.get(name, {}) if "scope" in data else {}) | {name: pk}, pk)


def test_a_batch_with_something_hidden_is_the_batch_with_something_missing(world):
    client, told = stranger(world), []
    for visit in ACTS:
        address, data = address_of(visit, world, world.there), visit.data(world, world.there)
        if "ids" not in data:
            continue
        ids = data["ids"] if isinstance(data["ids"], list) else [data["ids"]]
        hidden = {"rbac": "RoleAssignment", "computers": "Computer"}.get(visit.name.partition(":")[0], "User")
        for own in (ids, []):
            apart, _ = told_apart(partial(picking, client, address, data, own), world.here.objects[hidden].pk)
            told += [(visit.name, *apart)] if apart else []
    assert told == []


def picking(client: Client, address: str, data: dict[str, Any], own: list[Any], pk: int) -> tuple[Any, ...]:
    """What is told to a batch of one's own rows and this one."""
    return sent(client, address, data | {"ids": [*own, pk]}, pk)


def test_what_is_malformed_is_no_fault(world, pages):
    """400, or what the page says of nothing found; never 500 (safety 17)."""
    client, odd, tries = stranger(world), [], Malformed()
    for visit in pages:
        with undone():
            address = address_of(visit, world, world.there) + visit.query(world, world.there)
            for name, value in tries.of(client.get(address), GIVEN):
                answer = client.get(f"{address}{'&' if '?' in address else '?'}{urlencode({name: value})}")
                b"".join(answer) if answer.streaming else answer.content
                odd += [(visit.name, name, value)] if answer.status_code not in EXPECTED else []
    assert odd == []


EXPECTED = {200, 302, 400, 403, 404, 409, 410, 422}


def test_what_is_malformed_in_a_form_is_no_fault(world, acts):
    client, odd, tries = stranger(world), [], Malformed()
    for visit in acts:
        with undone():
            renew(world)
            address, data = address_of(visit, world, world.there), visit.data(world, world.there)
            with undone():
                drawn = client.get(address) if visit.container else client.post(address, data)
            for name, value in tries.of(drawn, data or GIVEN):
                with undone():
                    answer = client.post(address, data | {name: value})
                odd += [(visit.name, name, value)] if answer.status_code not in EXPECTED else []
    assert odd == []


def renew(world: World) -> None:
    """The objects as the database has them: what was undone there is still in memory."""
    for estate in (world.here, world.there):
        estate.objects = {name: type(each)._default_manager.get(pk=each.pk) for name, each in estate.objects.items()}


EVIL = "<img src=x onerror=alert(1)>\"'&{{ 7 }}"
FORMULA = "=cmd|' C calc'!A0"


def owner() -> Client:
    client = Client()
    client.force_login(User.objects.get(role_assignments__role__key="msp_administrator"))
    client.get(reverse("accounts:profile-detail"))
    return client


def test_names_are_text_on_every_page(world, pages):
    rename_everything(EVIL)
    client, raw = owner(), []
    record(Actor(None), "user.edited", target=world.here.objects["User"], tenant=world.here.tenant.pk, reason=EVIL)
    for visit in pages:
        answer = client.get(address_of(visit, world, world.here) + visit.query(world, world.here))
        if not answer.streaming and "<img src=x" in answer.content.decode():
            raw.append(visit.name)
    assert raw == []


def test_names_are_text_in_what_an_act_says(world, acts):
    """In forms that come back, in toasts and in the page behind them."""
    rename_everything(EVIL)
    client, raw = owner(), []
    for visit in acts:
        with undone():
            renew(world)
            address, data = address_of(visit, world, world.here), visit.data(world, world.here)
            for said in (data, dict.fromkeys(data, EVIL) | {"reason": EVIL}):
                with undone():
                    answer = client.post(address, said, follow=True)
                raw += [visit.name] if "<img src=x" in answer.content.decode() else []
    assert raw == []


def test_no_cell_of_an_export_is_a_formula(world):
    rename_everything(FORMULA)
    client, formulas = owner(), []
    record(Actor(None), "user.edited", target=world.here.objects["User"], tenant=world.here.tenant.pk, reason=FORMULA)
    exports, told = [visit for visit in PAGES if visit.name.endswith("export")], 0
    for visit in exports:
        answer = client.get(address_of(visit, world, world.here) + visit.query(world, world.here))
        rows = list(csv.reader(b"".join(answer).decode().splitlines()))
        formulas += [(visit.name, cell) for row in rows for cell in row if cell.startswith(FORMULA_STARTS)]
        told += any(FORMULA in cell for row in rows for cell in row)
    assert told > 8
    assert formulas == []


def test_every_answer_says_who_may_keep_it_and_what_it_may_load(world, visits):
    client, odd = owner(), []
    for visit in visits:
        with undone():
            address = address_of(visit, world, world.here) + visit.query(world, world.here)
            answer = client.generic(visit.method, address)
        odd += [(visit.name, visit.method, what) for what in unsaid(answer)]
    assert odd == []


def unsaid(answer: Any) -> Iterator[str]:
    fixed = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}
    yield from (name for name, value in fixed.items() if answer.headers.get(name) != value)
    if answer.status_code in (400, 404):  # the same bytes for everybody
        return
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "Cache-Control"
    if not answer.streaming and not {"HX-Request", "Cookie"} <= set(answer.headers.get("Vary", "").split(", ")):
        yield "Vary"


def test_nothing_is_done_without_a_token(world):
    """Nor for htmx, whose header anybody can send (safety 22)."""
    client, odd = Client(enforce_csrf_checks=True), []
    client.force_login(User.objects.get(role_assignments__role__key="msp_administrator"))
    before = AuditEntry.objects.count()
    for visit in ACTS:
        with undone():
            address, data = address_of(visit, world, world.here), visit.data(world, world.here)
            for headers in ({}, {"HX-Request": "true"}):
                odd += [visit.name] if client.post(address, data, headers=headers).status_code != 403 else []
    assert odd == []
    assert AuditEntry.objects.count() == before


METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST", "GET")


def test_no_other_method_opens_a_door(world, visits):
    client = stranger(world)
    taken = {(visit.name, visit.method) for visit in VISITS}
    answers = {
        (visit.name, method): client.generic(method, address_of(visit, world, world.here)).status_code
        for visit in visits
        for method in METHODS
        if (visit.name, method) not in taken and (method != "HEAD" or (visit.name, "GET") not in taken)
    }
    assert set(answers.values()) == {405}


EXTRA = {
    **dict.fromkeys(("is_msp", "is_staff", "is_superuser", "deny_only", "include_children", "all_computers"), "on"),
    **dict.fromkeys(("is_active", "removed_at", "deleted_at", "ended_at", "starts_at", "expires_at"), ""),
    **dict.fromkeys(("key", "scope", "effect", "path", "slug", "password", "action", "enabled", "color"), "owner"),
}
FOREIGN = {
    "Tenant": ("tenant", "tenant_id", "parent", "parent_id", "owner", "msp", "msp_id", "home"),
    "User": ("user", "user_id", "granted_by", "added_by", "created_by", "actor", "pk", "id", "email_of"),
    "Group": ("group", "group_id", "groups"),
    "Role": ("role", "role_id", "roles", "permissions"),
    "Tag": ("tag", "tags", "tag_id", "computer_tag"),
    "Computer": ("computer", "computer_id"),
}
VOLATILE = (
    "{id,path,password,created_at,updated_at,added_at,granted_at,last_seen_at,ended_at,removed_at,deleted_at,used_at,"
    "set_at,edited_at,invited_at,accepted_at,revoked_at,invitation_id,asked_at,decided_at,assignment_id,token,saved_at,"
    "script_id,deployment_id,request_id,person_id,written_at}"
)
ENDS_LATER = {"accounts_invitation": "{expires_at}", "accounts_impersonation": "{expires_at,started_at}"}
ENDS_LATER["accounts_identityprovider"] = "{key}"
ENDS_LATER["agents_run"] = "{finished_at}"
ENDS_LATER["agents_enrolment"] = "{made_at,expires_at,token_hash}"
ENDS_LATER["maintenance_maintenancesession"] = "{due_at,finished_at}"
ENDS_LATER["maintenance_stage"] = "{session_id,finished_at}"
ENDS_LATER["schedules_schedulerun"] = "{started_at}"
ENDS_LATER |= dict.fromkeys(("rbac_licenseshare", "rbac_scriptshare", "rbac_softwareshare"), "{shared_at}")
"""When these end hangs on when they began; some draw a key."""
SEALED = {
    (model._meta.db_table, field.column)
    for model in apps.get_models()
    for field in model._meta.get_fields()
    if isinstance(field, SealedField)
}
"""What is sealed twice differs each time."""


def state() -> dict[str, list[str]]:
    """All rows, without their numbers, instants and secrets."""
    kept = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith(tuple(f"{label}_" for label in LABELS)) and table not in UNCOUNTED:
                sealed = ",".join(column for of, column in SEALED if of == table)
                without = f"'{VOLATILE}'::text[] - '{ENDS_LATER.get(table, '{}')}'::text[] - '{{{sealed}}}'::text[]"
                cursor.execute(f"SELECT (to_jsonb(row) - {without})::text FROM {table} AS row ORDER BY 1")
                kept[table] = [text for (text,) in cursor.fetchall()]
    return kept


UNCOUNTED = ("rbac_auditentry", "accounts_passwordlink")


def test_what_a_form_does_not_ask_for_is_not_taken(world, acts):
    """Safety 15: tenant and owner come from the address, and fields are those of the form."""
    client, odd = owner(), []
    foreign = {name: world.there.objects[model].pk for model, names in FOREIGN.items() for name in names}
    for visit in acts:
        with undone():
            renew(world)
            address, data = address_of(visit, world, world.here), visit.data(world, world.here)
            with undone():
                drawn = client.get(address) if visit.container else client.post(address, {**data, "reason": ""})
                own = {name for form in forms_of(drawn) for name in form.fields} if drawn.context else set()
            if visit.name == "accounts:user-leave":
                data |= {"expected": drawn.context["preview"].expected}  # what its page carries
            extra = {name: value for name, value in {**EXTRA, **foreign}.items() if name not in {*own, *data}}
            states = []
            for said in (data, data | extra):
                with undone():
                    answer = client.post(address, said)
                    states.append((answer.status_code < 400, state()))
        odd += [f"{visit.name}: {unlike(*states)}"] if states[0] != states[1] or not states[0][0] else []
    assert odd == []


def unlike(one: tuple[bool, dict[str, list[str]]], other: tuple[bool, dict[str, list[str]]]) -> str:
    """Which of the two was done, and the rows in which they differ."""
    rows = {text for table in one[1] for text in {*one[1][table]} ^ {*other[1][table]}}
    return f"done {one[0]}, {other[0]}; {sorted(rows)}"
