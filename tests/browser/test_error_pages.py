"""The pages that nobody wants to see can be read by everybody, and are dressed: their style sheets arrive."""

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
