"""The owner flips a switch: it takes editing scripts from an MSP User at once, and leaves it to a Script Manager."""

import re

from playwright.sync_api import Page, expect

from computers.models import Script
from tests.browser.cast import go

SCRIPT = "Map warehouse printers"
BODY = "1..6 | ForEach-Object { Write-Output $_ }"
SWITCH = "Allow Non-Admins and Non-MSP Users to Use Terminal and Edit Scripts"


def open_script(page: Page) -> None:
    go(page, "Scripts")
    page.get_by_role("link", name=SCRIPT).click()


def edit_script(page: Page) -> None:
    open_script(page)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Text").fill(BODY)


def flip(page: Page, axe, shot) -> None:
    go(page, "Preferences")
    page.get_by_role("switch", name=SWITCH).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Turn off terminal and script editing for non-administrators?"
    )
    page.get_by_role("link", name=re.compile("Keep part")).click()
    expect(page.get_by_role("row").filter(has_text="Dana Whitfield")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Leila Haddad")).to_have_count(0)
    axe(page)
    shot(page, "journey-ripple")
    page.get_by_label("Reason").fill("Insurer’s condition 4.2")
    page.get_by_role("button", name=re.compile(r"Turn off for \d+ people")).click()
    expect(page.get_by_role("switch", name=SWITCH)).not_to_be_checked()


def test_one_loses_it_at_the_next_click_and_the_other_keeps_it(arrive, axe, shot):
    user, manager, owner = arrive("Dana"), arrive("Leila"), arrive("Jonas")
    before = Script.objects.get(name=SCRIPT).body
    edit_script(user)
    edit_script(manager)
    flip(owner, axe, shot)

    with user.expect_response(re.compile("/scripts/")) as answer:
        user.get_by_role("button", name="Save script").click()
    assert answer.value.status == 403
    expect(user.get_by_role("heading", level=1)).to_have_text(f"You cannot edit {SCRIPT}")
    axe(user)
    assert Script.objects.get(name=SCRIPT).body == before
    open_script(user)
    expect(user.get_by_role("link", name="Edit")).to_have_count(0)
    expect(user.get_by_text("suspends it")).to_be_visible()

    manager.get_by_role("button", name="Save script").click()
    expect(manager.get_by_text("Write-Output")).to_be_visible()
    assert Script.objects.get(name=SCRIPT).body == BODY
