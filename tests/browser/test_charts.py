"""Drawings as a browser draws them."""

from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.conftest import ONE_LOOK
from tests.story import tell

DRAWN = """() => [...document.querySelectorAll("svg rect.bar")].map((bar) => [
    parseFloat(bar.getAttribute("width")) * bar.ownerSVGElement.clientWidth / 100 - bar.getBBox().width,
    bar.getAttribute("height") - bar.getBBox().height,
])"""


@ONE_LOOK
def test_a_bar_is_as_long_as_its_number(transactional_db, page: Page, enter):
    enter(tell().marcus)
    page.goto(reverse("rbac:report-system", args=["computers"]))
    off = page.evaluate(DRAWN)
    assert len(off) > 5
    assert all(abs(by) < 1 for each in off for by in each), off
