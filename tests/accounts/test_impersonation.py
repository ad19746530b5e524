"""Acting as somebody else, through the real middleware: what one may, what stays barred, and all that ends it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.impersonation_services import start_impersonation
from accounts.models import Impersonation, User
from computers.models import Computer
from immyrbac.declarations import routes
from rbac.access import access_for
from rbac.acting import BARRED, Acting, access_of
from rbac.audit import Actor, record
from rbac.delegation import Refused
from rbac.models import AuditEntry, RoleAssignment, Switch
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.factories import AgentFactory, ComputerFactory
from tests.grants import deny, end, grant
from tests.people import People, give
from tests.rbac.editor import HTMX

pytestmark = pytest.mark.django_db

COMPUTERS = "computers:computer-list"


class Scene(People):
    """Max, of Contoso, may act as others there, and holds what Dana and Grace hold; Dana sees Fabrikam's computers."""

    def __init__(self) -> None:
        super().__init__()
        Switch.objects.create(key=SwitchKey.IMPERSONATION, enabled=True)
        self.max = self.olivia
        self.leave_to_act = grant(self.max, Permission.USERS_IMPERSONATE, scope="msp", tenant=self.contoso)
        self.power = give(self.max, "msp_user", scope="msp", tenant=self.contoso)
        grant(self.max, Permission.SESSIONS_POSTPONE, scope="msp", tenant=self.contoso)  # msp_user does not hold it
        self.held = give(self.dana, "tenant_user", scope="tenant", tenant=self.fabrikam)
        self.pc = ComputerFactory(name="FAB-1", tenant=self.fabrikam)
        self.other = ComputerFactory(name="LIT-1", tenant=self.litware)


START = Scene


@pytest.fixture
def scene(start: Scene) -> Scene:
    return start


@pytest.fixture
def browser(client, scene) -> Client:
    """Max's, who acts as Dana from now."""
    client.force_login(scene.max)
    assert begin(client, scene.dana).status_code == 302
    return client


def begin(client, user, reason="INC-4: she sees nothing"):
    return client.post(reverse("accounts:impersonation-start", args=[user.pk]), {"reason": reason})


def who(client) -> str:
    return client.get(reverse("accounts:profile-detail")).context["person"].name


def notes(client, computer, **more):
    said = {"version": computer.updated_at.isoformat(), "notes": "Looked at"}
    return client.post(reverse("computers:computer-notes", args=[computer.pk]), said, **more)


def test_one_sees_what_the_person_sees_with_a_banner_on_every_page(browser, scene):
    content = browser.get(reverse(COMPUTERS)).content.decode()
    assert "You act as" in content
    assert ("FAB-1" in content, "LIT-1" in content) == (True, False)
    assert who(browser) == "Dana Whitfield"
    assert "You act as" in browser.get(reverse("accounts:user-place")).content.decode()  # a refusal too


def test_rights_are_the_persons_cut_down_to_ones_own(scene):
    deny(scene.max, Permission.COMPUTERS_MANAGE_NOTES, scope="tenant", tenant=scene.litware)
    give(scene.dana, "tenant_user", scope="tenant", tenant=scene.northwind)
    theirs, own = access_for(scene.dana), access_for(scene.max)
    acting = Acting(theirs, own)
    things = [scene.pc, scene.other, scene.fabrikam, scene.northwind, scene.dana, scene.desk]
    for permission in Permission:
        for thing in things:
            both = theirs.can(permission, thing) and own.can(permission, thing) and permission not in BARRED
            assert acting.can(permission, thing) == both
            assert acting.scope(type(thing), permission).filter(pk=thing.pk).exists() == both
        assert acting.holds(permission) == (
            theirs.holds(permission) and own.holds(permission) and permission not in BARRED
        )


def test_what_is_done_names_both_and_the_person_reads_it_afterwards(browser, scene):
    assert notes(browser, scene.pc).status_code == 302
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.impersonator) == ("computer.noted", scene.dana, scene.max)
    browser.post(reverse("accounts:impersonation-end"))
    assert who(browser) == "Olivia Novak"
    hers = Client()
    hers.force_login(scene.dana)
    page = hers.get(reverse("accounts:profile-security")).content.decode()
    for words in ("Who acted as you", "INC-4: she sees nothing", "Wrote notes on computer"):
        assert words in page
    told = [each.action for each in AuditEntry.objects.filter(target_type="user", target_id=scene.dana.pk)]
    assert told[:2] == ["impersonation.ended", "impersonation.started"]


def over(scene):
    old = timezone.now() - timedelta(hours=1)
    Impersonation.objects.update(started_at=old, expires_at=old + timedelta(minutes=30))


def switched_off(scene):
    Switch.objects.update(enabled=False)


def no_permission(scene):
    end(scene.leave_to_act)


def no_cover(scene):
    give(scene.dana, "auditor", scope="tenant", tenant=scene.northwind)


def less_of_ones_own(scene):
    end(scene.power)


def person_disabled(scene):
    User.objects.filter(pk=scene.dana.pk).update(is_active=False)


def person_expired(scene):
    User.objects.filter(pk=scene.dana.pk).update(access_expires_at=timezone.now() - timedelta(minutes=1))


def ended_elsewhere(scene):
    Impersonation.objects.update(ended_at=timezone.now())


ENDS = [over, switched_off, no_permission, no_cover, less_of_ones_own, person_disabled, person_expired, ended_elsewhere]


@pytest.mark.parametrize("ends", ENDS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("more", [{}, {"headers": HTMX}], ids=["page", "htmx"])
def test_it_is_over_at_the_next_request_which_does_nothing(browser, scene, ends, more):
    """In whichever process: all of it is read from the database, and from nowhere else."""
    assert who(browser) == "Dana Whitfield"
    ends(scene)
    answer = notes(browser, scene.pc, **more)
    assert (answer["HX-Redirect"] if more else answer["Location"]) == "/"
    scene.pc.refresh_from_db()
    assert scene.pc.notes == ""
    assert who(browser) == "Olivia Novak"
    assert not Impersonation.objects.filter(ended_at=None).exists()
    assert AuditEntry.objects.filter(action="impersonation.ended").count() == (ends is not ended_elsewhere)


def test_an_actor_who_is_disabled_is_out_altogether(browser, scene):
    User.objects.filter(pk=scene.max.pk).update(is_active=False)
    assert browser.get(reverse(COMPUTERS))["Location"].startswith(reverse("account_login"))
    User.objects.filter(pk=scene.max.pk).update(is_active=True)
    assert browser.get(reverse(COMPUTERS)).status_code == 200
    assert who(browser) == "Olivia Novak"


def test_the_gate_asks_again_inside_the_act(scene):
    begun = start_impersonation(actor=Actor(scene.max), user=scene.dana, reason="INC-4")
    acting = Actor(scene.dana, impersonator=scene.max)
    assert access_of(acting).can(Permission.COMPUTERS_VIEW, scene.pc)
    Impersonation.objects.filter(pk=begun.pk).update(ended_at=timezone.now())
    assert not access_of(acting).can(Permission.COMPUTERS_VIEW, scene.pc)


def test_nobody_acts_as_who_is_stronger_or_as_themselves_or_in_turn(client, scene):
    client.force_login(scene.max)
    for user in (scene.marcus, scene.max):
        assert begin(client, user).status_code in (403, 404)
    no_cover(scene)
    assert begin(client, scene.dana).status_code == 403
    assert not Impersonation.objects.exists()
    acting = Actor(scene.dana, impersonator=scene.max)
    with pytest.raises(Refused):
        start_impersonation(actor=acting, user=scene.sam, reason="in turn")


def test_the_switch_is_off_by_default(client, scene):
    Switch.objects.all().delete()
    client.force_login(scene.max)
    assert begin(client, scene.dana).status_code == 403


def test_a_reason_is_asked_for(client, scene):
    client.force_login(scene.max)
    assert begin(client, scene.dana, reason=" ").status_code == 422


OWN = {"accounts:password-edit", "accounts:session-end", "accounts:session-end-others", "accounts:profile-security"}


def test_sign_in_and_what_is_personal_stay_closed(browser):
    """Every view for whoever is signed in is closed, unless it says otherwise."""
    closed = {each.name: each for each in routes() if each.declaration.kind == "any_user"}
    closed = {name for name, each in closed.items() if not each.declaration.as_another}
    assert closed >= OWN
    for name in closed & OWN:
        address = reverse(name, kwargs={"pk": 1} if name == "accounts:session-end" else {})
        assert browser.post(address).status_code == 403
        assert browser.get(address).status_code == 403


def test_the_profile_leads_to_nothing_that_is_closed(browser):
    content = browser.get(reverse("accounts:profile-detail")).content.decode()
    for name in ("accounts:profile-requests", "accounts:profile-security"):
        assert f'href="{reverse(name)}"' not in content


def test_people_access_and_switches_stay_closed_whatever_both_hold(client, scene):
    give(scene.dana, "msp_administrator", scope="owner")
    client.force_login(scene.marcus)
    begin(client, scene.dana)
    assert who(client) == "Dana Whitfield"
    for name in ("user-edit", "user-link", "user-remove", "user-leave", "impersonation-start"):
        assert client.post(reverse(f"accounts:{name}", args=[scene.sam.pk])).status_code == 403
    for name in ("rbac:assignment-create", "rbac:assignment-end"):
        assert client.post(reverse(name, args=[scene.sam.pk])).status_code == 403
    assert client.post(reverse("accounts:group-edit", args=[scene.desk.pk])).status_code == 403
    assert client.post(reverse("rbac:role-create-shared")).status_code == 403
    flip = reverse("rbac:switch-change", kwargs={"key": SwitchKey.DEPLOYMENTS, "enabled": False})
    assert client.post(flip).status_code == 403
    assert RoleAssignment.objects.unended().filter(user=scene.sam).count() == 0


def test_nothing_runs_and_no_button_says_otherwise(browser, scene):
    AgentFactory(computer=scene.pc)
    Computer.objects.filter(pk=scene.pc.pk).update(onboarding="waiting")
    for user in (scene.dana, scene.max):
        grant(user, Permission.COMPUTERS_ONBOARD, scope="tenant", tenant=scene.fabrikam)
    run, onboard = (reverse(f"maintenance:{name}", args=[scene.pc.pk]) for name in ("session-run", "onboarding-start"))
    shown = browser.get(reverse("computers:computer-detail", args=[scene.pc.pk])).content.decode()
    assert onboard not in shown
    for address in (run, onboard):
        refused = browser.post(address)
        assert refused.status_code == 403
        assert "nothing that would go on in their name afterwards" in refused.content.decode()


def test_nothing_is_offered_that_would_go_on_in_their_name(browser, scene):
    """Both may save deployments to single computers there."""
    refused = browser.get(reverse("deployments:deployment-create", args=[scene.fabrikam.pk]))
    assert refused.status_code == 403
    assert "nothing that would go on in their name afterwards" in refused.content.decode()
    start = browser.get(reverse("start")).content.decode()
    assert "Manage Computer Notes" in start
    assert "Manage Individual Deployments" not in start


def test_no_entry_of_a_barred_act_can_be_written(scene):
    acting = Actor(scene.dana, impersonator=scene.max)
    for action in (
        "session.ended",
        "user.password_set",
        "role.created",
        "switch.set",
        "deployment.created",
        "run.asked",
        "new.act",
    ):
        with pytest.raises(Exception, match="somebody else"):
            record(acting, action, target=scene.dana)
    assert record(acting, "door.refused", target=scene.dana).impersonator == scene.max


def test_each_request_asks_as_often_whatever_the_two_hold(browser, scene):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("accounts:profile-detail")).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _ in range(4):
        grant(scene.dana, Permission.COMPUTERS_VIEW, scope="tenant", tenant=scene.fabrikam)
        grant(scene.max, Permission.COMPUTERS_VIEW, scope="tenant", tenant=scene.fabrikam)
    assert queries() == few
