"""The auditor opens everything. That no page has anything to change it with is `tests/walk/test_crawl.py`.

In a normal run contrast, which hangs on no reader, is left to `test_every_page`.
"""

from playwright.sync_api import Page, expect

from tests.browser.cast import side_bar
from tests.browser.conftest import ALL, SHAPES
from tests.effort import effort, share

ENTRIES = [
    *("Start", "Users", "People", "Groups", "Roles", "Tenants", "Computers", "Agents", "Maintenance"),
    *("Tags", "Software", "Deployments", "Schedules", "Licenses", "Scripts"),
    *("Dashboard", "Reports", "Assignments", "Explain access", "What if"),
    *("Audit log", "Preferences"),
]
ASKED = effort(SHAPES, ALL, ALL)


def test_every_entry_and_every_tab_opens(arrive, axe):
    page = arrive("Hugo")
    entries = side_bar(page).locator(".nav-item")
    assert [words.strip() for words in entries.all_text_contents()] == ENTRIES
    for address in share([entry.get_attribute("href") for entry in entries.all()], "entries"):
        page.goto(address)
        axe(page, ASKED)
        detail = page.locator("tbody .lead a, tbody .what a").first
        if detail.count():
            detail.click()
            open_tabs(page, axe)


def open_tabs(page: Page, axe) -> None:
    expect(page.locator(".crumbs li")).to_have_count(3)
    axe(page, ASKED)
    tabs = page.locator(".tabs a:not([aria-current])").all()
    for address, words in [(tab.get_attribute("href"), tab.text_content()) for tab in tabs]:
        page.goto(address)
        current = page.locator(".tabs a[aria-current]")
        if current.count():  # others lead to a list that is narrowed
            expect(current).to_have_text(words)
        axe(page, ASKED)
