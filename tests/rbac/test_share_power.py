"""A share in the gate's eyes: what somebody holds by it counts as power over one item (design 6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import issue_password_link
from computers.scopes import AllScope
from rbac.access import access_for
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.flips import flipped
from rbac.models import AuditEntry
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from rbac.regions import Estate, Region, contains, disjoint
from rbac.ripples import Ripples
from rbac.services import end_assignments
from rbac.shares import region_of
from rbac.switches import SwitchKey
from tenancy.scopes import SingleScope
from tests.factories import ScriptFactory, SwitchFactory, UserFactory
from tests.grants import deny, grant
from tests.sharing import share

READ, WRITE = Permission.SCRIPTS_VIEW, Permission.SCRIPTS_MANAGE


@pytest.fixture
def script(story):
    return ScriptFactory(name="Nightly", tenant=story.northwind)


@pytest.fixture
def guest(story, script):
    """Of Fabrikam, with a script of Northwind."""
    user = UserFactory(name="Guest", tenant=story.fabrikam)
    for permission in (READ, WRITE):
        share(script, user, permission, by=story.marcus)
    return user


def test_an_item_lies_in_its_owner_and_nothing_in_it(script):
    one, other = (region_of(type(script), pk, script.tenant_id) for pk in (script.pk, script.pk + 1))
    owner, estate = Region.of(SingleScope(script.tenant_id), AllScope()), Estate()
    assert contains(owner, one, estate)
    assert not contains(one, owner, estate)
    assert not contains(one, other, estate)
    assert (disjoint(one, other, estate), disjoint(one, one, estate), disjoint(one, owner, estate)) == (
        True,
        False,
        False,
    )
    assert owner.meet(one) == one


def test_a_deny_that_ends_gives_it_back(story, script, guest):
    taken = deny(guest, READ, scope="tenant", tenant=story.northwind)
    end_assignments(actor=Actor(story.marcus), assignments=[taken.pk], reason="over")
    told = AuditEntry.objects.order_by("-pk")[0].after
    assert told["reached"] == [{"id": guest.pk, "name": "Guest"}]
    assert told["ripple"]["gained"] == {READ: 1}
    assert access_for(guest).can(READ, script)


def test_nobody_takes_over_who_has_what_they_have_not(story, guest):
    """Rosa manages everybody at Fabrikam; the script is Northwind's."""
    with pytest.raises(Refused, match="do not hold"):
        issue_password_link(actor=Actor(story.rosa), user=guest)


def test_a_flip_is_judged_and_shown_by_shares_as_well(story, script, guest):
    change = flipped(SwitchKey.TERMINAL_AND_SCRIPTS, timezone.now(), enabled=False)
    assert Outcome.of(change).lost[guest.pk] == [WRITE]
    people = Ripples(access_for(story.marcus)).of(SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False).people
    assert [(each.roles, each.loses) for each in people if each.person.id == guest.pk] == [(["A share"], True)]
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    assert not access_for(guest).can(WRITE, script)


def test_a_role_over_all_of_it_takes_nothing_new_and_a_share_of_it_gives_nothing(story, script):
    """What a role gives there already is no gain; the share is one again where the role ends."""
    user = UserFactory(tenant=story.fabrikam)
    role = grant(user, READ, scope="tenant", tenant=story.northwind)
    share(script, user, READ, by=story.marcus, expires_at=timezone.now() + timedelta(days=1))
    end_assignments(actor=Actor(story.marcus), assignments=[role.pk], reason="over")
    assert access_for(user).can(READ, script)
    assert not access_for(user, timezone.now() + timedelta(days=2)).can(READ, script)
