"""What an entry tells of people is what became different for them, worked out anew from all that reached anybody.

Of the acts that write assignments, memberships and roles; what moves things under them has tests of its own.
"""

import pytest
from django.utils import timezone

from accounts import group_services
from accounts.models import User
from rbac import invitation_services, request_services, role_services
from rbac import services as access_services
from rbac.audit import Actor
from rbac.legacy import services as legacy
from rbac.models import AuditEntry
from rbac.outcomes import Outcome
from rbac.power import Reach, difference, reaches_of
from rbac.regions import Estate
from tests.acts.case import Case
from tests.acts.stage import Stage
from tests.acts.table import CASES

pytestmark = pytest.mark.django_db

START = Stage

TELLING = {
    access_services.grant_assignment,
    access_services.end_assignments,
    group_services.add_member,
    group_services.end_memberships,
    request_services.approve_request,
    invitation_services.accept_invitation,
    legacy.import_people,
    role_services.edit_role,
    role_services.restore_role_version,
}

OWN_TERMS = {role_services.edit_role, role_services.restore_role_version}
"""These count tenants and computers of what flows now."""


@pytest.fixture
def stage(start: Stage) -> Stage:
    return start


def power() -> list[Reach]:
    return reaches_of(User.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("case", [case for case in CASES if case.service in TELLING], ids=str)
def test_an_entry_tells_what_became_different_for_people(case: Case, stage):
    actor, arguments = stage.actor(*case.needs, everywhere=case.everywhere), case.call(stage)
    before, known = power(), list(AuditEntry.objects.values_list("pk", flat=True))
    case.service(actor=Actor(actor), **arguments)
    happened = Outcome.of(difference(before, power(), timezone.now(), Estate()))
    entry = AuditEntry.objects.exclude(pk__in=known).get()
    told, expected = entry.after, happened.told(None)
    assert happened.people
    assert {side: told["ripple"][side] for side in ("gained", "lost")} == {
        side: expected["ripple"][side] for side in ("gained", "lost")
    }
    assert sorted(each["id"] for each in told["reached"]) == sorted(happened.people)
    if case.service not in OWN_TERMS:
        standing = happened.told(entry.tenant_id)["ripple"]
        for number in ("tenants", "computers"):
            assert told["ripple"][number] == standing[number]
