"""The way in, the set-password link and the profile: by hand, by keyboard, without scripts, at every width."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.links import create_link
from rbac.audit import SYSTEM
from tests.accounts.signing_in import signed_in
from tests.browser.conftest import ONE_LOOK
from tests.factories import (
    PASSWORD,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    RoleFactory,
    SwitchFactory,
    TagFactory,
)
from tests.people import People, give, give_group

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "seven tall ships at anchor"
PAGES = ("profile", "profile/access", "profile/security", "profile/password")


@pytest.fixture
def people(transactional_db) -> People:
    cache.clear()
    people = People()
    give(
        people.dana, "computer_terminal_user", scope="tag", tag=TagFactory(name="Gold SLA"), reason="On call, INC-20931"
    )
    give(people.dana, "msp_user", scope="tenant", tenant=people.fabrikam, expires_at="2046-11-27T09:40Z")
    RoleAssignmentFactory(
        user=people.dana,
        role=RoleFactory(name="No terminal", deny_only=True, permissions=["computers:view", "scripts:view"]),
        effect="deny",
        scope="tenant",
        tenant=people.fabrikam,
        computer_scope="type",
        computer_type="domain_controllers",
        expires_at=timezone.now() + timedelta(days=3, hours=1),
        reason="Change freeze CHG-4471",
        granted_by=people.marcus,
    )
    give_group(people.desk, "msp_user", scope="msp", tenant=people.contoso, starts_at="2046-12-01T00:00Z")
    give_group(people.desk, "script_manager", scope="own_tenant", include_children=True)
    GroupMembershipFactory(user=people.dana, group__name="Night Shift", group__tenant=None, added_by=people.theo)
    SwitchFactory(enabled=False, key="allow_non_admins_and_non_msp_users_to_use_terminal_and_edit_scripts")
    return people


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def sign_in(page: Page, user, password: str = PASSWORD) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@ONE_LOOK
def test_the_way_in_and_out(page: Page, people, axe_in_every_look, shot):
    page.goto("/profile/")
    expect(page).to_have_url("/sign-in/?next=/profile/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    axe_in_every_look(page)
    shot(page, "sign-in")
    sign_in(page, people.dana, "not the password")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value(people.dana.email)
    axe_in_every_look(page)
    shot(page, "sign-in-refused")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/")
    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/sign-in/")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Dana")


@ONE_LOOK
def test_a_new_person_sets_a_password(page: Page, people, axe_in_every_look, shot):
    page.goto(f"/set-password/{create_link(actor=SYSTEM, user=people.sam)}/")
    expect(page).to_have_url("/set-password/")
    axe_in_every_look(page)
    shot(page, "set-password")
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("shorter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    axe_in_every_look(page)
    shot(page, "set-password-error")
    page.get_by_label("New password").fill(NEW)
    page.get_by_label("The same again").fill(NEW)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    axe_in_every_look(page)
    shot(page, "set-password-done")
    page.goto("/set-password/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    axe_in_every_look(page)
    shot(page, "set-password-gone")


@ONE_LOOK
def test_the_profile(page: Page, people, axe_in_every_look, shot):
    signed_in(people.dana)
    sign_in(page, people.dana)
    for path in PAGES:
        page.goto(f"/{path}/")
        axe_in_every_look(page)
        assert fits(page), path
        shot(page, path.replace("/", "-"))


@ONE_LOOK
def test_nothing_scrolls_sideways_at_320(page: Page, people, shot):
    page.set_viewport_size({"width": 320, "height": 700})
    for path in ("sign-in", "set-password"):
        page.goto(f"/{path}/")
        assert fits(page), path
    sign_in(page, people.dana)
    for path in PAGES:
        page.goto(f"/{path}/")
        assert fits(page), path
        shot(page, f"{path.replace('/', '-')}-320")


@ONE_LOOK
def test_sessions_end_and_passwords_change_in_place(page: Page, people, axe, shot):
    signed_in(people.dana)
    signed_in(people.dana)
    sign_in(page, people.dana)
    page.goto("/profile/security/")
    page.get_by_role("button", name="End the session").first.click()
    expect(page.get_by_role("region", name="What has just happened")).to_contain_text("was signed out")
    expect(page.get_by_role("button", name="End the session")).to_have_count(1)
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_role("button", name="End the session")).to_have_count(0)
    page.get_by_role("link", name="Change password").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Current password")).to_be_focused()
    axe(page)
    shot(page, "profile-password-dialog")
    for label, typed in (("Current password", "wrong"), ("New password", NEW), ("The same again", NEW)):
        dialog.get_by_label(label).fill(typed)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("This is not your current password.")
    for label, typed in (("Current password", PASSWORD), ("New password", NEW), ("The same again", NEW)):
        dialog.get_by_label(label).fill(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password was changed.")).to_be_visible()
    expect(page).to_have_url("/profile/security/")


@ONE_LOOK
def test_all_of_it_works_without_scripts(browser: Browser, base_url, people, look):
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    page = context.new_page()
    signed_in(people.dana)
    sign_in(page, people.dana)
    page.goto("/profile/security/")
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_role("button", name="End all others")).to_have_count(0)
    page.get_by_role("link", name="Change password").click()
    for label, typed in (("Current password", PASSWORD), ("New password", NEW), ("The same again", NEW)):
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Change password").click()
    expect(page).to_have_url("/profile/security/")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, people.dana, NEW)
    expect(page).to_have_url("/")
    context.close()
