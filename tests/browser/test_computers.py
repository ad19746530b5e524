"""What people do with computers, scripts and the log in a browser: dialogs, pickers, batches, explanations."""

import re

import pytest
from playwright.sync_api import Page, expect

from rbac.permissions import Permission
from tests.browser.cast import picker
from tests.browser.conftest import ONE_LOOK
from tests.grants import deny, grant
from tests.story import Story, tell


@pytest.fixture
def story(transactional_db) -> Story:
    return tell()


@pytest.fixture
def marcus(story, enter) -> Story:
    """The story, read by the owner of the system."""
    enter(story.marcus)
    return story


def act(page: Page, words: str) -> None:
    """Choose from the menu of the head."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name=words).click()


def test_a_dialog_says_what_is_wrong_and_then_that_it_is_done(page: Page, marcus, axe, shot):
    page.goto(f"/computers/{marcus.dc01.pk}/")
    page.get_by_role("link", name="Edit computer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Edit DC01")).to_be_visible()
    dialog.get_by_label("Name").fill("FAB-LT-0147")
    dialog.get_by_label("Serial number").fill("C02XG2JH")
    dialog.get_by_role("button", name="Save changes").click()
    expect(dialog.get_by_role("alert")).to_be_focused()
    expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Serial number")).to_have_value("C02XG2JH")
    shot(page, "computer-edit-invalid")
    axe(page)
    dialog.get_by_label("Name").fill("DC02")
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1, name="DC02")).to_be_visible()
    expect(page.get_by_text("Edited DC01.")).to_be_visible()


@ONE_LOOK
def test_a_move_announces_the_tags_that_stay_behind(page: Page, marcus):
    page.goto(f"/computers/{marcus.dc01.pk}/")
    act(page, "Move to another tenant")
    dialog = page.get_by_role("dialog")
    picker(dialog, "New tenant").fill("north")
    page.get_by_role("option", name="Northwind").click()
    dialog.get_by_role("button", name="Move computer").click()
    expect(dialog.get_by_text("1 tag cannot be used there and will be removed: Branch.")).to_be_visible()
    dialog.get_by_role("button", name="Move and remove tags").click()
    expect(dialog.get_by_role("alert", name="What this does to people")).to_contain_text("Grace Kim loses")
    expect(dialog.get_by_text("1 tag cannot be used there and will be removed: Branch.")).to_be_visible()
    dialog.get_by_role("button", name="Move computer").click()
    expect(page.get_by_text("Moved DC01.")).to_be_visible()
    expect(page.get_by_role("link", name="Northwind")).to_be_visible()


@ONE_LOOK
def test_a_refusal_keeps_what_was_chosen(page: Page, story, enter, axe):
    scope = {"computer_scope": "tag", "computer_tag": story.tier0}
    grant(story.dana, Permission.COMPUTERS_DELETE, scope="tenant", tenant=story.fabrikam, **scope)
    enter(story.rosa)
    page.goto(f"/computers/{story.laptop.pk}/")
    act(page, "Change tags")
    page.get_by_role("checkbox", name=re.compile("Tier 0.*Carries access")).check()
    page.get_by_role("button", name="Save tags").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("checkbox", name=re.compile("Tier 0"))).to_be_checked()
    axe(page)


@ONE_LOOK
def test_a_computer_is_deleted_and_restored(page: Page, marcus):
    page.goto(f"/computers/{marcus.press.pk}/")
    act(page, "Delete computer")
    page.get_by_label("Reason").fill("Scrapped")
    page.get_by_role("button", name="Delete computer").click()
    expect(page.get_by_text("Only who may restore it still sees it.")).to_be_visible()
    page.get_by_role("link", name="Restore computer").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore computer").click()
    expect(page.get_by_text("Restored NW-PRESS.")).to_be_visible()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("link", name="Restored computer NW-PRESS")).to_be_visible()
    page.get_by_role("link", name="Deleted computer NW-PRESS").click()
    expect(page.get_by_text("Scrapped")).to_be_visible()
    expect(page.get_by_text("Matches its contents and its neighbours")).to_be_visible()


@ONE_LOOK
def test_the_list_is_searched_filtered_and_changed_at_once(page: Page, marcus):
    page.goto("/computers/")
    page.get_by_role("searchbox").fill("fab")
    expect(page.get_by_role("link", name="DC01")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?q=fab$"))
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Type").select_option("Server")
    page.get_by_role("button", name="Apply filter").click()
    expect(page.get_by_role("link", name="Remove filter: Type Server")).to_be_visible()
    page.get_by_role("checkbox", name="Select NW-PRESS").check()
    page.get_by_role("checkbox", name="Select AW-BIKES").check()
    page.get_by_role("button", name="Change tags").click()
    page.get_by_role("group", name="Put on").get_by_role("checkbox", name=re.compile("Tier 0")).check()
    page.get_by_role("button", name="Change tags of 2 computers").click()
    expect(page.get_by_text("Changed the tags of 2 computers.")).to_be_visible()
    expect(page.get_by_text("Tier 0")).to_have_count(3)


@ONE_LOOK
def test_a_cell_leads_to_its_explanation(page: Page, marcus):
    deny(marcus.dana, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=marcus.fabrikam, reason="Change freeze")
    page.goto(f"/computers/{marcus.dc01.pk}/who/")
    page.get_by_role("link", name="By person").click()
    page.get_by_role("searchbox").fill("dana")
    expect(page.get_by_role("rowheader", name=re.compile("Rosa"))).to_be_hidden()
    page.get_by_role("link", name="Dana Whitfield can edit DC01: denied").press("Enter")
    expect(page.get_by_role("heading", name="No, Dana Whitfield cannot edit DC01")).to_be_visible()
    expect(page.get_by_text("“Change freeze”")).to_be_visible()


@ONE_LOOK
def test_a_script_is_written_for_a_tenant(page: Page, marcus):
    page.goto("/scripts/")
    page.get_by_role("link", name="New script").first.click()
    picker(page, "Tenant").fill("fabrikam l")
    page.get_by_role("option", name="Fabrikam Logistics").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("It belongs to Fabrikam Logistics.")).to_be_visible()
    page.get_by_label("Name").fill("Clear print queue")
    page.get_by_label("Text").fill("Stop-Service Spooler")
    page.get_by_role("button", name="Create script").click()
    expect(page.get_by_role("heading", level=1, name="Clear print queue")).to_be_visible()
    expect(page.get_by_role("link", name="Created script Clear print queue")).to_be_visible()


@ONE_LOOK
def test_the_tab_that_is_open_is_in_sight_on_a_phone(page: Page, marcus):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/computers/{marcus.dc01.pk}/history/")
    tab = page.get_by_role("link", name="History", exact=True).bounding_box()
    assert tab is not None
    assert tab["x"] >= 0
    assert tab["x"] + tab["width"] <= 390
