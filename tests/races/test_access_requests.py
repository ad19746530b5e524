"""A request for access that two people answer at once (issue 4, pair races)."""

from collections.abc import Callable

import pytest

from accounts.models import AccessRequest, User
from rbac.audit import Actor
from rbac.models import AuditEntry, Effect, Role, RoleAssignment
from rbac.request_services import approve_request, turn_down_request
from tests import factories
from tests.races.racer import RACES, Racer

pytestmark = pytest.mark.django_db(transaction=True)

SITE = "https://immyrbac.test"


class Scene:
    """Olga and Oscar own the instance; people of Fabrikam ask."""

    def __init__(self) -> None:
        msp = factories.MspFactory()
        self.tenant = factories.TenantFactory(parent=msp)
        self.olga, self.oscar = factories.UserFactory.create_batch(2, tenant=msp)
        for owner in (self.olga, self.oscar):
            factories.RoleAssignmentFactory(user=owner, role=Role.objects.get(key="msp_administrator"), scope="owner")
        self.role = Role.objects.get(key="tenant_user")

    def requests(self) -> list[AccessRequest]:
        """All at once, since a race is short."""
        people = User.objects.bulk_create(factories.UserFactory.build_batch(RACES, tenant=self.tenant))
        return AccessRequest.objects.bulk_create(factories.AccessRequestFactory.build(user=user) for user in people)

    def approving(self, who: User, asked: AccessRequest) -> Callable[[], object]:
        draft = RoleAssignment(role=self.role, effect=Effect.ALLOW, scope="own_tenant", reason="race")
        return lambda: approve_request(actor=Actor(who), asked=asked, draft=draft, site=SITE)

    def refusing(self, who: User, asked: AccessRequest) -> Callable[[], object]:
        return lambda: turn_down_request(actor=Actor(who), asked=asked, reason="race", site=SITE)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_of_two_who_approve_one_does_and_the_other_is_told(scene):
    with Racer() as racer:
        for asked in scene.requests():
            ends = racer.race(scene.approving(scene.olga, asked), scene.approving(scene.oscar, asked))
            assert sorted(ends) == ["done", "told"]
            asked.refresh_from_db()
            given = RoleAssignment.objects.get(user=asked.user_id)
            assert (asked.assignment_id, asked.decided_by_id) == (given.pk, given.granted_by_id)
    assert AuditEntry.objects.filter(action="access_request.approved").count() == RACES


def test_of_one_who_approves_and_one_who_refuses_one_does(scene):
    first = {"approved": 0, "refused": 0}
    with Racer() as racer:
        for asked in scene.requests():
            approved, refused = racer.race(scene.approving(scene.olga, asked), scene.refusing(scene.oscar, asked))
            assert sorted((approved, refused)) == ["done", "told"]
            first["approved" if approved == "done" else "refused"] += 1
            asked.refresh_from_db()
            is_given = RoleAssignment.objects.filter(user=asked.user_id).exists()
            assert (is_given, asked.refusal) == ((True, "") if approved == "done" else (False, "race"))
    print(f"{first} of {RACES} came first")  # noqa: T201  pytest -rP shows how even the race is
