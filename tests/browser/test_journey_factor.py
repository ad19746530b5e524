"""Somebody sets up an authenticator app, and signs in with it; with a recovery code where the app is lost."""

from playwright.sync_api import Page, expect

from rbac.demo.people import PASSWORD
from tests.accounts.signing_in import code
from tests.browser.cast import email_of, sign_in, sign_out


def set_up(page: Page, axe, shot) -> tuple[str, str]:
    """The key that the page shows, and one of the recovery codes."""
    page.goto("/profile/security/")
    page.get_by_role("link", name="Add an app…").click()
    key = (page.locator("#app-key").text_content() or "").replace(" ", "")
    page.get_by_label("Code of the app").fill("000000")
    page.get_by_role("button", name="Add app").click()
    expect(page.get_by_role("alert")).to_contain_text("The app is not added.")
    page.get_by_label("Code of the app").fill(code(key))
    page.get_by_role("button", name="Add app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Authenticator app is set up")
    expect(page.locator("#codes li")).to_have_count(10)
    axe(page)
    shot(page, "factor-codes")
    spare = (page.locator("#codes li").first.text_content() or "").strip()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 of 10 left")).to_be_visible()
    return key, spare


def test_an_app_is_set_up_used_and_removed(arrive, axe, shot):
    page = arrive("Grace")
    _, spare = set_up(page, axe, shot)
    sign_out(page)
    sign_in(page, email_of("Grace"))
    expect(page).to_have_url("/sign-in/code/")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("You are not signed in.")
    axe(page)
    shot(page, "factor-wrong-code")
    page.get_by_label("Code").fill(spare)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/")
    page.goto("/profile/security/")
    expect(page.get_by_text("9 of 10 left")).to_be_visible()
    page.get_by_role("link", name="Remove…").click()
    expect(page.get_by_role("button", name="Remove app")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Remove app").click()
    expect(page.get_by_text("Authenticator app removed")).to_be_visible()
    expect(page.get_by_text("No authenticator app")).to_be_visible()


def test_who_was_away_proves_who_they_are_in_the_place_of_the_dialog(arrive, axe, monkeypatch):
    page = arrive("Grace")
    page.goto("/profile/security/")
    monkeypatch.setattr("accounts.views.proof.is_reauthentication_required", lambda *_, **__: True)
    page.get_by_role("link", name="Add an app…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    monkeypatch.undo()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add an authenticator app")
