"""An auditor asks what a change would do, in a browser: the answer comes as they choose, and the address keeps it."""

import re

from playwright.sync_api import expect

from accounts.models import User
from tests.browser.cast import choose, go, picker
from tests.browser.conftest import ONE_LOOK


@ONE_LOOK
def test_an_auditor_asks_and_sends_the_question_on(arrive, axe_in_every_look, shot):
    page = arrive("Hugo")
    go(page, "What if")
    choose(page, "Whose access", "Dana Whit")
    page.get_by_role("button", name="Choose the change").click()
    answer = page.get_by_role("complementary", name="What this would do")
    expect(answer).to_contain_text("Choose a role and where it counts")
    picker(page, "Role").fill("script man")
    page.get_by_role("option", name="Script Manager").click()
    expect(answer).to_contain_text("Give Dana Whitfield the role Script Manager")
    page.get_by_text("Every tenant").click()
    expect(answer).to_contain_text("Gains great power: 1")
    expect(answer).to_contain_text("You may not give this yourself")
    expect(page).to_have_url(re.compile("scope=owner"))
    axe_in_every_look(page)
    shot(page, "what-if")
    page.reload()
    expect(answer).to_contain_text("Gains great power: 1")
    dana = User.objects.get(name="Dana Whitfield")
    assert not dana.role_assignments.filter(role__key="script_manager", scope="owner").exists()


@ONE_LOOK
def test_what_would_end_and_who_would_leave(arrive):
    page = arrive("Hugo")
    page.goto(f"/users/{User.objects.get(name='Dana Whitfield').pk}/what-if/end/")
    answer = page.get_by_role("complementary", name="What this would do")
    page.get_by_label(re.compile("^May act as Computer Terminal User")).check()
    expect(answer).to_contain_text("Dana Whitfield loses 2 permissions")
    expect(page).to_have_url(re.compile("assignments="))
    page.get_by_role("navigation", name="What would change").get_by_role("link", name="Groups").click()
    choose(page, "Group", "Service De")
    expect(answer).to_contain_text("Take Dana Whitfield out of Service Desk")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dana Whitfield")


@ONE_LOOK
def test_what_a_role_would_hold(arrive):
    page = arrive("Hugo")
    page.goto("/roles/?type=custom")
    page.get_by_role("link", name="Field Technician", exact=True).click()
    page.get_by_role("link", name="What if…").click()
    page.get_by_role("link", name="what if Field Technician held something else").click()
    answer = page.get_by_role("complementary", name="What this would do")
    expect(answer).to_contain_text("It would hold what it holds now")
    tick = page.locator("#tick-COMPUTERS_MANAGE")
    tick.focus()
    page.keyboard.press("Space")
    expect(answer).to_contain_text("The role loses 1 permission")
    expect(page.locator("#tick-COMPUTERS_MANAGE")).to_be_focused()
