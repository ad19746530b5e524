"""The design system by itself: every part, in each look, by keyboard and by screen reader."""

import re

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import ONE_LOOK
from tests.gallery.settings import GALLERY

PAGES = (
    "", "users/", "user/", "form/", "computer/", "audit/", "entry/", "explain/", "preferences/", "ripple/", "empty/",
    "sign-in/", "end/", "refusal/", "parts/", "404/", "400/", "csrf/",
)  # fmt: skip


@pytest.fixture(scope="module")
def gallery():
    with override_settings(**GALLERY):
        server = LiveServer("localhost")
        yield server.url
        server.stop()


@pytest.fixture
def browser_context_args(browser_context_args: dict, gallery: str) -> dict:
    return {**browser_context_args, "base_url": gallery}


@pytest.fixture
def calm(page: Page):
    """Fail on anything that the browser complains about: scripts, styles, what the policy blocks."""
    page.set_default_timeout(5000)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    yield page
    assert [text for text in complaints if not re.search("(status of|Status Error Code) 4", text)] == []


def options(page):
    return page.get_by_role("listbox").get_by_role("option")


@ONE_LOOK
def test_every_page_is_accessible_and_fits(calm: Page, axe_in_every_look, shot):
    for path in PAGES:
        calm.goto(f"/{path}")
        axe_in_every_look(calm)
        assert calm.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        shot(calm, f"gallery-{path.strip('/') or 'start'}")


@ONE_LOOK
def test_nothing_scrolls_sideways_at_320(calm: Page):
    calm.set_viewport_size({"width": 320, "height": 700})
    for path in PAGES:
        calm.goto(f"/{path}")
        assert calm.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@ONE_LOOK
def test_a_dialog_opens_wakes_its_button_and_gives_the_focus_back(calm: Page, axe_in_every_look, shot):
    calm.goto("/user/")
    opener = calm.get_by_role("link", name="End", exact=True).first
    opener.click()
    dialog = calm.get_by_role("dialog", name="Give great power to Dana Whitfield?")
    expect(dialog).to_be_visible()
    button = dialog.get_by_role("button", name="Give great power")
    expect(button).to_be_disabled()
    dialog.get_by_label("Type Dana Whitfield to confirm").fill("dana  whitfield")
    expect(button).to_be_enabled()
    axe_in_every_look(calm)
    shot(calm, "gallery-dialog")
    calm.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


@ONE_LOOK
def test_a_combobox_is_driven_by_the_keyboard(calm: Page, axe_in_every_look, shot):
    calm.goto("/user/")
    box = calm.get_by_role("combobox", name="Role")
    box.fill("t")
    expect(options(calm)).to_have_count(6)
    expect(options(calm).last).to_have_attribute("aria-disabled", "true")
    expect(calm.locator("#live")).to_have_text("6 roles")
    axe_in_every_look(calm)
    shot(calm, "gallery-combobox")
    expect(options(calm).first).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("Computer Terminal User")
    expect(calm.locator("select[name=role]")).to_have_value("2")
    box.fill("nobody")
    box.press("Escape")
    expect(box).to_have_value("Computer Terminal User")


@ONE_LOOK
def test_a_combobox_asks_its_source(calm: Page):
    calm.goto("/form/")
    box = calm.get_by_role("combobox", name="Tenant")
    box.fill("fab")
    expect(options(calm)).to_have_count(20)
    expect(calm.get_by_text("Keep typing to see others")).to_be_visible()
    options(calm).nth(1).click()
    expect(box).to_have_value("fab 3")
    expect(calm.locator("select[name=tenant]")).to_have_value("3")
    box.blur()
    expect(calm.get_by_text("12 computers")).to_be_visible()


@ONE_LOOK
def test_what_only_denies_is_offered_under_deny_alone(calm: Page):
    calm.goto("/user/")
    box = calm.get_by_role("combobox", name="Role")
    box.fill("terminal only")
    expect(options(calm)).to_have_count(0)
    calm.get_by_text("Deny", exact=True).click()
    box.fill("terminal only")
    options(calm).click()
    expect(calm.locator("select[name=role]")).to_have_value("7")
    calm.get_by_text("Allow", exact=True).click()
    expect(box).to_have_value("")


@ONE_LOOK
def test_what_no_card_reveals_is_not_sent(calm: Page):
    calm.goto("/user/")
    sent = "[...new FormData(document.querySelector('main form'))].map(([name]) => name)"
    assert "tag" in calm.evaluate(sent)
    calm.get_by_text("Owner", exact=True).click()
    expect(calm.locator("select[name=tag]")).to_be_hidden()
    assert "tag" not in calm.evaluate(sent)


@ONE_LOOK
def test_selecting_rows_turns_the_foot_into_the_batch_bar(calm: Page, axe_in_every_look, shot):
    calm.goto("/users/")
    calm.get_by_label("Select Callum Reid").check()
    calm.get_by_label("Select Dana Whitfield").check()
    expect(calm.get_by_role("heading", name="2 selected")).to_be_visible()
    axe_in_every_look(calm)
    shot(calm, "gallery-batch")
    calm.get_by_role("button", name="Select all 2,314 that match").click()
    expect(calm.get_by_role("heading", name="2,314 selected")).to_be_visible()
    expect(calm.locator("[name=all]")).to_have_value("1")
    calm.get_by_label("Select Dana Whitfield").uncheck()
    expect(calm.locator("[name=all]")).to_have_value("")
    calm.get_by_role("button", name="Clear").click()
    expect(calm.get_by_role("link", name="Next")).to_be_visible()


@ONE_LOOK
def test_the_filter_menu_holds_what_is_not_applied(calm: Page, axe_in_every_look, shot):
    calm.goto("/users/")
    calm.get_by_role("button", name="Filter").click()
    expect(calm.get_by_label("Status", exact=False).first).to_be_visible()
    axe_in_every_look(calm)
    shot(calm, "gallery-filter")
    calm.get_by_role("button", name="Apply filter").click()
    expect(calm).to_have_url(re.compile(r"/users/\?tenant=1$"))


def test_a_toast_says_what_happened_and_goes(calm: Page, axe, shot):
    calm.clock.install()
    calm.goto("/toasted/")
    toast = calm.get_by_text("Noah Fischer’s access ended")
    expect(toast).to_be_visible()
    axe(calm)
    shot(calm, "gallery-toast")
    toast.hover()
    calm.clock.run_for(9000)
    expect(toast).to_be_visible()
    calm.mouse.move(5, 5)
    calm.clock.run_for(9000)
    expect(toast).to_have_count(0)


@ONE_LOOK
def test_the_theme_is_chosen_and_kept(calm: Page):
    calm.goto("/users/")
    sheet = "getComputedStyle(document.documentElement).backgroundColor"
    light = calm.evaluate(sheet)
    calm.get_by_role("button", name="Light or dark").click()
    assert calm.evaluate(sheet) != light
    calm.goto("/parts/")
    assert calm.evaluate("document.documentElement.dataset.theme") == "dark"


@ONE_LOOK
def test_the_keyboard_reaches_search_and_skips_the_side_bar(calm: Page):
    calm.goto("/users/")
    calm.keyboard.press("Tab")
    expect(calm.get_by_role("link", name="Skip to content")).to_be_focused()
    calm.keyboard.press("Enter")
    expect(calm.locator("#main")).to_be_focused()
    calm.keyboard.press("/")
    expect(calm.get_by_role("searchbox")).to_be_focused()
    calm.keyboard.press("Escape")
    expect(calm.get_by_role("searchbox")).not_to_be_focused()


@ONE_LOOK
def test_the_side_bar_is_a_menu_where_it_is_narrow(calm: Page, axe):
    calm.set_viewport_size({"width": 390, "height": 844})
    calm.goto("/users/")
    side = calm.get_by_role("navigation", name="Main")
    expect(side).to_be_hidden()
    calm.get_by_role("button", name="Menu").click()
    expect(side).to_be_visible()
    axe(calm)
    calm.keyboard.press("Escape")
    expect(side).to_be_hidden()


@ONE_LOOK
def test_an_error_summary_takes_the_focus(calm: Page):
    calm.goto("/form/")
    expect(calm.get_by_role("alert")).to_be_focused()
    calm.get_by_role("link", name="E-mail:").click()
    expect(calm.get_by_label("E-mail")).to_be_focused()


@ONE_LOOK
def test_searching_swaps_the_list_and_keeps_the_focus(calm: Page):
    calm.goto("/users/")
    search = calm.get_by_role("searchbox")
    search.press_sequentially("aiko")
    expect(calm.locator("tbody tr")).to_have_count(1)
    expect(search).to_be_focused()
    expect(calm).to_have_url(re.compile(r"/users/\?q=aiko&tenant=1$"))
    expect(calm.locator("#live")).to_have_text("1 user")
    expect(calm.locator(".chip")).to_have_count(0)
    calm.go_back()
    expect(calm.locator("tbody tr")).to_have_count(13)


@ONE_LOOK
def test_turning_the_page_goes_to_its_first_row(calm: Page):
    calm.goto("/users/")
    calm.get_by_role("link", name="Next").click()
    expect(calm).to_have_url(re.compile("after=x"))
    expect(calm.get_by_role("link", name="Aiko Tanabe", exact=True)).to_be_focused()


@ONE_LOOK
def test_a_dialog_that_is_wrong_stays_and_says_why(calm: Page):
    calm.goto("/user/")
    calm.get_by_role("link", name="End", exact=True).first.click()
    typed = calm.get_by_label("Type Dana Whitfield to confirm")
    typed.fill("DANA WHITFIELD")
    calm.get_by_role("button", name="Give great power").click()
    expect(calm.get_by_text("This is not Dana Whitfield: DANA WHITFIELD.")).to_be_visible()
    typed.fill("Dana Whitfield")
    calm.get_by_role("button", name="Give great power").click()
    expect(calm.get_by_text("Great power given")).to_be_visible()
    expect(calm).to_have_url(re.compile("/users/$"))


@ONE_LOOK
def test_a_refusal_reaches_htmx_as_the_page_main(calm: Page):
    calm.goto("/users/")
    calm.evaluate("htmx.ajax('GET', '/refusal/', {target: '#list'})")
    expect(calm.get_by_role("heading", level=1)).to_have_text("You cannot open a terminal on DC01")
    expect(calm.locator("#main")).to_be_focused()


@ONE_LOOK
def test_every_page_works_without_script(browser, browser_context_args):
    context = browser.new_context(java_script_enabled=False, **browser_context_args)
    page = context.new_page()
    page.goto("/user/")
    expect(page.locator("select[name=role]")).to_be_visible()
    page.goto("/users/")
    expect(page.get_by_role("button", name="Light or dark")).to_be_hidden()
    expect(page.get_by_role("button", name="Show")).to_be_visible()
    page.goto("/end/")
    expect(page.get_by_role("button", name="Give great power")).to_be_enabled()
    context.close()
