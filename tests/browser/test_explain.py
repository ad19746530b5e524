"""A question is put together, answered and changed in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cast import choose, picker
from tests.browser.conftest import ONE_LOOK
from tests.story import Story, tell


@pytest.fixture
def story(transactional_db) -> Story:
    return tell()


def ask_of(page: Page, label: str, words: str) -> None:
    """In the place of what is chosen there, which a click selects."""
    picker(page, label).click()
    choose(page, label, words)


@ONE_LOOK
def test_a_question_is_answered_in_its_place(page: Page, story, enter, axe):
    enter(story.marcus)
    page.goto("/explain/")
    ask_of(page, "Who", "Grace")
    ask_of(page, "May do what", "Manage Computers")
    ask_of(page, "On what", "DC01")
    page.get_by_role("button", name="Ask").click()
    verdict = page.get_by_role("heading", level=1, name="No, Grace Kim cannot edit DC01")
    expect(verdict).to_be_visible()
    expect(page.locator("#verdict")).to_be_focused()
    expect(page).to_have_url(
        re.compile(rf"user={story.grace.pk}&permission=computers.*manage&on=computer.*{story.dc01.pk}$")
    )
    axe(page)
    ask_of(page, "Who", "Dana")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", level=1, name="Yes, Dana Whitfield can edit DC01")).to_be_visible()
    page.get_by_role("link", name="All who can, by name").click()
    expect(page.get_by_role("heading", level=1, name="Who can edit DC01")).to_be_visible()
    page.get_by_label("Name").fill("marcus")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page).to_have_url(re.compile("permission=.*&q=marcus|q=marcus&permission="))


@ONE_LOOK
def test_a_question_in_words_by_keyboard_alone(page: Page, story, enter, axe):
    enter(story.marcus)
    page.goto("/explain/")
    page.get_by_label("Ask in words").focus()
    page.keyboard.type("can Grace Kim fly")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“fly” names nothing that somebody may do here.")
    expect(page.get_by_label("Ask in words")).to_have_value("can Grace Kim fly")
    axe(page)
    page.get_by_label("Ask in words").fill("can Grace Kim edit dc01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="No, Grace Kim cannot edit DC01")).to_be_visible()
    ask_of(page, "Who", "Dana")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", level=1, name="Yes, Dana Whitfield can edit DC01")).to_be_visible()
    expect(page.get_by_label("Ask in words")).to_have_value("Can Dana Whitfield edit DC01?")
