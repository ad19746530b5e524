"""The assignment editor in a browser: by keyboard, its preview, its question about great power; and without scripts."""

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.cast import email_of, picker, sign_in
from tests.browser.conftest import ONE_LOOK


def editor_of(page: Page, name: str) -> None:
    page.goto(f"/users/{User.objects.get(name=name).pk}/assignments/create/")


def pick(page: Page, label: str, words: str, name: str) -> None:
    """By keyboard alone: type, take the one that is meant."""
    box = picker(page, label)
    box.focus()
    box.press_sequentially(words)
    expect(page.get_by_role("option", name=name).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value(name)


def test_great_power_is_given_with_open_eyes_and_ended_again(arrive, axe, shot):
    page = arrive("Jonas")
    editor_of(page, "Dana Whitfield")
    preview = page.get_by_role("complementary", name="What this will do")
    pick(page, "Role", "script man", "Script Manager")
    page.get_by_text("Specific tenant").click()
    pick(page, "Tenant", "woodgrove b", "Woodgrove Bank")
    page.get_by_text("3 days").click()
    expect(preview).to_contain_text("Gains great power: 1")
    expect(preview.get_by_text("You may give this")).to_be_visible()
    axe(page)
    shot(page, "assignment-editor")
    page.get_by_label("Reason").fill("Print queue, INC-20931")
    page.get_by_role("button", name="Grant assignment").click()
    confirm_great_power(page, "Dana Whitfield", axe, shot)
    expect(page.get_by_text("Script Manager given to Dana Whitfield")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="Script Manager").filter(has_text="Woodgrove Bank")
    expect(row).to_contain_text("Ends in")
    end(page, row, "Dana Whitfield")


def confirm_great_power(page: Page, name: str, axe, shot) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Give great power to {name}?")
    axe(page)
    shot(page, "great-power")
    give = dialog.get_by_role("button", name="Give great power")
    expect(give).to_be_disabled()
    dialog.get_by_label(f"Type {name} to confirm").fill(name.lower())
    give.click()


def end(page: Page, row, name: str) -> None:
    row.get_by_role("link", name="End").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="End assignment").click()
    expect(dialog.get_by_role("alert")).to_be_focused()  # a reason is asked
    dialog.get_by_label("Reason").fill("Done")
    dialog.get_by_role("button", name="End assignment").click()
    expect(page.get_by_text(f"1 assignment of {name} ended")).to_be_visible()
    expect(row).to_have_count(0)


@ONE_LOOK
def test_what_is_typed_wrong_is_marked_and_nothing_is_lost(arrive, axe):
    page = arrive("Jonas")
    editor_of(page, "Grace Kim")
    pick(page, "Role", "tenant u", "Tenant User")
    page.get_by_text("On a date…").last.click()
    page.get_by_label("End", exact=True).fill("2020-01-01T10:00")
    page.get_by_role("button", name="Grant assignment").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was given.")
    expect(page.get_by_label("End", exact=True)).to_have_value("2020-01-01T10:00")
    expect(picker(page, "Role")).to_have_value("Tenant User")
    axe(page)


@ONE_LOOK
def test_roles_for_denying_are_offered_under_deny_alone(arrive):
    page = arrive("Jonas")
    editor_of(page, "Grace Kim")
    role = picker(page, "Role")
    role.press_sequentially("no computer")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_text("Deny", exact=True).click()
    pick(page, "Role", "no computer", "No computer changes")
    preview = page.get_by_role("complementary", name="What this will do")
    expect(preview.get_by_role("button", name="Deny No computer changes")).to_be_visible()
    page.get_by_text("Allow", exact=True).click()
    expect(role).to_have_value("")


@ONE_LOOK
def test_whoever_types_fast_takes_what_they_typed(arrive):
    page = arrive("Jonas")
    editor_of(page, "Grace Kim")
    for label, words, name in (("Role", "script man", "Script Manager"), ("Tenant", "woodgrove b", "Woodgrove Bank")):
        if label == "Tenant":
            page.get_by_text("Specific tenant").click()
        box = picker(page, label)
        box.press_sequentially(words)
        page.keyboard.press("Enter")  # before the list could answer
        expect(box).to_have_value(name)


@ONE_LOOK
def test_a_tenant_administrator_is_offered_their_own_tenant_and_no_other_name(arrive, axe):
    page = arrive("Rosa")
    editor_of(page, "Grace Kim")
    expect(page.get_by_role("group", name="Tenants").get_by_role("radio")).to_have_count(1)
    picker(page, "Role").click()
    barred = page.get_by_role("option", name=re.compile("MSP Administrator"))
    expect(barred).to_have_attribute("aria-disabled", "true")
    expect(barred).to_contain_text("You do not hold")
    for foreign in ("Contoso", "Litware", "Northwind"):
        expect(page.get_by_role("main")).not_to_contain_text(foreign)
    axe(page)


@ONE_LOOK
def test_it_works_without_scripts(browser, browser_context_args, demo):
    page = browser.new_context(**browser_context_args, java_script_enabled=False).new_page()
    sign_in(page, email_of("Jonas"))
    editor_of(page, "Grace Kim")
    page.get_by_label("Role", exact=True).select_option("Tenant User")
    page.get_by_text("1 day").click()
    page.get_by_label("Reason").fill("Stock-taking")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("complementary", name="What this will do")).to_contain_text("Give Grace Kim the role")
    page.get_by_role("button", name="Grant assignment").click()
    expect(page.get_by_text("Tenant User given to Grace Kim")).to_be_visible()
