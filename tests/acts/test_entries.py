"""One entry for each act, which names each row that the act changed: what triggers saw equals what it says (design 9).

The acts are those of the table, which holds every service, and beside them what ends, goes or comes with one.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from accounts import group_services, leaving_services, services
from accounts.links import create_link, find_link, hash_token
from accounts.models import User
from accounts.passwords import change_password, redeem_link
from computers import services as computer_services
from rbac import services as access_services
from rbac.audit import SYSTEM, Actor, named, record
from rbac.founding import found_owner
from rbac.models import AuditEntry, Effect
from rbac.world import load
from tenancy import services as tenancy_services
from tests import factories
from tests.acts.leaving_cases import with_all
from tests.acts.stage import Stage
from tests.acts.table import WHY, draft, edited
from tests.acts.witness import UNTOLD, named_by, target_of, told_models, witnessing
from tests.oracle.furnishing import furnished
from tests.oracle.strategies import seeded
from tests.source import APPS, ROOT, files

pytestmark = pytest.mark.django_db


def told(act: Callable[[], object]) -> AuditEntry:
    """The one entry of an act, which names what changed and nothing else."""
    last = AuditEntry.objects.order_by("pk").last()
    with witnessing() as seen:
        act()
    (entry,) = AuditEntry.objects.filter(pk__gt=last.pk if last else 0)
    own = {target_of(entry)}
    assert named_by(entry) - own == seen - own
    return entry


# What goes with an act


def over(stage: Stage) -> dict[str, object]:
    return {"expires_at": timezone.now() - timedelta(hours=1), "scope": "tenant", "tenant": stage.fabrikam}


def twin(stage: Stage):
    """What is given anew was held before, and expired."""
    given = draft(stage, stage.newt)
    row = given["draft"]
    stage.give(stage.newt, **over(stage), include_children=True, effect=row.effect)
    return lambda: access_services.grant_assignment(actor=SYSTEM, **given)


def several_holders(stage: Stage):
    rows = [stage.beths.pk, stage.give(stage.newt).pk, stage.give(group=stage.group).pk]
    return lambda: access_services.end_assignments(actor=SYSTEM, assignments=rows, **WHY)


def move_out_of_groups(stage: Stage):
    for group in (stage.group, factories.GroupFactory(tenant=stage.fabrikam), factories.GroupFactory()):
        factories.GroupMembershipFactory(group=group, user=stage.beth)
    return lambda: services.edit_user(actor=SYSTEM, **edited(stage.beth, tenant=stage.tailspin))


def remove_who_has_all(stage: Stage):
    factories.GroupMembershipFactory(group=stage.group, user=stage.beth)
    factories.PasswordLinkFactory(user=stage.beth)
    factories.IdentityFactory(user=stage.beth)
    stage.give(stage.beth, **over(stage), effect=Effect.DENY)
    return lambda: services.remove_user(actor=SYSTEM, user=stage.beth, **WHY)


def see_off_who_has_all(stage: Stage):
    said = with_all(stage)
    return lambda: leaving_services.see_user_off(actor=SYSTEM, **said)


def several_people(stage: Stage):
    people = [stage.beth, stage.newt, stage.tess]
    return lambda: services.deactivate_users(actor=SYSTEM, users=people, **WHY)


def another_link(stage: Stage):
    factories.PasswordLinkFactory(user=stage.beth)
    return lambda: services.issue_password_link(actor=SYSTEM, user=stage.beth)


def remove_group_of_some(stage: Stage):
    group = factories.GroupFactory(tenant=stage.fabrikam)
    for user in (stage.beth, stage.newt):
        factories.GroupMembershipFactory(group=group, user=user)
    stage.give(group=group, **over(stage))
    return lambda: group_services.remove_group(actor=SYSTEM, group=group, **WHY)


def join_again(stage: Stage):
    past = timezone.now() - timedelta(hours=1)
    factories.GroupMembershipFactory(group=stage.group, user=stage.beth, expires_at=past)
    return lambda: group_services.add_member(actor=SYSTEM, group=stage.group, user=stage.beth)


def several_leave(stage: Stage):
    people = [stage.beth, stage.newt]
    for user in people:
        factories.GroupMembershipFactory(group=stage.group, user=user)
    return lambda: group_services.end_memberships(actor=SYSTEM, group=stage.group, users=people, **WHY)


def uproot(stage: Stage):
    """What Contoso owns stays behind: tags of tenants and computers, and a membership."""
    for tenant in (stage.fabrikam, stage.branch):
        factories.TenantTagFactory(tenant=tenant, tag=stage.gold)
    factories.TenantTagFactory(tenant=stage.branch, tag__tenant=stage.fabrikam)
    for tag in (stage.gold, stage.silver):
        factories.ComputerTagFactory(computer=stage.computer, tag=tag)
    factories.GroupMembershipFactory(group=stage.group, user=stage.beth)
    return lambda: tenancy_services.move_tenant(actor=SYSTEM, tenant=stage.fabrikam, parent=stage.tailspin)


def remove_tag_of_many(stage: Stage):
    factories.TenantTagFactory(tenant=stage.fabrikam, tag=stage.silver)
    for computer in (stage.computer, factories.ComputerFactory(tenant=stage.branch)):
        factories.ComputerTagFactory(computer=computer, tag=stage.silver)
    return lambda: tenancy_services.remove_tag(actor=SYSTEM, tag=stage.silver, **WHY)


def delete_tagged(stage: Stage):
    factories.TenantTagFactory(tenant=stage.branch, tag=stage.gold)
    return lambda: tenancy_services.delete_tenant(actor=SYSTEM, tenant=stage.branch, **WHY)


def tag_some_of_them(stage: Stage):
    """One has one of the tags already, one changes nothing, one loses one."""
    first, second, third = factories.ComputerFactory.create_batch(3, tenant=stage.fabrikam)
    bronze = factories.TagFactory(tenant=stage.contoso)
    for computer, tag in ((first, stage.gold), (second, stage.gold), (second, stage.silver), (third, bronze)):
        factories.ComputerTagFactory(computer=computer, tag=tag)
    said = {"computers": [first, second, third], "put": [stage.gold, stage.silver], "take": [bronze]}
    return lambda: computer_services.tag_computers(actor=SYSTEM, **said)


def move_and_lose_tags(stage: Stage):
    own = factories.TagFactory(tenant=stage.fabrikam)
    for tag in (own, stage.gold):
        factories.ComputerTagFactory(computer=stage.computer, tag=tag)
    stage.computer.refresh_from_db()
    said = {"version": stage.computer.updated_at, "tenant": stage.litware, "dropping": [own]}
    return lambda: computer_services.move_computer(actor=SYSTEM, computer=stage.computer, **said)


GOING_WITH = (
    *(twin, several_holders, move_out_of_groups, remove_who_has_all, several_people, another_link),
    see_off_who_has_all,
    *(remove_group_of_some, join_again, several_leave),
    *(uproot, remove_tag_of_many, delete_tagged, tag_some_of_them, move_and_lose_tags),
)


@pytest.mark.parametrize("prepared", GOING_WITH, ids=lambda each: each.__name__)
def test_what_ends_or_goes_with_an_act_is_named_too(prepared):
    act = prepared(Stage())
    entry = told(act)
    assert named_by(entry) - {target_of(entry)} or entry.action == "user.password_link_issued"


def test_a_password_is_told_however_it_is_set():
    stage = Stage()
    link = find_link(token_hash=hash_token(create_link(actor=SYSTEM, user=stage.beth)))
    told(lambda: redeem_link(actor=SYSTEM, link=link, password=factories.PASSWORD))
    told(lambda: change_password(actor=Actor(stage.beth), user=stage.beth, password="another good one", keep=""))


# From the shell


@pytest.mark.parametrize("home", ["Contoso", "Another"])
def test_an_owner_from_the_shell_comes_with_one_entry(home):
    Stage()
    said = {"email": "you@your.example", "name": "You", "tenant": home, "password": factories.PASSWORD}
    told(lambda: found_owner(**said))


SECTIONS = {
    "tags": "tag",
    "tenants": "tenant",
    "users": "user",
    "groups": "group",
    "roles": "role",
    "computers": "computer",
    "assignments": "roleassignment",
    "scripts": "script",
    "software": "software",
    "licenses": "license",
    "people": "person",
    "shares of licenses": "licenseshare",
    "shares of scripts": "scriptshare",
    "shares of software": "softwareshare",
}


def counted(document: dict) -> tuple[Counter, AuditEntry]:
    before = AuditEntry.objects.count()
    with witnessing() as seen:
        load(document)
    assert AuditEntry.objects.count() == before + 1
    return Counter(row.kind for row in seen), AuditEntry.objects.latest("pk")


def test_a_load_leaves_one_entry_with_as_many_rows_as_it_changed():
    world = furnished(seeded(5, sharing=True), Random(5))
    for rows in ("created", "unchanged"):
        seen, entry = counted(world)
        written = {kind: entry.after["rows"][section] for section, kind in SECTIONS.items()}
        assert {kind: each["created"] + each["changed"] for kind, each in written.items()} == {
            kind: seen[kind] for kind in SECTIONS.values()
        }
        assert sum(each[rows] for each in written.values()) > 10


# That nothing is left out


def test_every_model_is_told_of_or_says_why_not():
    names = {model.__name__ for model in told_models()}
    assert {"User", "Tenant", "RoleAssignment", "Switch", "TenantTag"} <= names
    assert names.isdisjoint(model.__name__ for model in UNTOLD)


WRITERS = {
    "computers/agents/traffic.py": "tests/agents/test_posts.py",
    "computers/maintenance/traffic.py": "tests/maintenance/test_posts.py",
    "computers/schedules/running.py": "tests/schedules/test_running.py",
    "accounts/impersonations.py": "tests/accounts/test_impersonation.py",
    "accounts/adapters.py": "tests/accounts/test_sign_in.py",
    "accounts/factor_changes.py": "tests/accounts/test_factors.py",
    "accounts/identity_changes.py": "tests/accounts/test_identities.py",
    "accounts/jobs.py": "tests/accounts/test_invitation_mail.py, tests/accounts/test_password_forget.py",
    "accounts/passwords.py": "here",
    "accounts/sessions.py": "tests/accounts/test_profile_sessions.py",
    "computers/library.py": "round the gate: the services of the table",
    "rbac/asking.py": "tests/accounts/test_access_requests.py",
    "rbac/delegation.py": "the gate: the services of the table",
    "rbac/demo/crowd/copying.py": "tests/commands/test_demo.py",
    "rbac/founding.py": "here",
    "rbac/refusals.py": "tests/walk/test_walk.py",
    "rbac/world/loading.py": "here",
}
"""What writes entries besides services, and where these are proven."""


def test_nothing_else_writes_entries():
    calling = {str(path) for path in files(*APPS) if _calls(path) and not path.stem.endswith("services")}
    assert calling - {"rbac/audit.py"} == set(WRITERS)


def _calls(path) -> bool:
    text = (ROOT / path).read_text()
    return any(f"{before}{name}(" in text for before in ("    ", "with ", "(") for name in ("record", "act"))


def test_a_row_that_no_entry_names_is_found():
    stage = Stage()

    def silently() -> None:
        services.deactivate_users(actor=SYSTEM, users=[stage.beth], **WHY)
        User.objects.filter(pk=stage.newt.pk).update(name="Somebody else")

    with pytest.raises(AssertionError):
        told(silently)


def test_a_row_that_is_named_and_did_not_change_is_found():
    stage = Stage()
    with pytest.raises(AssertionError):
        told(lambda: record(SYSTEM, "user.deactivated", after={"users": named([stage.beth])}))
