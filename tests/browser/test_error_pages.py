"""The pages that nobody wants to see can be read by everybody, and are dressed: their style sheets arrive."""

import re

from playwright.sync_api import Page, expect


def test_a_missing_page_can_be_read_and_leads_on(page: Page, axe, shot):
    broken = []
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 400 else None)
    answer = page.goto("/nowhere")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert [text for text in broken if "/nowhere" not in text and "404" not in text] == []
    assert page.evaluate("document.styleSheets.length")
    axe(page)
    shot(page, "404")


def test_a_filter_out_of_view_says_so_and_leads_to_the_list_without_it(arrive, axe, shot):
    """As a view shared by somebody who sees more may hold one."""
    page = arrive("Rosa")
    page.goto("/users/?tenant=2000000000&status=active")
    expect(page.get_by_role("heading", name="This filter leads nowhere")).to_be_visible()
    axe(page)
    shot(page, "400-filter")
    page.get_by_role("link", name="Show the list without it").click()
    expect(page).to_have_url(re.compile(r"/users/\?status=active$"))
    expect(page.get_by_role("table")).to_be_visible()
