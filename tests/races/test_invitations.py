"""An invitation that is accepted while something else happens to it (issue 4, pair races)."""

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import Invitation, User
from rbac import invitation_services
from rbac.audit import SYSTEM, Actor
from rbac.invitation_services import accept_invitation
from rbac.models import PendingAssignment, Role, RoleAssignment
from rbac.services import end_assignments
from tests import factories
from tests.races.racer import RACES, Racer

pytestmark = pytest.mark.django_db(transaction=True)


class Scene:
    """Olga owns the instance. In each race Ines, who administers Fabrikam, has invited somebody."""

    def __init__(self) -> None:
        self.msp = factories.MspFactory()
        self.tenant = factories.TenantFactory(parent=self.msp)
        self.role = {
            key: Role.objects.get(key=key) for key in ("msp_administrator", "tenant_administrator", "tenant_user")
        }
        self.olga = factories.UserFactory(tenant=self.msp)
        factories.RoleAssignmentFactory(user=self.olga, role=self.role["msp_administrator"], scope="owner")

    def senders(self, count: int) -> list[tuple[User, RoleAssignment]]:
        people = User.objects.bulk_create(factories.UserFactory.build_batch(count, tenant=self.tenant))
        given = {"role": self.role["tenant_administrator"], "scope": "own_tenant"}
        rows = [factories.RoleAssignmentFactory.build(user=ines, **given) for ines in people]
        return list(zip(people, RoleAssignment.objects.bulk_create(rows), strict=True))

    def invitations(self, senders: list[User]) -> list[Invitation]:
        """One by each of them, of which the newcomer gets a role; all at once, since a race is short."""
        rows = [factories.InvitationFactory.build(tenant=self.tenant, invited_by=ines) for ines in senders]
        found = Invitation.objects.bulk_create(rows)
        given = {"role": self.role["tenant_user"], "scope": "own_tenant"}
        PendingAssignment.objects.bulk_create(PendingAssignment(invitation=each, **given) for each in found)
        return found


@pytest.fixture
def scene(monkeypatch) -> Scene:
    """Hashing happens before the race, and is no part of it."""
    hashed = make_password("a password that is long enough")
    monkeypatch.setattr(invitation_services, "make_password", lambda _: hashed)
    return Scene()


def accepting(invitation: Invitation) -> Callable[[], object]:
    return lambda: accept_invitation(actor=SYSTEM, invitation=invitation, name="New", password="")


def demoting(scene: Scene, row: RoleAssignment) -> Callable[[], object]:
    return lambda: end_assignments(actor=Actor(scene.olga), assignments=[row.pk], reason="race")


def test_of_two_who_accept_one_does(scene):
    ((sender, _),) = scene.senders(1)
    with Racer() as racer:
        for invitation in scene.invitations([sender] * RACES):
            assert sorted(racer.race(accepting(invitation), accepting(invitation))) == ["accepted", "done"]
            assert RoleAssignment.objects.filter(user__email=invitation.email).count() == 1


def test_nothing_is_given_by_somebody_who_was_demoted_before(scene):
    ended, senders = {"done": 0, "refused": 0}, scene.senders(RACES)
    invitations = scene.invitations([sender for sender, _ in senders])
    with Racer() as racer:
        for (_, row), invitation in zip(senders, invitations, strict=True):
            accepted, demoted = racer.race(accepting(invitation), demoting(scene, row))
            assert (accepted in ended, demoted) == (True, "done"), (accepted, demoted)
            ended[accepted] += 1
            given = RoleAssignment.objects.filter(user__email=invitation.email).first()
            row.refresh_from_db()
            assert (given is not None) == (accepted == "done")
            assert given is None or given.granted_at <= row.ended_at
    print(f"{ended} of {RACES} acceptances beside a demotion")  # noqa: T201  pytest -rP shows how even the race is
