"""The palette, the keys of lists and saved views, by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.cast import email_of
from tests.browser.conftest import ONE_LOOK

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def as_jonas(page: Page, enter, demo) -> Page:
    enter(User.objects.get(email=email_of("Jonas")))
    page.set_default_timeout(10_000)
    return page


def palette(page: Page):
    return page.get_by_role("dialog", name="Search or jump to")


def chosen(page: Page):
    return palette(page).get_by_role("option", selected=True)


def test_the_palette_finds_and_opens_by_keyboard(as_jonas: Page, axe, shot):
    page = as_jonas
    page.goto("/users/")
    page.keyboard.press("Control+k")
    field = palette(page).get_by_role("combobox")
    expect(field).to_be_focused()
    expect(chosen(page)).to_have_text(re.compile("Start"))
    field.press_sequentially("fab")
    expect(chosen(page)).to_have_text(re.compile("^Fabrikam"))
    expect(palette(page).get_by_role("group", name="Users").get_by_role("option").first).to_be_visible()
    axe(page)
    shot(page, "palette")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_have_attribute("id", palette(page).get_by_role("option").last.get_attribute("id"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Fabrikam"))


@ONE_LOOK
def test_esc_gives_the_focus_back_and_a_verb_waits_for_a_name(as_jonas: Page):
    page = as_jonas
    page.goto("/computers/")
    opener = page.get_by_role("link", name="Search or jump to")
    opener.press("Enter")
    expect(palette(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("grant")
    palette(page).get_by_role("option", name="Grant assignment to …").click()
    page.keyboard.type("dana whit")
    expect(chosen(page)).to_have_text(re.compile("Grant assignment to Dana Whitfield"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/users/\d+/assignments/create/$"))


@ONE_LOOK
def test_keys_move_through_a_list_and_never_while_typing(as_jonas: Page, axe):
    page = as_jonas
    page.goto("/users/?rows=10")
    rows = page.locator("tbody tr")
    page.keyboard.press("j")
    expect(rows.nth(0).get_by_role("link").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(rows.nth(1).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("k")
    expect(rows.nth(0).get_by_role("link").first).to_be_focused()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    axe(page)
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(rows.nth(0).get_by_role("link").first).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("j?xk")
    expect(page.get_by_role("searchbox")).to_have_value("j?xk")
    expect(keys).to_be_hidden()


def test_a_narrowed_list_is_kept_and_found_again(as_jonas: Page, axe, shot):
    page = as_jonas
    page.goto("/computers/")
    page.get_by_role("searchbox").press_sequentially("sql")
    expect(page).to_have_url(re.compile(r"\?q=sql$"))
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="Save this view…").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name").fill("SQL servers")
    shot(page, "saved-view")
    dialog.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("SQL servers saved")).to_be_visible()
    page.goto("/computers/")
    page.get_by_role("button", name="Views").click()
    view = page.locator("#views-menu").get_by_role("link", name="SQL servers")
    expect(view).to_be_visible()
    axe(page)
    shot(page, "saved-view-menu")
    view.click()
    expect(page).to_have_url(re.compile(r"\?q=sql$"))
