"""Who holds great power: each person once, with what counts of their roles."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests import factories
from tests.grants import grant
from tests.people import give, give_group
from tests.reports.shown import as_csv, charts, figures, numbers, report
from tests.reports.test_reports import signed_in, story  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
TERMINAL = Permission.COMPUTERS_USE_TERMINAL.label


def overview(signed_in, user, **more):  # noqa: F811  the fixture
    return report(signed_in(user), "access", whole=more.pop("whole", True), **more)


def test_each_person_counts_once_however_often_they_have_it(story, signed_in):  # noqa: F811
    before = numbers(overview(signed_in, story.marcus), "by-power")[TERMINAL]
    give(story.grace, "computer_terminal_user", scope="own_tenant")
    give(story.grace, "computer_terminal_user", scope="tenant", tenant=story.fabrikam)
    group = factories.GroupFactory(tenant=story.fabrikam)
    factories.GroupMembershipFactory(group=group, user=story.grace)
    give_group(group, "computer_terminal_user", scope="tenant", tenant=story.fabrikam)
    assert numbers(overview(signed_in, story.marcus), "by-power")[TERMINAL] == before + 1


def test_what_is_inert_ended_expired_denied_or_to_come_does_not_count(story, signed_in):  # noqa: F811
    before = figures(overview(signed_in, story.marcus))
    for user in (story.grace, story.rosa):
        grant(user, Permission.PREFERENCES_MANAGE_SYSTEM, scope="tenant", tenant=story.fabrikam)  # inert there
        grant(user, Permission.PREFERENCES_MANAGE_SYSTEM, scope="owner")  # for users of an MSP alone
        grant(user, Permission.SCRIPTS_MANAGE, scope="owner", computer_scope="type", computer_type="servers")  # inert
    past, soon = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    give(story.grace, "computer_terminal_user", scope="own_tenant", expires_at=past)
    give(story.grace, "computer_terminal_user", scope="tenant", tenant=story.fabrikam, starts_at=soon)
    give(story.grace, "computer_terminal_user", scope="own_tenant", effect="deny")
    assert figures(overview(signed_in, story.marcus)) == before


def test_what_a_switch_suspends_counts_for_those_who_keep_it_alone(story, signed_in):  # noqa: F811
    give(story.grace, "computer_terminal_user", scope="own_tenant")
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    answer = overview(signed_in, story.marcus)
    assert numbers(answer, "by-power")[TERMINAL] == 2  # Marcus and Grace; not the MSP users
    assert "MSP User" not in numbers(answer, "by-role")


def test_no_end_and_idle_stand_beside_the_people(story, signed_in):  # noqa: F811
    User.objects.filter(pk=story.dana.pk).update(last_seen_at=timezone.now() - timedelta(days=91))
    User.objects.filter(pk=story.olivia.pk).update(last_seen_at=timezone.now())
    give(story.grace, "computer_terminal_user", scope="own_tenant", expires_at=timezone.now() + timedelta(days=1))
    bar = next(bar for bar in charts(overview(signed_in, story.marcus))["by-power"].bars if bar.label == TERMINAL)
    assert (bar.value, bar.more) == (
        4,
        (3, 2),
    )  # of Marcus, Dana, Olivia and Grace: Grace’s ends, Dana and Grace were not there


def test_a_tenant_administrator_counts_their_own_people(story, signed_in):  # noqa: F811
    give(story.grace, "computer_terminal_user", scope="own_tenant")
    answer = overview(signed_in, story.rosa, whole=False)
    assert figures(answer)["People with great power"] == 1
    assert numbers(answer, "by-reach") == {"Their own tenant": 1}
    assert not {"Marcus", "Dana"} & set(answer.content.decode().split())


def test_whoever_may_see_people_and_no_roles_is_told_so(story, signed_in):  # noqa: F811
    reader = factories.UserFactory(tenant=story.contoso)
    for permission in (Permission.USERS_VIEW, Permission.REPORTS_VIEW):
        grant(reader, permission, scope="owner")
    said = overview(signed_in, reader, whole=False).content.decode()
    assert "you do not hold View Roles" in said
    assert "Marcus" not in said


def test_the_download_names_each_with_what_gives_it(story, signed_in):  # noqa: F811
    group = factories.GroupFactory(name="Night shift", tenant=story.fabrikam)
    factories.GroupMembershipFactory(group=group, user=story.grace)
    give_group(group, "computer_terminal_user", scope="tenant", tenant=story.fabrikam)
    lines = as_csv(signed_in(story.hugo), "access", whole=True)
    assert [line[0] for line in lines[1:]] == ["Dana Whitfield", "Grace Kim", "Marcus Oyelaran", "Olivia Novak"]
    grace = dict(zip(lines[0], lines[2], strict=True))
    assert (grace["Great power"], grace["Through"]) == ("Use Computer Terminal and Run Scripts", "Night shift")
    assert grace["Role"] == "Computer Terminal User"
