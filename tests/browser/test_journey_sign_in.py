"""Into the product and out of it, and one browser that ends what others have open."""

import re

from playwright.sync_api import Page, expect

from rbac.demo.people import PASSWORD
from tests.browser.cast import email_of, go, sign_out

SIGN_IN = re.compile(r"/sign-in/")


def try_password(page: Page, password: str) -> None:
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_wrong_password_changes_nothing_and_signing_out_leaves_nothing(stranger, axe):
    page = stranger()
    page.goto("/users/")
    expect(page).to_have_url("/sign-in/?next=/users/")
    page.get_by_label("E-mail").fill(email_of("Dana"))
    with page.expect_response(SIGN_IN) as answer:
        try_password(page, "see-who-may-do-whatever")
    assert answer.value.status == 422
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value(email_of("Dana"))
    axe(page)
    try_password(page, PASSWORD)
    expect(page).to_have_url("/users/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")
    sign_out(page)
    expect(page).to_have_url("/sign-in/")
    axe(page)
    page.go_back()
    expect(page).to_have_url("/sign-in/?next=/users/")


def test_a_session_that_is_ended_is_over_at_its_next_click(arrive, axe):
    searching, clicking, here = arrive("Dana"), arrive("Dana"), arrive("Dana")
    go(searching, "Users")
    go(clicking, "Users")
    here.goto("/profile/")
    here.get_by_role("link", name="Sign-in").click()
    expect(here.get_by_role("button", name="End the session")).to_have_count(2)
    axe(here)
    here.get_by_role("button", name="End the session").last.click()  # the one used longest ago
    expect(here.get_by_role("button", name="End the session")).to_have_count(1)
    here.get_by_role("button", name="End the session").click()
    expect(here.get_by_role("button", name="End the session")).to_have_count(0)
    searching.get_by_role("searchbox").press_sequentially("grace")  # htmx asks for the list alone
    expect(searching).to_have_url(SIGN_IN)
    go(clicking, "Start")
    expect(clicking).to_have_url("/sign-in/?next=/")
    expect(clicking.get_by_role("navigation", name="Main")).to_have_count(0)
    here.reload()
    expect(here.get_by_role("heading", level=1)).to_contain_text("Dana Whitfield")
