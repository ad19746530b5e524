"""Every service, for whoever lacks one thing: refused and told in the log each time; allowed to who lacks nothing.

The services are found in the code; one that does not stand in the table fails the build (design 6, safety 25).
"""

import pytest

from accounts.models import User
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import AuditEntry
from rbac.permissions import closure
from tenancy.models import Tenant
from tests.acts.case import Arguments, Case
from tests.acts.services import INSIDE, called, elsewhere, public, services, takes_actor
from tests.acts.stage import Stage
from tests.acts.table import CASES
from tests.grants import deny

pytestmark = pytest.mark.django_db

START = Stage

WRITES = {"save", "create", "bulk_create", "update", "update_or_create", "get_or_create", "delete", "record"}

NO = "takes|no longer there|not yours to see"
LACKING = {
    "the permission": NO,
    "the tenant": NO,
    "time": "no later|that you do not hold",
    "it by a deny": NO,
    "the person's power": "that you do not hold",
    "a second person": "your own access|that you do not hold",
}
"""What the actor lacks, and what the refusal says."""


def lackings(case: Case) -> list[str]:
    return [
        *("the permission", "the tenant", "it by a deny"),
        *(["time"] if case.time else []),
        *(["the person's power"] if case.person else []),
        *(["a second person"] if case.own else []),
    ]


SPOTS = [
    pytest.param(case, *lack, id=f"{case} lacking {lack[1]} at {lack[0]}") for case in CASES for lack in case.denials()
]
REFUSED = [pytest.param(case, lack, id=f"{case} lacking {lack}") for case in CASES for lack in lackings(case)]


def actor_lacking(lack: str, case: Case, stage: Stage) -> User:
    asked, needs = case.needs[0], case.needs
    if lack == "the permission":
        needs = tuple(each for each in needs if asked not in closure([each]))
    bounds = {"expires_at": stage.soon()} if lack == "time" else {}
    if lack == "the tenant":
        return stage.actor(*needs, tenant=stage.tailspin)
    actor = stage.actor(*needs, everywhere=case.everywhere, **bounds)
    if lack == "it by a deny":
        stage.deny(actor, asked, everywhere=case.everywhere)
    return actor


@pytest.fixture
def stage(start: Stage) -> Stage:
    return start


@pytest.mark.parametrize(("case", "lack"), REFUSED)
def test_whoever_lacks_one_thing_is_refused(case, lack, stage):
    actor, arguments = actor_lacking(lack, case, stage), case.call(stage)
    if lack == "the person's power" and case.person:
        stage.make_stronger(case.person(stage))
    if lack == "a second person" and case.own:
        arguments |= case.own(stage, actor)
    is_refused(case, actor, arguments, LACKING[lack])


def is_refused(case: Case, actor: User, arguments: Arguments, match: str) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(Refused, match=match):
        case.service(actor=Actor(actor), **arguments)
    assert AuditEntry.objects.count() == before + 1
    assert AuditEntry.objects.latest("pk").action.endswith(".refused")


@pytest.mark.parametrize(("case", "tenant", "permission"), SPOTS)
def test_whoever_lacks_one_tenant_of_the_scope_is_refused(case, tenant, permission, stage):
    """With all else, and there as well: the tenants beside it, above it and below it are theirs."""
    actor, arguments = stage.actor(*case.needs, everywhere=case.everywhere), case.call(stage)
    deny(actor, permission, scope="tenant", tenant=Tenant.objects.get(name=tenant))
    is_refused(case, actor, arguments, f"{NO}|do not hold|takes access|may not give")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_whoever_lacks_nothing_is_allowed(case, stage):
    actor, arguments = stage.actor(*case.needs, everywhere=case.everywhere), case.call(stage)
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    case.service(actor=Actor(actor), **arguments)
    entry = AuditEntry.objects.exclude(pk__in=before).get()
    assert (entry.actor, entry.action.endswith(".refused")) == (case.doer(entry, actor), False)


def test_every_service_stands_in_the_table():
    assert {case.service for case in CASES} == set(services().values())


def test_every_case_says_which_tenants_it_reaches():
    assert [str(case) for case in CASES if not case.spots] == []


GATES = {"act", "making", "changing", "acting_on"}
"""The gate, and what computers.library and computers.people_services put round it."""


def test_every_service_has_a_gate_of_its_own():
    assert [name for name, each in services().items() if not GATES & called(each)] == []


UNTOLD = {
    "accounts.links.create_link",  # the bare write of a service, which tells it
    "accounts.saved_views.save_view",  # an address under a name carries no access
    "accounts.saved_views.edit_view",
    "accounts.saved_views.delete_view",
}


def test_whatever_else_is_done_by_somebody_is_told():
    """A service that hides in a module of another name is found as well."""
    assert {name for name, each in elsewhere().items() if "record" not in called(each)} == UNTOLD


def test_what_takes_no_actor_writes_nothing():
    asks = {name: each for name, each in public().items() if not takes_actor(each) and name not in INSIDE}
    assert {name for name, each in asks.items() if called(each) & WRITES} == set()
