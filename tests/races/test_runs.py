"""Two polls that find the same run, and a run that is picked up while the right to it ends (issue 5, item 5)."""

import pytest

from computers.agents.models import Agent, Run
from computers.agents.traffic import next_run
from rbac.audit import SYSTEM
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from rbac.services import end_assignments
from tests import factories
from tests.grants import grant
from tests.races.racer import Racer

pytestmark = pytest.mark.django_db(transaction=True)

RACES = 30
NONCE = "0123456789abcdef"


class Scene:
    """An agent on a computer, and people who may run things there."""

    def __init__(self) -> None:
        msp = factories.MspFactory()
        self.tenant = factories.TenantFactory(parent=msp)
        self.computer = factories.ComputerFactory(tenant=self.tenant)
        self.agent: Agent = factories.AgentFactory(computer=self.computer)
        self.user = factories.UserFactory(tenant=msp)
        owner = factories.UserFactory(tenant=msp)
        factories.RoleAssignmentFactory(user=owner, role__permissions=sorted(Permission))

    def may(self) -> RoleAssignment:
        wanted = (Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN)
        return grant(self.user, *wanted, scope="tenant", tenant=self.tenant)

    def waiting(self) -> Run:
        Run.objects.filter(state="queued").update(state="refused")
        return factories.RunFactory(computer=self.computer, asked_by=self.user)


def test_of_two_polls_one_gets_the_run():
    scene, got = Scene(), []
    scene.may()

    def poll() -> None:
        if found := next_run(scene.agent, NONCE):
            got.append(found)

    with Racer() as racer:
        for _ in range(RACES):
            run = scene.waiting()
            got.clear()
            assert racer.race(poll, poll) == ["done", "done"]
            assert len(got) == 1
            assert AuditEntry.objects.filter(action="run.sent", target_id=run.pk).count() == 1


def test_a_run_is_picked_up_before_the_right_ends_or_never():
    scene, ends, got = Scene(), {"sent": 0, "refused": 0}, []

    def poll() -> None:
        if found := next_run(scene.agent, NONCE):
            got.append(found)

    with Racer() as racer:
        for _ in range(RACES):
            row, run = scene.may(), scene.waiting()
            got.clear()
            end = lambda row=row: end_assignments(actor=SYSTEM, assignments=[row.pk], reason="race")  # noqa: E731  one line
            assert racer.race(poll, end) == ["done", "done"]
            run.refresh_from_db()
            row.refresh_from_db()
            ends[run.state] += 1
            assert (run.state == "sent") == bool(got)
            assert run.state == "refused" or run.sent_at <= row.ended_at
    print(f"{ends} of {RACES}")  # noqa: T201  pytest -rP shows how even the race is
