"""The switch that demands a second factor of great power: who is held up, by what, and whom it cannot lock out."""

import re
from random import Random

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from immyrbac.declarations import routes
from rbac.access import access_for
from rbac.audit import SYSTEM, Actor
from rbac.delegation import Refused
from rbac.enrolment import is_guarded, must_enrol
from rbac.models import AuditEntry, Switch
from rbac.permissions import Permission
from rbac.ripples import Ripples
from rbac.services import set_switch
from rbac.switches import GREAT_POWER, SwitchKey
from tests.accounts.signing_in import code, is_in, signed_in, signed_in_with_app
from tests.factories import SwitchFactory
from tests.factors import AppFactory
from tests.grants import deny, end, grant
from tests.people import give, give_group

pytestmark = pytest.mark.django_db
KEY = SwitchKey.GREAT_POWER_MFA
ON, OFF = (reverse("rbac:switch-change", kwargs={"key": KEY, "enabled": enabled}) for enabled in (True, False))
CHOOSE, ADD = "/profile/security/required/", "/profile/security/app/add/"
POWER = Permission.SCRIPTS_MANAGE


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def demanded(people):
    """The switch is on; Dana holds great power and has a password alone."""
    assert POWER in GREAT_POWER
    grant(people.dana, POWER, scope="owner")
    SwitchFactory(key=KEY, enabled=True)
    return people


def held_up(client, path="/profile/") -> bool:
    return client.get(path).get("Location") == CHOOSE


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", answer.content.decode()))


# Who is held up


def test_it_binds_at_the_next_request_and_nobody_else(people):
    grant(people.dana, POWER, scope="owner")
    theirs, neighbour = signed_in(people.dana), signed_in(people.sam)
    assert is_in(theirs)
    switch = SwitchFactory(key=KEY, enabled=True)
    assert held_up(theirs)
    assert is_in(neighbour)
    Switch.objects.filter(pk=switch.pk).update(enabled=False)
    assert is_in(theirs)


def test_a_role_that_is_given_or_ended_counts_from_the_next_request(people):
    SwitchFactory(key=KEY, enabled=True)
    theirs = signed_in(people.dana)
    assert is_in(theirs)
    given = grant(people.dana, POWER, scope="tenant", tenant=people.fabrikam)
    assert held_up(theirs)
    end(given)
    assert is_in(theirs)


def test_a_deny_of_it_everywhere_leaves_nothing_to_guard(demanded):
    theirs = signed_in(demanded.dana)
    taken = deny(demanded.dana, *GREAT_POWER, scope="owner")
    assert is_in(theirs)
    end(taken)
    assert held_up(theirs)


def test_with_a_factor_it_is_as_before_and_without_it_again_not(demanded):
    theirs = signed_in(demanded.dana)
    app = AppFactory(user=demanded.dana)
    assert is_in(theirs)
    app.delete()
    assert held_up(theirs)


def test_nothing_else_is_open(demanded):
    theirs, tried, open_pages = signed_in(demanded.dana), 0, set()
    for route in routes():
        if route.declaration.kind == "public" or "GET" not in route.declaration.methods:
            continue
        try:
            path = reverse(route.name)
        except NoReverseMatch:
            path = (
                reverse(route.name, kwargs=dict.fromkeys(re.findall(r"<\w+:(\w+)>", route.path), 1))
                if (not re.search(r"<(?!int:|str:)", route.path))
                else "/users/1/"
            )
        tried += 1
        if not held_up(theirs, path):
            open_pages.add(route.name)
    assert tried > 100
    assert open_pages == {
        "accounts:factor-choose",
        "accounts:app-add",
        "accounts:passkey-add",
        "account_reauthenticate",
    }


def test_what_is_open_gives_no_access(demanded):
    theirs = signed_in(demanded.dana)
    page = theirs.get(ADD)
    assert page.status_code == 200
    assert reverse("computers:computer-list") not in page.content.decode()


def test_a_form_changes_nothing_and_htmx_is_led_there_as_a_page(demanded):
    theirs, before = signed_in(demanded.dana), AuditEntry.objects.count()
    answer = theirs.post(reverse("accounts:group-create-shared"), {"name": "New"})
    assert answer["Location"] == CHOOSE
    answer = theirs.get("/computers/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, CHOOSE)
    assert AuditEntry.objects.count() == before


def test_the_way_out_is_to_set_one_up_or_to_sign_out(demanded):
    theirs = signed_in(demanded.dana)
    page = theirs.get(CHOOSE)
    assert "Your roles hold great power" in text(page)
    key = re.search(r'id="app-key">([A-Z2-7 ]+)<', theirs.get(ADD).content.decode()).group(1).replace(" ", "")
    assert theirs.post(ADD, {"code": code(key)}).status_code == 200
    assert is_in(theirs)
    assert theirs.get(CHOOSE)["Location"] == "/"


def test_who_will_not_can_sign_out(demanded):
    theirs = signed_in(demanded.dana)
    assert theirs.post("/sign-out/")["Location"] == "/sign-in/"


def test_who_removes_the_app_is_told_what_follows(demanded):
    AppFactory(user=demanded.dana)
    theirs = signed_in_with_app(demanded.dana)
    assert "you can do nothing here but set up another" in text(theirs.get("/profile/security/app/remove/"))
    theirs.post("/profile/security/app/remove/")
    assert held_up(theirs)


def test_it_costs_nothing_while_it_is_off(people, django_assert_num_queries):
    grant(people.dana, POWER, scope="owner")
    access = access_for(people.dana)
    with django_assert_num_queries(0):
        assert not must_enrol(access)


# Whom it cannot lock out


def post(client, **said):
    return client.post(ON, {"reason": "Insurer", "expected": "1", **said})


def test_who_demands_it_has_one(client, people):
    client.force_login(people.marcus)
    assert "Set up a second factor of your own first" in text(client.get(ON))
    answer = post(client)
    assert answer.status_code == 403
    assert "Set up a second factor of your own first" in text(answer)
    assert not Switch.objects.exists()
    AppFactory(user=people.marcus)
    assert post(client, expected="0").status_code == 302
    assert Switch.objects.get().enabled
    assert is_in(client)


def test_the_gate_asks_too_and_the_shell_may(people):
    with pytest.raises(Refused, match="of your own first"):
        set_switch(actor=Actor(people.marcus), key=KEY, enabled=True, reason="Insurer")
    assert AuditEntry.objects.get().action == "switch.refused"
    set_switch(actor=SYSTEM, key=KEY, enabled=True, reason="Insurer")
    assert Switch.objects.get().enabled


# What is said before


def test_the_page_names_who_is_held_up_and_who_is_not(client, people):
    AppFactory(user=people.marcus)
    give(people.theo, "msp_administrator", scope="msp", tenant=people.tailspin)
    client.force_login(people.marcus)
    answer = client.get(ON)
    said = text(answer)
    assert [each.person.name for each in answer.context["selection"].shown] == ["Theo Brandt"]
    assert "1 person can do nothing but set up a second factor" in said
    assert "Turn on for 1 person" in said
    assert [(words, value) for words, value, *_ in answer.context["figures"]] == [
        ("Have no second factor", "1"),
        ("Have one", "1"),
    ]
    assert "Nothing hangs on it yet" not in said
    assert "1 person without a second factor" in text(client.get(reverse("rbac:preference-list")))


def test_numbers_that_moved_change_nothing(client, people):
    AppFactory(user=people.marcus)
    client.force_login(people.marcus)
    assert post(client, expected="4").status_code == 409
    assert not Switch.objects.exists()


def test_turning_it_off_lets_everybody_act_again(client, demanded):
    AppFactory(user=demanded.marcus)
    theirs = signed_in(demanded.dana)
    client.force_login(demanded.marcus)
    assert "1 person may act again" in text(client.get(OFF))
    assert client.post(OFF, {"reason": "Over", "expected": "1"}).status_code == 302
    assert is_in(theirs)


SCOPES = (
    {"scope": "owner"},
    {"scope": "own_tenant"},
    {"scope": "own_tenant", "computer_scope": "type", "computer_type": "servers"},
)


@pytest.mark.parametrize("seed", range(12))
def test_whom_the_page_names_is_whom_the_next_request_holds_up(seed, people):
    """People of an MSP and of a customer, directly and through a group, with denies, switches and inert permissions."""
    dice = Random(seed)
    everybody = [people.dana, people.olivia, people.sam, people.theo, people.marcus]
    for user in everybody[:-1]:
        power = dice.sample(sorted(GREAT_POWER), 2)
        grant(user, *power, **dice.choice(SCOPES))
        if dice.random() < 0.4:
            deny(user, dice.choice(power), **dice.choice(SCOPES))
    give_group(people.desk, dice.choice(["msp_user", "script_manager", "tenant_user"]), scope="own_tenant")
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=dice.random() < 0.5)
    for user in dice.sample(everybody, 2):
        AppFactory(user=user)
    told = Ripples(access_for(people.marcus)).of(KEY, enabled=True)
    set_switch(actor=SYSTEM, key=KEY, enabled=True, reason="Insurer")
    held = {user.pk for user in everybody if must_enrol(access_for(user))}
    assert {each.person.id for each in told.people if each.enrols} == held
    assert len(told.people) == sum(is_guarded(access_for(user)) for user in everybody)


def test_anonymous_pages_stay_open(demanded):
    assert Client().get("/sign-in/").status_code == 200
    assert signed_in(demanded.dana).get("/healthz").status_code == 200


def test_who_acts_as_somebody_else_needs_a_factor_of_their_own(client, people):
    """Whose the power is that the session uses is whoever signed in."""
    SwitchFactory(key=SwitchKey.IMPERSONATION, enabled=True)
    client.force_login(people.marcus)
    address = reverse("accounts:impersonation-start", args=[people.dana.pk])
    client.post(address, {"reason": "INC-1"})
    assert client.get("/profile/").status_code == 200
    SwitchFactory(key=KEY, enabled=True)
    assert held_up(client)
    AppFactory(user=people.marcus)
    assert not held_up(client)
