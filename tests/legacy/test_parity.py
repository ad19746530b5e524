"""The proof: each cell of the table is what the rule says afterwards, and equal to what people could do before."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from rbac.access import INSTANCE, access_for
from rbac.audit import Actor
from rbac.legacy.abilities import ABILITIES, CARRIED, Extent, Flags, old_extent
from rbac.legacy.parity import Verdict, parity_of
from rbac.legacy.plan import plan_of
from rbac.legacy.services import import_people
from rbac.models import Role, Switch
from rbac.permissions import Permission
from tests import factories
from tests.effort import effort
from tests.grants import deny, grant
from tests.legacy.town import CAREFUL, EVERYBODY, MSP_USER, PREFERENCES, file, line, town

FLAGS = st.builds(Flags, st.booleans(), st.booleans(), st.booleans())
A_DAY = timedelta(days=1)
MANY = effort(2_500, 10_000, 10_000)
"""More than what the database keeps a statement for (`immyrbac.statements`)."""
PREFERRED = st.fixed_dictionaries({key: st.booleans() for key in CARRIED})


def told(flags: Flags, number: int) -> str:
    words = ("is_msp", "is_admin", "can_manage_cross_tenant_deployments")
    said = dict(zip(words, (flags.is_msp, flags.is_admin, flags.cross_tenant), strict=True))
    return line(f"{number}@x.test", tenant="contoso" if flags.is_msp else "fabrikam", **said)


def real_extent(user, permission, other):
    """What the rule says of the database, place by place."""
    access = access_for(user)
    places = [access.can(permission, place) for place in (user.tenant, other, INSTANCE)]
    return {(1, 1, 1): Extent.EVERYWHERE, (1, 0, 0): Extent.OWN, (0, 0, 0): Extent.NOWHERE}[tuple(map(int, places))]


class TestEverybodyKeepsWhatTheyCould(TestCase):
    """Whatever the flags, the preferences, and where the switches stood before."""

    @settings(max_examples=effort(20, 40, 200))
    @given(st.lists(FLAGS, min_size=2, max_size=5), PREFERRED, PREFERRED)
    def test_before_equals_after(self, flags, preferences, standing):
        here = town()
        other = factories.TenantFactory(parent=here.contoso)
        Switch.objects.bulk_create(Switch(key=key, enabled=enabled) for key, enabled in standing.items())
        said = file(*(told(each, number) for number, each in enumerate(flags)))
        plan = plan_of(said.users, preferences)
        parity = parity_of(plan)
        assert (parity.unexplained, parity.single) == ([], [])
        count = len(plan.empowered)
        import_people(actor=Actor(here.olga), file=said, preferences=preferences, expected_count=count)
        for number, each in enumerate(flags):
            user = User.objects.get(email=f"{number}@x.test")
            for ability in ABILITIES:
                old = old_extent(ability, each, preferences)
                if ability.permission in Permission and old is not None:
                    assert real_extent(user, ability.permission, other) == old, (each, ability)


@pytest.mark.django_db
class TestTheTable:
    def test_has_a_cell_for_each_ability_and_profile(self):
        town()
        parity = parity_of(plan_of(file(*EVERYBODY).users, PREFERENCES))
        assert len(parity.profiles) == 5
        assert {len(cells) for cells in parity.profiles.values()} == {len(ABILITIES)}

    def test_explains_what_is_not_equal(self):
        town()
        cells = {c.ability.permission: c for c in table(line("eli@fabrikam.test"))}
        assert cells["tenants:view"].verdict == Verdict.EQUAL
        assert cells["users:view"].because == "The old guide does not say; the role Tenant User decides."

    def test_explains_what_this_version_does_not_have(self, monkeypatch):
        """All that the old system could is here by now; this stands for what another release may add to the list."""
        town()
        flying = replace(ABILITIES[0], permission="computers:fly")
        monkeypatch.setattr("rbac.legacy.parity.ABILITIES", (*ABILITIES, flying))
        (cell,) = (each for each in table(line("eli@fabrikam.test")) if each.ability == flying)
        assert cell.because == "Nothing in this version is guarded by it yet."

    def test_whoever_expired_could_nothing_and_can_nothing(self):
        town()
        cells = table(line("ada@contoso.test", **MSP_USER, expires_at="2020-01-01"))
        assert {(cell.old, cell.new) for cell in cells if cell.new} == {(Extent.NOWHERE, Extent.NOWHERE)}


def table(said):
    """The cells of the one profile of a line."""
    parity = parity_of(plan_of(file(said).users, CAREFUL))
    ((_, cells),) = parity.profiles.items()
    return cells


def differing(said):
    """What differs for the one person of a line because of what is here, by permission."""
    parity = parity_of(plan_of(file(said).users, CAREFUL))
    assert parity.unexplained == []
    return {cell.ability.permission: cell for _, cells in parity.single for cell in cells}


@pytest.mark.django_db
class TestWhatIsHereAlready:
    @pytest.fixture
    def here(self):
        return town()

    @pytest.fixture
    def eli(self, here):
        return factories.UserFactory(email="eli@fabrikam.test", tenant=here.fabrikam)

    def test_nothing_differs_where_nothing_is_held(self, eli):
        assert differing(line("eli@fabrikam.test")) == {}

    def test_more_is_named(self, eli, here):
        grant(eli, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=here.contoso)
        found = differing(line("eli@fabrikam.test"))
        assert set(found) == {"tenants:view", "computers:view", "computers:manage"}
        assert found["computers:manage"].new == Extent.PARTLY
        assert "on all computers of Contoso" in found["computers:manage"].because

    def test_more_through_a_group_is_named(self, eli, here):
        desk = factories.GroupFactory(name="Desk", tenant=here.fabrikam)
        factories.GroupMembershipFactory(group=desk, user=eli)
        role = factories.RoleFactory(permissions=["tenants:manage", "tenants:view", "users:manage"])
        factories.RoleAssignmentFactory(group=desk, role=role, scope="own_tenant")
        found = differing(line("eli@fabrikam.test"))
        assert set(found) == {"users:manage"}  # managing tenants counts for users of an MSP alone
        assert found["users:manage"].new == Extent.OWN
        assert found["users:manage"].because.endswith("through Desk.")

    def test_a_deny_is_named(self, eli, here):
        deny(eli, Permission.COMPUTERS_VIEW, scope="tenant", tenant=here.fabrikam)
        found = differing(line("eli@fabrikam.test"))
        assert [(key, cell.new) for key, cell in found.items()] == [("computers:view", Extent.NOWHERE)]
        assert "May not use anything in" in found["computers:view"].because

    def test_a_deny_of_some_computers_takes_a_part(self, eli, here):
        narrowed = {"computer_scope": "type", "computer_type": "servers"}
        deny(eli, Permission.COMPUTERS_VIEW, scope="tenant", tenant=here.fabrikam, **narrowed)
        assert differing(line("eli@fabrikam.test"))["computers:view"].new == Extent.PARTLY

    def test_an_allow_of_some_computers_gives_a_part(self, eli, here):
        narrowed = {"computer_scope": "type", "computer_type": "servers"}
        grant(eli, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=here.fabrikam, **narrowed)
        assert differing(line("eli@fabrikam.test"))["computers:manage"].new == Extent.PARTLY

    def test_an_account_that_is_deactivated(self, eli):
        User.objects.update(is_active=False)
        found = differing(line("eli@fabrikam.test"))
        assert {cell.new for cell in found.values()} == {Extent.NOWHERE}
        assert found["tenants:view"].because == "The account here is deactivated."

    def test_a_tenant_that_is_inactive(self, here):
        type(here.fabrikam).objects.filter(pk=here.fabrikam.pk).update(is_active=False)
        assert differing(line("new@fabrikam.test"))["tenants:view"].because == "Fabrikam is inactive."

    def test_a_tenant_that_tightened_a_switch(self, here):
        key = CARRIED[1]
        Switch.objects.create(key=key, tenant=here.fabrikam, enabled=False)
        parity = parity_of(plan_of(file(line("ben@contoso.test", **MSP_USER)).users, PREFERENCES))
        ((_, cells),) = parity.single
        assert {cell.new for cell in cells} == {Extent.PARTLY}
        assert "1 of the tenants turned off" in cells[0].because
        assert parity.unexplained == []

    def test_what_was_proposed_and_starts_later_is_told(self, eli):
        role = Role.objects.get(key="tenant_user")
        factories.RoleAssignmentFactory(user=eli, role=role, scope="own_tenant", starts_at=timezone.now() + A_DAY)
        found = differing(line("eli@fabrikam.test"))
        assert found["tenants:view"].new == Extent.NOWHERE
        assert "May act as Tenant User" in found["tenants:view"].because


@pytest.mark.django_db
@pytest.mark.parametrize("is_known", [False, True])
def test_thousands_of_people_take_as_many_queries_as_ten(is_known):
    here = town()
    counts = []
    for many in (10, MANY):
        emails = [f"p{many}x{number}@x.test" for number in range(many)]
        if is_known:
            User.objects.bulk_create(User(email=each, name="Known", tenant=here.fabrikam) for each in emails)
        users = file(*map(line, emails)).users
        with CaptureQueriesContext(connection) as queries:
            parity_of(plan_of(users, PREFERENCES))
        counts.append(len(queries))
    assert counts[0] == counts[1] < 25
