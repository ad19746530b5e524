"""A customer's administrator makes a colleague, gives them a role, and the colleague signs in by the link.

That no page knows another customer is `tests/walk/test_crawl.py`.
"""

from playwright.sync_api import Page, expect

from computers.models import Computer
from tests.browser.cast import choose, go, picker, sign_in

HERS = {"Tenant User", "Warehouse Lead", "Inventory Reader"}
"""The last one on some computers, where the export that she does not hold is inert."""

PASSWORD = "seven tall ships at anchor"


def test_she_makes_a_colleague_who_signs_in_by_the_link(arrive, stranger, axe, shot):
    page = arrive("Rosa")
    go(page, "Users")
    page.get_by_role("link", name="New user").click()
    page.get_by_role("button", name="Continue").click()  # her own tenant is chosen already
    page.get_by_label("Name").fill("Mara Lindgren")
    page.get_by_label("E-mail").fill("mara.lindgren@fabrikam.example")
    axe(page)
    page.get_by_role("button", name="Create user").click()
    link = page.get_by_label("Set-password link", exact=True).input_value()
    axe(page)
    shot(page, "journey-colleague")
    choices_are_hers(page)
    grant_tenant_user(page)
    page.reload()
    expect(page.get_by_label("Set-password link", exact=True)).to_have_count(0)
    colleague_comes_in(stranger(), link)


def choices_are_hers(page: Page) -> None:
    """Design 6, rules 1 and 3, for somebody who holds `users:manage` alone."""
    expect(page.get_by_role("group", name="Tenants").get_by_role("radio")).to_have_count(1)
    expect(page.get_by_role("group", name="Tenants")).to_contain_text("User’s tenant")
    picker(page, "Role").click()
    offered = page.get_by_role("listbox").locator("[role=option]:not([aria-disabled])").locator(".of")
    assert {name.partition("\n")[0] for name in offered.all_inner_texts()} == HERS
    page.keyboard.press("Escape")


def grant_tenant_user(page: Page) -> None:
    choose(page, "Role", "Tenant User")
    page.get_by_label("Reason").fill("New at the front desk")
    expect(page.get_by_role("complementary", name="What this will do")).to_contain_text("You may give this")
    page.get_by_role("button", name="Grant assignment").click()
    expect(page.get_by_role("listitem").filter(has_text="May act as Tenant User on all computers")).to_be_visible()


def colleague_comes_in(page: Page, link: str) -> None:
    page.goto(link)
    expect(page).to_have_url("/set-password/")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    sign_in(page, "mara.lindgren@fabrikam.example", PASSWORD)
    go(page, "Computers")
    ours = Computer.objects.live().filter(tenant__slug="fabrikam").count()
    expect(page.get_by_text(f"1–50 of {ours}")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
