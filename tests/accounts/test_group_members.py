"""Who is in a group, through its pages: what is shown, who comes in and goes, and what is said before."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import GroupMembership
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.factories import ComputerFactory, GroupFactory, GroupMembershipFactory
from tests.grants import deny, end, grant
from tests.outcomes import mark_of
from tests.people import give, give_group, person, size
from tests.rbac.editor import HTMX


def page(group) -> str:
    return reverse("accounts:group-detail", args=[group.pk])


def adding(group) -> str:
    return reverse("accounts:membership-create", args=[group.pk])


def add(client, group, user, **more):
    """As who has read what it does."""
    seen = client.get(adding(group), {"user": user.pk, **more}, headers=HTMX)
    return client.post(adding(group), {"user": user.pk, "shown": mark_of(seen), **more})


def remove(client, group, *users, **more):
    memberships = GroupMembership.objects.unended().filter(group=group, user__in=users)
    ids = [membership.pk for membership in memberships]
    address = reverse("accounts:membership-end", args=[group.pk])
    seen = mark_of(client.post(address, {"ids": ids}))
    return client.post(address, {"ids": ids, "confirmed": "1", "reason": "Left the team", "shown": seen, **more})


def inside(group) -> set[str]:
    return {row.user.name for row in GroupMembership.objects.live().filter(group=group).select_related("user")}


def lines(answer) -> dict[str, str]:
    return {line.text: line.second for line in answer.context["effects"]}


def members(client, group, **query) -> dict[str, str]:
    answer = client.get(page(group), query)
    assert answer.status_code == 200, answer.content
    return {row.membership.user.name: row.status.words for row in answer.context["rows"]}


# Read


def test_members_say_how_they_stand_since_when_until_when_and_by_whom(client, people):
    soon, past = timezone.now() + timedelta(days=3, hours=1), timezone.now() - timedelta(days=2)
    GroupMembershipFactory(group=people.desk, user=people.olivia, added_by=people.marcus, expires_at=soon)
    GroupMembershipFactory(group=people.desk, user=people.sam, expires_at=past)
    GroupMembershipFactory(group=people.desk, user=people.marcus, ended_at=past)
    client.force_login(people.marcus)
    assert members(client, people.desk) == {"Dana Whitfield": "Member", "Olivia Novak": "Ends in 3 days"}
    assert members(client, people.desk, status="soon") == {"Olivia Novak": "Ends in 3 days"}
    assert members(client, people.desk, status="over") == {"Marcus Oyelaran": "Ended", "Sam Okafor": "Expired"}
    assert members(client, people.desk, q="olivia@") == {"Olivia Novak": "Ends in 3 days"}
    assert list(members(client, people.desk, sort="until")) == ["Olivia Novak", "Dana Whitfield"]
    people.dana.is_active = False
    people.dana.save(update_fields=["is_active"])
    assert members(client, people.desk)["Dana Whitfield"] == "Disabled"


def test_members_outside_the_readers_view_are_one_line_without_a_count(client, people):
    GroupMembershipFactory(group=people.desk, user=people.sam, added_by=people.marcus)
    client.force_login(people.sam)
    grant(people.sam, Permission.GROUPS_VIEW, scope="tenant", tenant=people.contoso)
    deny(people.sam, Permission.USERS_VIEW, scope="tenant", tenant=people.contoso)
    grant(people.sam, Permission.USERS_VIEW, scope="own_tenant")
    shown = client.get(page(people.desk))
    assert [row.membership.user for row in shown.context["rows"]] == [people.sam]
    assert (shown.context["rows"][0].added_by, shown.context["rows"][0].opens) == ("Marcus Oyelaran", False)
    assert "Further members outside your view" in shown.content.decode()
    assert "Dana" not in shown.content.decode()


def test_acts_are_absent_for_who_may_not_do_them(client, people):
    client.force_login(people.sam)
    given = grant(people.sam, Permission.GROUPS_VIEW)
    shown = client.get(page(people.desk)).content.decode()
    for words in ("Add member", "Edit", "Delete…", "Remove…", ">History<"):
        assert words not in shown
    assert add(client, people.desk, people.sam).status_code == 403
    assert remove(client, people.desk, people.dana).status_code == 403
    end(given)
    assert client.get(page(people.desk)).status_code == 404


def test_the_page_asks_as_often_whatever_the_number_of_members(client, people):
    client.force_login(people.marcus)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(people.desk)).status_code == 200
        return len(captured)

    queries()  # the first visit of a session writes
    few = queries()
    for number in range(5):
        GroupMembershipFactory(
            group=people.desk, user=person(f"Temp{number} Worker", people.fabrikam), added_by=people.dana
        )
    assert queries() == few


# Put in and taken out


def test_who_is_added_holds_what_the_group_holds_until_they_are_removed(client, people):
    theirs, computers = Client(), reverse("computers:computer-list")
    theirs.force_login(people.sam)
    ComputerFactory(name="FAB-1", tenant=people.fabrikam)
    give_group(people.desk, "tenant_user", scope="tenant", tenant=people.fabrikam)
    client.force_login(people.marcus)
    assert theirs.get(computers).status_code == 403
    answer = add(client, people.desk, people.sam, reason="Helps out")
    assert answer["Location"] == page(people.desk)
    assert "FAB-1" in theirs.get(computers).content.decode()
    assert remove(client, people.desk, people.sam)["Location"] == page(people.desk)
    assert theirs.get(computers).status_code == 403
    said = [(entry.action, entry.reason) for entry in AuditEntry.objects.order_by("-pk")[:2]]
    assert said == [("group.members_removed", "Left the team"), ("group.member_added", "Helps out")]


def test_an_end_arrives_and_passes(client, people):
    client.force_login(people.marcus)
    until = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    assert add(client, people.desk, people.sam, expires_at=until.isoformat()).status_code == 302
    assert GroupMembership.objects.get(group=people.desk, user=people.sam).expires_at == until
    answer = add(client, people.desk, people.olivia, expires_at="2020-01-01T00:00Z")
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["expires_at"])
    assert inside(people.desk) == {"Dana Whitfield", "Sam Okafor"}


def test_whose_time_was_over_may_come_again(client, people):
    GroupMembershipFactory(group=people.desk, user=people.sam, expires_at=timezone.now() - timedelta(days=1))
    client.force_login(people.marcus)
    assert add(client, people.desk, people.sam).status_code == 302
    assert inside(people.desk) == {"Dana Whitfield", "Sam Okafor"}


@pytest.mark.parametrize("who", ["theo", "dana", None])
def test_who_is_foreign_or_in_it_already_is_refused_like_who_is_missing(client, people, who):
    client.force_login(people.sam)
    grant(people.sam, Permission.GROUPS_MANAGE, scope="msp", tenant=people.contoso)
    pk = getattr(people, who).pk if who else 999_999
    answer = client.post(adding(people.desk), {"user": pk})
    assert (answer.status_code, dict(answer.context["form"].errors)) == (
        422,
        {"user": ["Select a valid choice. That choice is not one of the available choices."]},
    )
    assert inside(people.desk) == {"Dana Whitfield"}
    options = client.get(reverse("accounts:membership-pick", args=[people.desk.pk])).content.decode()
    assert "Olivia Novak" in options
    assert "Theo" not in options
    assert "Dana" not in options


def test_a_group_of_a_tenant_takes_its_people_alone_and_one_of_the_instance_anybody(client, people):
    client.force_login(people.marcus)
    litware, shared = GroupFactory(tenant=people.litware), GroupFactory()
    assert add(client, litware, people.dana).status_code == 422
    assert add(client, litware, people.sam).status_code == 302
    assert add(client, shared, people.theo).status_code == 302


@pytest.mark.parametrize("whose", ["theo", "sam", None])
def test_a_membership_of_another_group_is_stale_like_one_that_is_missing(client, people, whose):
    other = GroupFactory(tenant=people.tailspin if whose == "theo" else people.litware)
    pk = GroupMembershipFactory(group=other, user=getattr(people, whose)).pk if whose else 999_999
    client.force_login(people.marcus)
    said = {"ids": [pk], "confirmed": "1", "reason": "x"}
    answer = client.post(reverse("accounts:membership-end", args=[people.desk.pk]), said)
    assert answer.status_code == 409
    assert "This has changed since you looked" in answer.content.decode()
    assert whose is None or inside(other)


def test_several_are_removed_with_one_reason_or_nobody_is(client, people):
    GroupMembershipFactory(group=people.desk, user=people.sam)
    client.force_login(people.marcus)
    answer = remove(client, people.desk, people.sam, people.dana, reason="")
    assert answer.status_code == 422
    assert inside(people.desk) == {"Dana Whitfield", "Sam Okafor"}
    assert remove(client, people.desk, people.sam, people.dana).status_code == 302
    assert inside(people.desk) == set()


def test_all_that_match_are_removed(client, people):
    for number in range(3):
        GroupMembershipFactory(group=people.desk, user=person(f"Temp{number} Worker", people.fabrikam))
    client.force_login(people.marcus)
    said = {"all": "1", "filter": f"?tenant={people.fabrikam.pk}", "expected": "3", "confirmed": "1", "reason": "x"}
    address = reverse("accounts:membership-end", args=[people.desk.pk])
    assert client.post(address, said | {"expected": "2"}).status_code == 409
    assert client.post(address, said).status_code == 302
    assert inside(people.desk) == {"Dana Whitfield"}


# Said before


def test_the_preview_says_what_somebody_gains_and_changes_nothing(client, people):
    give_group(people.desk, "tenant_user", scope="tenant", tenant=people.fabrikam)
    client.force_login(people.marcus)
    silent = client.get(adding(people.desk), {"user": ""}, headers=HTMX)
    assert "Choose a person" in silent.content.decode()
    shown = client.get(adding(people.desk), {"user": people.sam.pk}, headers=HTMX)
    assert f"Gains {size('tenant_user')} permissions" in lines(shown)
    assert "You may add them" in lines(shown)
    give(people.sam, "tenant_user", scope="owner")
    shown = client.get(adding(people.desk), {"user": people.sam.pk}, headers=HTMX)
    assert "Everything is already held" in lines(shown)
    assert inside(people.desk) == {"Dana Whitfield"}
    empty = GroupFactory(tenant=people.litware)
    assert "The group holds nothing yet" in lines(client.get(adding(empty), {"user": people.sam.pk}, headers=HTMX))


def test_the_preview_says_what_a_deny_takes_and_leaving_gives_back(client, people):
    give(people.sam, "script_manager", scope="own_tenant")
    give_group(people.desk, "script_manager", scope="owner", effect="deny")
    client.force_login(people.marcus)
    assert "Sam loses 2 permissions" in lines(client.get(adding(people.desk), {"user": people.sam.pk}, headers=HTMX))
    add(client, people.desk, people.sam)
    said = {"ids": [GroupMembership.objects.live().get(group=people.desk, user=people.sam).pk]}
    asked = client.post(reverse("accounts:membership-end", args=[people.desk.pk]), said)
    assert lines(asked)["Sam Okafor"].startswith("Gains 2 permissions")
    assert "Sam Okafor" in inside(people.desk)


def test_the_question_before_a_removal_says_what_each_loses(client, people):
    GroupMembershipFactory(group=people.desk, user=people.sam)
    give_group(people.desk, "tenant_user", scope="tenant", tenant=people.fabrikam)
    give(people.dana, "tenant_user", scope="owner")
    client.force_login(people.marcus)
    ids = [row.pk for row in GroupMembership.objects.filter(group=people.desk)]
    asked = client.post(reverse("accounts:membership-end", args=[people.desk.pk]), {"ids": ids})
    assert lines(asked)["Sam Okafor"].startswith(f"Loses {size('tenant_user')} permissions")
    assert lines(asked)["Dana Whitfield"].startswith("Loses nothing")
    assert inside(people.desk) == {"Dana Whitfield", "Sam Okafor"}


def test_great_power_takes_the_persons_name(client, people):
    give_group(people.desk, "script_manager", scope="tenant", tenant=people.fabrikam)
    client.force_login(people.marcus)
    asked = add(client, people.desk, people.sam, reason="Helps")
    assert asked.status_code == 200
    assert "Give great power to Sam Okafor?" in asked.content.decode()
    assert inside(people.desk) == {"Dana Whitfield"}
    wrong = add(client, people.desk, people.sam, confirmation="Sam")
    assert (wrong.status_code, inside(people.desk)) == (422, {"Dana Whitfield"})
    repeated = dict(asked.context["repeated"])
    assert client.post(adding(people.desk), {**repeated, "confirmation": "sam okafor"}).status_code == 302
    assert inside(people.desk) == {"Dana Whitfield", "Sam Okafor"}


def told() -> dict:
    """What the last entry says of whom it reached."""
    after = AuditEntry.objects.latest("pk").after
    names = [each["name"] for each in after["reached"]]
    return {name: dict(after["ripple"][name]) for name in ("gained", "lost")} | {"names": names}


def test_the_entry_tells_what_was_shown_of_who_comes_and_goes(client, people):
    give_group(people.desk, "tenant_user", scope="tenant", tenant=people.fabrikam)
    client.force_login(people.marcus)
    shown = client.get(adding(people.desk), {"user": people.sam.pk}, headers=HTMX).context["preview"]
    assert add(client, people.desk, people.sam).status_code == 302
    assert told() == {"gained": {each.value: 1 for each in shown.gained}, "lost": {}, "names": ["Sam Okafor"]}
    assert remove(client, people.desk, people.sam).status_code == 302
    assert told() == {"gained": {}, "lost": {each.value: 1 for each in shown.gained}, "names": ["Sam Okafor"]}


def test_what_was_not_shown_is_not_done(client, people):
    give_group(people.desk, "tenant_user", scope="tenant", tenant=people.fabrikam)
    client.force_login(people.marcus)
    seen = mark_of(client.get(adding(people.desk), {"user": people.sam.pk}, headers=HTMX))
    give_group(people.desk, "tenant_user", scope="tenant", tenant=people.litware)
    for mark in ("", seen + "x"):
        answer = client.post(adding(people.desk), {"user": people.sam.pk, "shown": mark, "reason": "Helps"})
        assert answer.status_code == 422
        assert "was not shown yet, or has changed since" in answer.content.decode()
        assert answer.context["form"]["reason"].value() == "Helps"
        assert any(text.startswith("Gains ") for text in lines(answer))
    assert inside(people.desk) == {"Dana Whitfield"}
    assert remove(client, people.desk, people.dana, shown="").status_code == 422
    assert inside(people.desk) == {"Dana Whitfield"}
    assert client.post(adding(people.desk), {"user": people.sam.pk, "shown": mark_of(answer)}).status_code == 302


def test_great_power_that_a_leaving_gives_back_is_typed(client, people):
    give(people.dana, "script_manager", scope="owner")
    give_group(people.desk, "script_manager", scope="owner", effect="deny")
    client.force_login(people.marcus)
    assert "Type <b>Dana Whitfield</b> to confirm" in remove(client, people.desk, people.dana).content.decode()
    wrong = remove(client, people.desk, people.dana, confirmation="Sam")
    assert (wrong.status_code, inside(people.desk)) == (422, {"Dana Whitfield"})
    assert "This is not Dana Whitfield." in wrong.content.decode()
    assert remove(client, people.desk, people.dana, confirmation="dana whitfield").status_code == 302


def test_what_the_gate_refuses_is_said_before_and_refused_after(client, people):
    give_group(people.desk, "script_manager", scope="owner")
    client.force_login(people.sam)
    grant(people.sam, Permission.GROUPS_MANAGE, scope="msp", tenant=people.contoso)
    shown = client.get(adding(people.desk), {"user": people.olivia.pk}, headers=HTMX)
    assert "You may not add them" in lines(shown)
    assert 'class="btn primary"' not in shown.content.decode()
    assert add(client, people.desk, people.olivia).status_code == 403
    ids = [GroupMembership.objects.get(group=people.desk, user=people.dana).pk]
    asked = client.post(reverse("accounts:membership-end", args=[people.desk.pk]), {"ids": ids})
    assert "You may not remove them" in asked.content.decode()
    assert remove(client, people.desk, people.dana).status_code == 403
    assert inside(people.desk) == {"Dana Whitfield"}
    assert AuditEntry.objects.latest("pk").action == "group.refused"


def test_with_htmx_the_question_opens_in_the_dialog_and_the_editor_comes_back(client, people):
    give_group(people.desk, "script_manager", scope="owner")
    client.force_login(people.marcus)
    asked = client.post(adding(people.desk), {"user": people.sam.pk}, headers=HTMX)
    assert (asked["HX-Retarget"], asked["HX-Reswap"]) == ("#dialog", "innerHTML")
    invalid = client.post(adding(people.desk), {"user": ""}, headers=HTMX)
    assert (invalid.status_code, invalid["HX-Retarget"]) == (422, "#editor")


# Where it leads


def test_groups_and_people_lead_to_each_other(client, people):
    client.force_login(people.marcus)
    give_group(people.desk, "msp_user", scope="owner")
    assert page(people.desk) in client.get(reverse("accounts:user-group-list", args=[people.dana.pk])).content.decode()
    held = client.get(reverse("rbac:assignment-list", args=[people.dana.pk])).content.decode()
    assert reverse("rbac:group-assignment-list", args=[people.desk.pk]) in held
    assert reverse("accounts:user-detail", args=[people.dana.pk]) in client.get(page(people.desk)).content.decode()


def test_the_history_is_for_who_may_read_the_log(client, people):
    client.force_login(people.marcus)
    add(client, people.desk, people.sam)
    history = reverse("rbac:group-history", args=[people.desk.pk])
    assert "Added" in client.get(history).content.decode()
    client.force_login(people.sam)
    given = grant(people.sam, Permission.GROUPS_VIEW, Permission.AUDIT_VIEW)
    assert client.get(history).status_code == 200
    end(given)
    grant(people.sam, Permission.GROUPS_VIEW)
    assert client.get(history).status_code == 403
