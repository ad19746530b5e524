"""An administrator invites somebody, who accepts and sees exactly what was given; a customer's gives what is theirs."""

import re

from django.core import mail
from playwright.sync_api import Page, expect

from accounts.jobs import send_letter
from accounts.models import Invitation
from computers.models import Computer
from tests.browser.cast import choose, go, picker, sign_in
from tests.browser.test_journey_tenant import HERS

EMAIL, PASSWORD = "mara.holm@fabrikam.example", "seven tall ships at anchor"


def test_who_is_invited_holds_exactly_that(arrive, stranger, axe, shot, base_url):
    page = arrive("Jonas")
    go(page, "Users")
    page.get_by_role("link", name="Invite", exact=True).click()
    picker(page, "Tenant").click()  # what stands there is selected, and typed over
    picker(page, "Tenant").press_sequentially("Fabrikam")
    page.get_by_role("option", name="Fabrikam", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    put_together(page)
    axe(page)
    shot(page, "journey-invitation")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_role("link", name=EMAIL)).to_be_visible()
    axe(page)
    link = mailed(base_url)
    newcomer_comes_in(stranger(), link, axe, shot)


def put_together(page: Page) -> None:
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Name").fill("Mara Holm")
    choose(page, "Role optional", "Tenant User")
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("May act as Tenant User on all computers of their own tenant")
    page.get_by_role("button", name="Add another").click()
    expect(page.get_by_role("button", name=re.compile("^Take out: May act as Tenant User"))).to_be_visible()
    choose(page, "Group optional", "Fabrikam staff")
    expect(panel).to_contain_text("Member of Fabrikam staff")
    page.get_by_label("Reason").fill("Starts on Monday")


def mailed(base_url: str) -> str:
    """The link of the mail, which the worker would have sent."""
    send_letter(Invitation.objects.get(email=EMAIL).pk, base_url)
    (found,) = [each for each in mail.outbox if each.to == [EMAIL]]
    return re.search(r"http\S+/invitation/\S+/", found.body)[0]


def newcomer_comes_in(page: Page, link: str, axe, shot) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Fabrikam")
    shot(page, "journey-invitation-accept")
    fill(page, "somebody@else.example")
    expect(page.get_by_role("alert")).to_contain_text("sent to another address")
    axe(page)
    fill(page, EMAIL)
    sign_in(page, EMAIL, PASSWORD)
    go(page, "Computers")
    ours = Computer.objects.live().filter(tenant__slug="fabrikam").count()
    expect(page.get_by_text(f"1–50 of {ours}")).to_be_visible()


def fill(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Accept invitation").click()


def test_a_customer_s_administrator_gives_only_what_is_theirs(arrive, axe):
    page = arrive("Rosa")
    page.goto("/users/")
    page.get_by_role("link", name="Invite", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Invite somebody to Fabrikam")
    expect(page.get_by_role("group", name="Tenants").get_by_role("radio")).to_have_count(1)
    picker(page, "Role optional").click()
    offered = page.get_by_role("listbox").locator("[role=option]:not([aria-disabled])").locator(".of")
    assert {name.partition("\n")[0] for name in offered.all_inner_texts()} == HERS
    page.keyboard.press("Escape")
    axe(page)


def test_several_are_shown_before_they_are_invited(arrive, axe, shot):
    page = arrive("Rosa")
    page.goto("/users/invitations/create/")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Invite several").click()
    lines = page.get_by_label("Or lines")
    lines.fill("email,name,roles\nbo@fabrikam.example,Bo Ek,Tenant User\nno address,,No such role")
    page.get_by_label("Reason").fill("New branch")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.get_by_text("1 of 2 people cannot be invited like this")).to_be_visible()
    axe(page)
    shot(page, "journey-invitation-several-wrong")
    lines.fill("email,name,roles\nbo@fabrikam.example,Bo Ek,Tenant User\nfay@fabrikam.example,,")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.get_by_role("heading", name="Nothing has been sent yet")).to_be_visible()
    axe(page)
    shot(page, "journey-invitation-several")
    page.get_by_role("button", name="Invite 2 people").click()
    expect(page.get_by_role("link", name="fay@fabrikam.example")).to_be_visible()
