"""A role given until tomorrow, and taken again: the other person's open browser follows at its next click."""

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from computers.models import Computer
from immyrbac.words import number
from tests.browser.cast import go
from tests.browser.test_assignment_editor import editor_of, end, pick

TAG = "Gold SLA"


def servers() -> list[Computer]:
    rows = Computer.objects.live().filter(type="server", tenant__tags__name=TAG)
    return list(rows.order_by("name", "pk"))


def give_until_tomorrow(page: Page, axe) -> None:
    editor_of(page, "Leila Haddad")
    pick(page, "Role", "deployment m", "Deployment Manager")
    page.get_by_text("Tenants that bear a tag").click()
    pick(page, "Tag", "gold", TAG)
    page.get_by_role("group", name="Computers").get_by_text("Type").click()
    page.get_by_text("Servers", exact=True).click()
    page.get_by_text("1 day", exact=True).click()
    page.get_by_label("Reason").fill("Patch night, CHG-5120")
    preview = page.get_by_role("complementary", name="What this will do")
    expect(preview).to_contain_text(number(len(servers())))
    axe(page)
    preview.get_by_role("button", name="Grant assignment").click()
    expect(page.get_by_text("Deployment Manager given to Leila Haddad")).to_be_visible()


def test_a_technician_sees_exactly_what_was_given_at_the_next_click_and_nothing_when_it_ends(arrive, axe):
    hers, page = arrive("Leila"), arrive("Jonas")
    go(hers, "Scripts")
    expect(hers.get_by_role("link", name="Computers")).to_have_count(0)
    give_until_tomorrow(page, axe)
    go(hers, "Start")
    go(hers, "Computers")
    expect(hers.get_by_text(re.compile(rf"of {number(len(servers()))}$"))).to_be_visible()
    names = hers.locator("tbody th a").all_inner_texts()
    assert names == [computer.name for computer in servers()][: len(names)]
    axe(hers)
    page.goto(f"/users/{User.objects.get(name='Leila Haddad').pk}/assignments/")
    end(page, page.get_by_role("listitem").filter(has_text="Deployment Manager"), "Leila Haddad")
    hers.locator("tbody th a").first.click()
    expect(hers.get_by_role("heading", level=1)).to_have_text("Not found")
    hers.goto("/computers/")
    expect(hers.get_by_role("heading", level=1)).to_contain_text("You cannot view Computers")
    axe(hers)
