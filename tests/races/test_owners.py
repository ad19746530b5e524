"""Two owners who end each other at once: one remains, and the other is told no (design 6, rule 6)."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import Role, RoleAssignment
from rbac.owners import usable_owners
from rbac.services import end_assignments
from tests import factories

RACES = 200

pytestmark = pytest.mark.django_db(transaction=True)


def owner(msp) -> tuple[User, RoleAssignment]:
    user = factories.UserFactory(tenant=msp)
    return user, factories.RoleAssignmentFactory(
        user=user, role=Role.objects.get(key="msp_administrator"), scope="owner"
    )


def end(actor: User, row: RoleAssignment, ready: threading.Barrier, outcomes: list[str]) -> None:
    try:
        ready.wait()
        end_assignments(actor=Actor(actor), assignments=[row.pk], reason="race")
        outcomes.append("ended")
    except Refused:
        outcomes.append("refused")
    except Exception as error:  # noqa: BLE001  any other end is what this test is looking for
        outcomes.append(repr(error))
    finally:
        connection.close()


def test_one_owner_remains():
    msp = factories.MspFactory()
    for _ in range(RACES):
        (one, ones), (other, others) = owner(msp), owner(msp)
        ready, outcomes = threading.Barrier(2), []
        threads = [
            threading.Thread(target=end, args=(one, others, ready, outcomes)),
            threading.Thread(target=end, args=(other, ones, ready, outcomes)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["ended", "refused"]
        assert usable_owners().count() == 1
        RoleAssignment.objects.unended().update(ended_at="2026-01-01T00:00Z", end_reason="next race")
