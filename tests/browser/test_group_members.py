"""Putting somebody into a group in a browser: what it gives stands there once they are chosen, before it is given."""

import re

from playwright.sync_api import expect

from accounts.models import Group
from tests.browser.cast import picker
from tests.browser.conftest import ONE_LOOK

NAME = "Callum Reid"


@ONE_LOOK
def test_a_member_is_chosen_weighed_confirmed_and_removed(arrive, axe_in_every_look):
    page, desk = arrive("Jonas"), Group.objects.get(name="Service Desk")
    page.goto(f"/groups/{desk.pk}/")
    page.get_by_role("link", name="Add member").click()
    picker(page, "Person").fill("callum")
    page.get_by_role("option", name=NAME).click()
    expect(page.get_by_role("complementary")).to_contain_text("Gains great power: ")
    axe_in_every_look(page)
    page.get_by_role("button", name="Add member").click()
    page.get_by_label(f"Type {NAME} to confirm").fill(NAME)
    page.get_by_role("button", name="Give great power").click()
    expect(page.get_by_text(f"{NAME} is in Service Desk")).to_be_visible()
    page.get_by_label(f"Select {NAME}").check()
    page.get_by_role("button", name="Remove…").click()
    expect(page.get_by_text(re.compile(r"Loses \d+ permissions"))).to_be_visible()
    axe_in_every_look(page)
    page.get_by_label("Reason").fill("Back to projects")
    page.get_by_role("button", name=f"Remove {NAME}").click()
    expect(page.get_by_text(f"{NAME} removed from Service Desk")).to_be_visible()
