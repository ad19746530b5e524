"""A technician gets servers of tagged tenants until tomorrow and loses them again: their open browser feels both."""

import re

from playwright.sync_api import Page, expect

from computers.models import Computer
from tests.browser.cast import choose, go

MAY = re.compile(r"May act as MSP User.*on servers of tenants tagged Silver SLA, until", re.DOTALL)


def expected() -> list[str]:
    tagged = Computer.objects.live().filter(type="server", tenant__tags__name="Silver SLA")
    return sorted(tagged.values_list("name", flat=True))


def listed(page: Page) -> list[str]:
    return sorted(page.locator("tbody .lead .name").all_text_contents())


def open_assignments(page: Page, person: str) -> None:
    go(page, "Users")
    page.get_by_role("searchbox").press_sequentially(person)
    page.get_by_role("link", name=person, exact=True).click()
    page.locator(".tab", has_text="Assignments").click()


def put_together(page: Page) -> None:
    page.get_by_role("link", name="New assignment").click()
    choose(page, "Role", "MSP User")
    page.get_by_role("group", name="Tenants").get_by_text("Tag", exact=True).click()
    choose(page, "Tag", "Silver SLA")
    page.get_by_role("group", name="Computers").get_by_text("Type", exact=True).click()
    page.get_by_label("Servers").check()
    page.get_by_role("group", name="Ends").get_by_text("1 day").click()
    page.get_by_label("Reason").fill("Patch window, INC-20931")


def test_what_is_given_is_seen_at_the_next_click_and_gone_at_the_one_after_its_end(arrive, axe, shot):
    technician, administrator = arrive("Leila"), arrive("Jonas")
    go(technician, "Scripts")
    expect(technician.get_by_role("link", name="Computers")).to_have_count(0)
    open_assignments(administrator, "Leila Haddad")
    put_together(administrator)
    shot(administrator, "journey-editor")
    give(administrator, axe)
    technician.reload()
    go(technician, "Computers")
    expect(technician.get_by_role("heading", level=1)).to_have_text("Computers")
    assert listed(technician) == expected()
    assert expected()
    axe(technician)
    end(administrator)
    with technician.expect_response(re.compile("/computers/")) as answer:
        go(technician, "Computers")
    assert answer.value.status == 403
    expect(technician.get_by_role("heading", level=1)).to_have_text("You cannot view computers")
    axe(technician)


def give(page: Page, axe) -> None:
    preview = page.get_by_role("complementary", name="What this will do")
    expect(preview).to_contain_text("the role MSP User on servers of tenants tagged Silver SLA, from now until")
    expect(preview.locator(".figures div").filter(has_text="Computers").locator("dd")).to_have_text(
        str(len(expected()))
    )
    axe(page)
    preview.get_by_role("button", name="Grant assignment").click()
    page.get_by_label("Type Leila Haddad to confirm").fill("Leila Haddad")
    page.get_by_role("button", name="Give great power").click()
    expect(page.get_by_text("MSP User given to Leila Haddad")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=MAY)).to_be_visible()
    axe(page)


def end(page: Page) -> None:
    page.get_by_role("listitem").filter(has_text=MAY).get_by_role("link", name="End").click()
    dialog = page.get_by_role("dialog", name="End access of Leila Haddad?")
    expect(dialog).to_contain_text(MAY)
    dialog.get_by_label("Reason").fill("The window is over")
    dialog.get_by_role("button", name="End assignment").click()
    expect(page.get_by_text("1 assignment of Leila Haddad ended")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=MAY)).to_have_count(0)
