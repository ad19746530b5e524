"""A role is edited by keyboard alone: what others depend on is said, then who gains, then its name is typed."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from rbac.models import Role
from rbac.permissions import Permission
from tests.browser.cast import email_of
from tests.browser.conftest import ONE_LOOK


@ONE_LOOK
def test_great_power_comes_into_a_role_by_its_name(page: Page, demo, enter, axe_in_every_look):
    role = Role.objects.get(name="Inventory Reader")
    enter(User.objects.get(email=email_of("Jonas")))
    page.goto(reverse("rbac:role-edit", args=[role.pk]))
    page.locator("#tick-SCRIPTS_MANAGE").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("View Scripts, which Manage Scripts needs")).to_be_visible()
    expect(page.locator("#tick-SCRIPTS_MANAGE")).to_be_focused()
    expect(page.locator("#tick-SCRIPTS_VIEW")).to_be_checked()
    page.get_by_role("button", name="Review the change").press("Enter")
    expect(page.get_by_text("Great power for somebody: 1")).to_be_visible()
    axe_in_every_look(page)
    page.get_by_label("Reason").fill("INC-20931")
    expect(page.get_by_role("button", name="Change it for")).to_be_disabled()
    page.get_by_label("Type Inventory Reader").fill("inventory reader")
    page.get_by_role("button", name="Change it for").press("Enter")
    expect(page.get_by_text("Inventory Reader changed")).to_be_visible()
    role.refresh_from_db()
    assert Permission.SCRIPTS_MANAGE in role.permissions
