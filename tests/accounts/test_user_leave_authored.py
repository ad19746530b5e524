"""Somebody leaves by whose right deployments and schedules happen: these go to who may save them, or rest."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.accounts.test_user_leave import Desk, leave, page
from tests.deployments.factories import (
    ChangeRequestFactory,
    CrossTenantDeploymentFactory,
    TenantDeploymentFactory,
)
from tests.factories import AccessRequestFactory, ComputerFactory
from tests.grants import grant
from tests.people import give, person
from tests.schedules.factories import ScheduleFactory

pytestmark = pytest.mark.django_db


class Author(Desk):
    """Dana saved a deployment of Fabrikam, one of Contoso and its customers, and a schedule of Fabrikam."""

    def __init__(self) -> None:
        super().__init__()
        self.near = TenantDeploymentFactory(name="Backup", tenant=self.fabrikam, saved_by=self.dana)
        self.wide = CrossTenantDeploymentFactory(name="Office", tenant=self.contoso, target="msp", saved_by=self.dana)
        self.nightly = ScheduleFactory(name="Servers at night", tenant=self.fabrikam, saved_by=self.dana)

    @property
    def things(self):
        return self.near, self.wide, self.nightly

    def to(self, heir) -> dict[str, int]:
        return dict.fromkeys(
            (f"deployment-{self.near.pk}", f"deployment-{self.wide.pk}", f"schedule-{self.nightly.pk}"), heir.pk
        )

    def anew(self) -> list[tuple[object, bool]]:
        for thing in self.things:
            thing.refresh_from_db()
        return [(thing.saved_by, thing.is_enabled) for thing in self.things]


START = Author


@pytest.fixture
def author(start: Author) -> Author:
    return start


def test_the_page_says_what_happens_by_their_right(client, author):
    client.force_login(author.marcus)
    content = client.get(page(author.dana)).content.decode()
    for words in ("Backup", "Office", "all computers of Contoso MSP and its customers", "Servers at night"):
        assert words in content


def test_what_nobody_takes_over_rests_and_the_receipt_says_so(client, author):
    client.force_login(author.marcus)
    receipt = client.get(leave(client, author.dana)["Location"]).content.decode()
    assert author.anew() == [(author.dana, False)] * 3
    assert author.nightly.next_run_at is None
    for words in ("Deployment Office", "Schedule Servers at night", "Nobody: it is paused", "Nobody: it is disabled"):
        assert words in receipt
    entry = AuditEntry.objects.latest("pk")
    assert [each["name"] for each in entry.before["schedules"]] == ["Servers at night"]


def test_it_goes_to_who_may_have_it_happen(client, author):
    give(author.max, "msp_administrator", scope="owner")
    client.force_login(author.marcus)
    receipt = client.get(leave(client, author.dana, **author.to(author.max))["Location"]).content.decode()
    assert author.anew() == [(author.max, True)] * 3
    assert "Nobody: it is" not in receipt
    entry = AuditEntry.objects.latest("pk")
    assert [each["name"] for each in entry.after["tenant_deployments"]] == ["Backup"]


def test_it_goes_to_nobody_who_could_not_save_it(client, author):
    """Max holds nothing; what keeps him from it stands beside each."""
    client.force_login(author.marcus)
    answer = leave(client, author.dana, **author.to(author.max))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors.keys() == author.to(author.max).keys()
    assert "Max Lindqvist may not have it happen. This takes Manage Schedules" in str(errors)
    assert author.anew() == [(author.dana, True)] * 3


def test_nobody_has_more_happen_by_a_successor_than_by_themselves(client, author):
    """Olivia sends people home; handing the schedule over takes that she could save it."""
    give(author.max, "msp_administrator", scope="owner")
    grant(author.olivia, Permission.USERS_MANAGE, scope="owner")
    taken = {f"schedule-{author.nightly.pk}": author.max.pk}
    client.force_login(author.olivia)
    assert "schedule-" not in client.get(page(author.dana)).content.decode()
    grant(author.olivia, Permission.SCHEDULES_VIEW, scope="owner")
    answer = leave(client, author.dana, **taken)
    assert "You may not have it happen. This takes Manage Schedules" in str(answer.context["form"].errors)
    grant(author.olivia, Permission.SCHEDULES_MANAGE, Permission.SESSIONS_RUN, scope="tenant", tenant=author.fabrikam)
    assert leave(client, author.dana, **taken).status_code == 302


def test_a_successor_who_sees_more_is_none(client, author):
    ComputerFactory(tenant=author.fabrikam, type="server")
    give(author.max, "msp_administrator", scope="owner")
    for permission, more in (
        (Permission.USERS_MANAGE, {}),
        (Permission.SCHEDULES_MANAGE, {}),
        (Permission.SESSIONS_RUN, {"computer_scope": "type", "computer_type": "domain_controllers"}),
    ):
        grant(author.olivia, permission, scope="owner", **more)
    ComputerFactory(tenant=author.fabrikam, type="domain_controller")
    client.force_login(author.olivia)
    answer = leave(client, author.dana, **{f"schedule-{author.nightly.pk}": author.max.pk})
    assert "would reach more with it than you" in str(answer.context["form"].errors)


def test_what_its_reader_does_not_see_is_named_to_nobody(client, author):
    """Nora manages people at Contoso and sees neither deployments nor schedules, which rest all the same."""
    nora = person("Nora Near", author.contoso)
    give(nora, "msp_administrator", scope="owner")
    client.force_login(nora)
    receipt = leave(client, author.dana)["Location"]
    reader = person("Rea Reader", author.contoso)
    grant(reader, Permission.USERS_VIEW, scope="msp", tenant=author.contoso)
    client.force_login(reader)
    content = client.get(receipt).content.decode()
    for words in ("Backup", "Office", "Servers at night"):
        assert words not in content
    assert "Further access outside your view" in content


def test_requests_that_wait_are_named(client, author):
    ChangeRequestFactory(name="Office, everywhere", tenant=author.contoso, asked_by=author.dana)
    AccessRequestFactory(user=author.dana)
    client.force_login(author.marcus)
    content = client.get(page(author.dana)).content.decode()
    assert "Office, everywhere" in content
    assert "asked for access" in content


def test_the_page_asks_as_often_whatever_they_answer_for(client, author):
    client.force_login(author.marcus)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(author.dana)).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _ in range(4):
        CrossTenantDeploymentFactory(tenant=author.contoso, target="msp", saved_by=author.dana)
        ScheduleFactory(tenant=author.fabrikam, saved_by=author.dana)
    assert queries() == few
