"""Bringing people over: all or nobody, once, in somebody's name; and taking exactly that back."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.group_services import add_member
from accounts.models import User
from accounts.services import edit_user, issue_password_link
from rbac.access import access_for
from rbac.audit import SYSTEM, Actor
from rbac.delegation import Refused
from rbac.flips import stands
from rbac.legacy.parity import parity_of
from rbac.legacy.plan import plan_of
from rbac.legacy.services import import_people, undo_import
from rbac.legacy.trial import objections_to
from rbac.models import AuditEntry, Role, RoleAssignment
from rbac.permissions import Permission
from rbac.services import end_assignments, set_switch
from rbac.switches import SwitchKey
from tests import factories
from tests.effort import effort
from tests.grants import grant
from tests.legacy.town import CAREFUL, CUSTOMER_ADMIN, EVERYBODY, PREFERENCES, file, line, town

pytestmark = pytest.mark.django_db

TERMINAL = SwitchKey.TERMINAL_AND_SCRIPTS


START = town


@pytest.fixture
def here(start):
    return start


def bring(here, *lines, preferences=PREFERENCES, actor=None):
    """Bring these over, with the count that the plan tells."""
    said = file(*lines)
    count = len(plan_of(said.users, preferences).empowered)
    return import_people(actor=Actor(actor or here.olga), file=said, preferences=preferences, expected_count=count)


def undo(here, run, actor=None):
    return undo_import(actor=Actor(actor or here.olga), run=run.pk)


def given():
    """What everybody was given, as address, role and scope."""
    rows = RoleAssignment.objects.unended().exclude(user__name="Olga").order_by("user__email", "pk")
    return list(rows.values_list("user__email", "role__key", "scope"))


def test_each_is_given_the_least_that_lets_them_do_what_they_could(here):
    bring(here, *EVERYBODY)
    assert given() == [
        ("ada@contoso.test", "msp_administrator", "owner"),
        ("ben@contoso.test", "msp_user", "owner"),
        ("cai@contoso.test", "msp_user", "owner"),
        ("cai@contoso.test", "cross_tenant_deployment_manager", "owner"),
        ("dee@fabrikam.test", "tenant_administrator", "own_tenant"),
        ("dee@fabrikam.test", "script_manager", "own_tenant"),
        ("dee@fabrikam.test", "computer_terminal_user", "own_tenant"),
        ("eli@fabrikam.test", "tenant_user", "own_tenant"),
        ("eli@fabrikam.test", "script_manager", "own_tenant"),
        ("eli@fabrikam.test", "computer_terminal_user", "own_tenant"),
    ]
    assert not User.objects.get(email="ben@contoso.test").has_usable_password()


def test_the_preferences_become_switches(here):
    entry = bring(here, *EVERYBODY, preferences=CAREFUL)
    assert not stands(TERMINAL)
    assert ("eli@fabrikam.test", "script_manager", "own_tenant") not in given()
    assert not access_for(User.objects.get(email="ben@contoso.test")).holds(Permission.SCRIPTS_MANAGE)
    assert entry.after["switches"] == [{"key": TERMINAL.value, "name": f"{TERMINAL.label}: off", "enabled": False}]


def test_the_second_time_nothing_changes(here):
    bring(here, *EVERYBODY)
    before = (given(), User.objects.count(), AuditEntry.objects.count())
    assert bring(here, *EVERYBODY) is None
    assert (given(), User.objects.count(), AuditEntry.objects.count()) == before


def test_an_account_that_is_here_keeps_what_it_has(here):
    eli = factories.UserFactory(email="eli@fabrikam.test", name="Elias", tenant=here.fabrikam)
    entry = bring(here, line("ELI@fabrikam.test"), preferences=CAREFUL)
    eli.refresh_from_db()
    assert (eli.name, entry.after["users"], [row["principal"] for row in entry.after["assignments"]]) == (
        "Elias",
        [],
        ["Elias"],
    )


def test_what_expired_makes_room(here):
    eli = factories.UserFactory(email="eli@fabrikam.test", tenant=here.fabrikam)
    role = Role.objects.get(key="tenant_user")
    over = factories.RoleAssignmentFactory(
        user=eli, role=role, scope="own_tenant", starts_at="2020-01-01T00:00:00Z", expires_at="2020-01-02T00:00:00Z"
    )
    bring(here, line("eli@fabrikam.test"), preferences=CAREFUL)
    over.refresh_from_db()
    assert over.end_reason == "lapsed"
    assert access_for(eli).can(Permission.TENANTS_VIEW, here.fabrikam)


@pytest.mark.parametrize(
    ("said", "column", "why"),
    [
        (line("a@x.test", tenant="Nowhere"), "tenant", "no such tenant"),
        (line("a@x.test", tenant="Twin"), "tenant", "2 tenants are called so"),
        (line("a@x.test", tenant="contoso"), "is_msp", "is an MSP here"),
        (line("a@x.test", is_msp="true"), "is_msp", "is no MSP here"),
        (line("olga@contoso.test"), "tenant", "at home in Contoso"),
        (line("eve@fabrikam.test", expires_at="2031-01-01"), "expires_at", "never ends"),
    ],
)
def test_what_does_not_fit_what_is_here_is_told_with_its_line(here, said, column, why):
    User.objects.filter(pk=here.olga.pk).update(email="olga@contoso.test")
    factories.UserFactory(email="eve@fabrikam.test", tenant=here.fabrikam)
    factories.TenantFactory.create_batch(2, name="Twin")
    (problem,) = plan_of(file(line("ok@x.test"), said).users, PREFERENCES).problems
    assert (problem.line, problem.column) == (3, column)
    assert why in problem.text
    with pytest.raises(ValidationError, match="line 3"):
        bring(here, line("ok@x.test"), said)
    assert not User.objects.filter(email="ok@x.test").exists()


def test_a_tenant_is_named_by_its_slug_or_its_name(here):
    bring(here, line("a@x.test", tenant="Fabrikam"), line("b@x.test", tenant="fabrikam"), preferences=CAREFUL)
    assert {user.tenant for user in User.objects.filter(email__endswith="@x.test")} == {here.fabrikam}


def test_great_power_takes_the_number_that_was_shown(here):
    said = file(*EVERYBODY)
    assert [person.old.email[:3] for person in plan_of(said.users, PREFERENCES).empowered] == [
        "ada",
        "ben",
        "cai",
        "dee",
        "eli",
    ]
    for count in (None, 4, 6):
        with pytest.raises(ValidationError, match="--expected-count 5"):
            import_people(actor=Actor(here.olga), file=said, preferences=PREFERENCES, expected_count=count)
    assert given() == []


def test_what_is_wrong_in_the_file_is_not_written(here):
    with pytest.raises(ValidationError, match="line 3, email"):
        bring(here, line("a@x.test"), line("wrong"))
    assert not User.objects.filter(email="a@x.test").exists()


# Who may


def manager(here):
    """Manages the users of Fabrikam, and holds what a tenant administrator does there."""
    user = factories.UserFactory(name="Mia", tenant=here.fabrikam)
    role = Role.objects.get(key="tenant_administrator")
    factories.RoleAssignmentFactory(user=user, role=role, scope="own_tenant")
    return user


@pytest.mark.parametrize("lines", [[line("e@x.test")], [line("d@x.test", **CUSTOMER_ADMIN)], [EVERYBODY[1]]])
@pytest.mark.parametrize("preferences", [PREFERENCES, CAREFUL], ids=["open", "careful"])
def test_the_trial_says_what_the_gate_says(here, lines, preferences):
    mia = manager(here)
    objections = objections_to(plan_of(file(*lines).users, preferences), access_for(mia))
    assert objections
    with pytest.raises(Refused) as refused:
        bring(here, *lines, preferences=preferences, actor=mia)
    assert set(refused.value.reasons) <= {*objections, "One of these tenants or people is no longer there."}
    assert AuditEntry.objects.get().action == "import.refused"
    assert given() == [(mia.email, "tenant_administrator", "own_tenant")]


def test_a_manager_brings_over_plain_people_of_their_own_tenant(here):
    set_switch(actor=SYSTEM, key=TERMINAL, enabled=False, reason="")
    mia = manager(here)
    assert objections_to(plan_of(file(line("e@x.test")).users, CAREFUL), access_for(mia)) == []
    assert bring(here, line("e@x.test"), preferences=CAREFUL, actor=mia) is not None


def test_nobody_raises_themselves(here):
    amy = factories.UserFactory(email="amy@contoso.test", tenant=here.contoso)
    grant(amy, *Permission)
    said = line("amy@contoso.test", tenant="contoso", is_msp="true", is_admin="true")
    plan = plan_of(file(said).users, PREFERENCES)
    assert (objections_to(plan, access_for(amy)) == []) == (not plan.empowered)


# Taking back


def test_undoing_leaves_what_was_there_before(here):
    eli = factories.UserFactory(email="eli@fabrikam.test", tenant=here.fabrikam)
    run = bring(here, *EVERYBODY, preferences=CAREFUL)
    entry, left = undo(here, run)
    assert (given(), left, stands(TERMINAL)) == ([], [], True)
    assert set(User.objects.present()) == {here.olga, eli}
    assert (entry.action, entry.after["run"], len(entry.before["users"])) == ("import.undone", run.pk, 4)
    assert undo(here, run)[0] is None


def test_an_address_is_free_again(here):
    first = bring(here, line("e@x.test"), preferences=CAREFUL)
    undo(here, first)
    second = bring(here, line("e@x.test"), preferences=CAREFUL)
    assert second.after["users"][0]["id"] != first.after["users"][0]["id"]


CHANGED = {
    "ended": "has ended already",
    "renamed": "its name changed since",
    "linked": "a link to set its password was made",
    "grouped": "it is a member of a group",
    "given": "it was given more since",
    "seen": "it was signed in to",
    "removed": "was removed already",
}


def change(how, here, user):
    actor = Actor(here.olga)
    if how == "ended":
        rows = RoleAssignment.objects.filter(user=user).values_list("pk", flat=True)
        end_assignments(actor=actor, assignments=list(rows), reason="left")
    elif how == "renamed":
        same = {"email": user.email, "tenant": user.tenant, "access_expires_at": None}
        edit_user(actor=actor, user=user, name="Other", **same)
    elif how == "linked":
        issue_password_link(actor=actor, user=user)
    elif how == "grouped":
        add_member(actor=actor, group=factories.GroupFactory(tenant=here.fabrikam), user=user)
    elif how == "given":
        grant(user, Permission.TENANTS_VIEW, scope="tenant", tenant=here.fabrikam)
    else:
        column = {"seen": "last_seen_at", "removed": "removed_at"}[how]
        inactive = {"is_active": False} if how == "removed" else {}
        User.objects.filter(pk=user.pk).update(**{column: "2026-01-01T00:00:00Z"}, **inactive)


@pytest.mark.parametrize("how", CHANGED)
def test_what_was_changed_since_stays_and_is_told(here, how):
    run = bring(here, line("e@x.test"), line("f@x.test"), preferences=CAREFUL)
    user = User.objects.get(email="e@x.test")
    change(how, here, user)
    _, left = undo(here, run)
    assert [CHANGED[how] in each for each in left] == [True]
    assert RoleAssignment.objects.unended().filter(pk__in=[r["id"] for r in run.after["assignments"]]).count() == 0
    stays = how not in ("ended", "removed")
    assert User.objects.present().filter(email="e@x.test").exists() == stays
    assert not User.objects.present().filter(email="f@x.test").exists()


def test_a_switch_that_was_flipped_since_stays(here):
    run = bring(here, line("e@x.test"), preferences=CAREFUL)
    set_switch(actor=Actor(here.olga), key=TERMINAL, enabled=True, reason="")
    _, left = undo(here, run)
    assert left == [f"“{TERMINAL.label}” stands as it did before already."]
    assert stands(TERMINAL)


def test_only_who_may_takes_back(here):
    run = bring(here, *EVERYBODY, preferences=CAREFUL)
    before = given()
    with pytest.raises(Refused):
        undo(here, run, actor=manager(here))
    assert given()[: len(before)] == before


@pytest.mark.parametrize("which", ["none", "another"])
def test_a_run_is_an_entry_of_an_import(here, which):
    entry = set_switch(actor=SYSTEM, key=TERMINAL, enabled=False, reason="")
    with pytest.raises(ValidationError, match="There is no run"):
        undo_import(actor=Actor(here.olga), run=entry.pk if which == "another" else 10**9)


def test_queries_do_not_grow_with_the_people(here):
    counts = []
    for many in (3, effort(100, 300, 300)):
        lines = [line(f"p{many}x{number}@x.test") for number in range(many)]
        with CaptureQueriesContext(connection) as writing:
            run = bring(here, *lines, preferences=PREFERENCES)
        with CaptureQueriesContext(connection) as undoing:
            undo(here, run)
        counts.append((len(writing), len(undoing)))
    assert counts[0] == counts[1]
    assert max(counts[0]) < 80


def test_the_proof_holds_after_it_is_written(here):
    bring(here, *EVERYBODY)
    parity = parity_of(plan_of(file(*EVERYBODY).users, PREFERENCES))
    assert (parity.unexplained, parity.single) == ([], [])
