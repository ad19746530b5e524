"""A switch from the list to the page before the flip and back, in every look, with what goes wrong on the way."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.browser.cast import cookie_of, email_of
from tests.browser.conftest import ONE_LOOK
from tests.factories import SwitchFactory
from tests.grants import grant

pytestmark = pytest.mark.django_db(transaction=True)
LABEL = SwitchKey.TERMINAL_AND_SCRIPTS.label
OFF = f"/preferences/{SwitchKey.TERMINAL_AND_SCRIPTS}/off/"


@pytest.fixture
def jonas(page: Page, base_url, demo) -> Page:
    page.context.add_cookies([cookie_of(User.objects.get(email=email_of("Jonas")), base_url)])
    return page


def test_a_switch_is_flipped_after_it_was_looked_at(jonas: Page, axe, shot):
    jonas.goto("/preferences/")
    jonas.get_by_role("switch", name=LABEL).click()
    expect(jonas).to_have_url(re.compile(f"{OFF}.?$"))
    jonas.get_by_role("button", name=re.compile("Turn off for ")).click()
    expect(jonas.get_by_role("alert").first).to_contain_text("Nothing was changed.")
    axe(jonas)
    shot(jonas, "preference-without-reason")
    jonas.get_by_label("Reason").fill("Insurer’s condition 4.2: no shell access outside named roles")
    jonas.get_by_role("button", name=re.compile("Turn off for ")).click()
    expect(jonas.get_by_role("switch", name=LABEL)).to_have_attribute("aria-checked", "false")
    axe(jonas)
    shot(jonas, "preference-turned-off")
    jonas.get_by_role("switch", name=LABEL).click()
    expect(jonas.get_by_role("heading", level=1)).to_have_text(re.compile("^Turn on "))
    axe(jonas)
    shot(jonas, "preference-turn-on")


@ONE_LOOK
def test_numbers_that_moved_are_said_at_the_top(jonas: Page, axe_in_every_look, shot):
    jonas.goto(OFF)
    jonas.locator("[name=expected]").evaluate("field => field.value = 7")
    jonas.get_by_label("Reason").fill("Insurer’s condition 4.2")
    jonas.get_by_role("button", name=re.compile("Turn off for ")).click()
    expect(jonas.get_by_role("alert")).to_contain_text("The numbers have moved")
    expect(jonas.get_by_label("Reason")).to_have_value("Insurer’s condition 4.2")
    axe_in_every_look(jonas)
    shot(jonas, "preference-moved")
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    jonas.get_by_role("button", name=re.compile("Turn off for ")).click()
    expect(jonas.get_by_role("heading", name="It is off already")).to_be_visible()
    axe_in_every_look(jonas)
    shot(jonas, "preference-already")


@ONE_LOOK
def test_looking_at_others_keeps_the_reason(jonas: Page):
    jonas.goto(OFF)
    jonas.get_by_label("Reason").fill("Insurer")
    jonas.get_by_role("link", name=re.compile("Not touched")).click()
    expect(jonas.get_by_role("link", name="Leila Haddad")).to_be_visible()
    expect(jonas.get_by_role("link", name=re.compile("Not touched"))).to_have_attribute("aria-current", "true")
    jonas.get_by_placeholder("Name or e-mail").fill("marc")
    expect(jonas.locator("#list tbody tr")).to_have_count(1)
    expect(jonas.locator("#live")).to_have_text("1 person")
    expect(jonas.get_by_label("Reason")).to_have_value("Insurer")
    expect(jonas).to_have_url(re.compile("view=same"))


@ONE_LOOK
def test_a_refusal_is_said_in_the_place_of_the_button(page: Page, base_url, demo, axe_in_every_look, shot):
    """An auditor who may set switches still takes scripts from nobody, since he holds none."""
    hugo = User.objects.get(email=email_of("Hugo"))
    grant(hugo, Permission.PREFERENCES_MANAGE_SYSTEM, scope="owner")
    page.context.add_cookies([cookie_of(hugo, base_url)])
    page.goto(OFF)
    expect(page.get_by_text("You may not turn this off.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Turn off"))).to_have_count(0)
    axe_in_every_look(page)
    shot(page, "preference-refused")
