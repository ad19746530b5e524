"""What is wrong comes back: 422, the field marked, the summary in focus, nothing typed lost and nothing changed."""

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from immyrbac.declarations import routes
from rbac.models import AuditEntry
from tests.browser.cast import email_of
from tests.browser.conftest import ONE_LOOK
from tests.browser.mistakes import AT_THE_DOOR, MISTAKES, NOTHING_CAN_BE_WRONG, TRIED_IN_PROCESS, Mistake
from tests.effort import share


def test_every_form_has_a_mistake():
    forms = {mistake.route for mistake in [*AT_THE_DOOR, *MISTAKES]}
    assert forms | TRIED_IN_PROCESS | NOTHING_CAN_BE_WRONG == {
        route.name for route in routes() if "POST" in route.declaration.methods
    }
    assert not forms & (TRIED_IN_PROCESS | NOTHING_CAN_BE_WRONG)


@ONE_LOOK
def test_nothing_that_was_typed_is_lost(page: Page, demo, enter, axe_in_every_look):
    page.set_default_timeout(10_000)
    before = changes()
    for mistake in share(AT_THE_DOOR, "doors"):
        make(page, mistake, axe_in_every_look)
    enter(User.objects.get(email=email_of("Jonas")))
    for mistake in share(MISTAKES, "mistakes"):
        make(page, mistake, axe_in_every_look)
    assert changes() == before


def changes() -> int:
    return AuditEntry.objects.exclude(action__endswith=".refused").count()


def make(page: Page, mistake: Mistake, axe) -> None:
    mistake.open(page)
    for label, text in mistake.typed.items():
        field(page, label).fill(text)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.get_by_role("button", name=mistake.send).click()
    assert answer.value.status == 422, mistake.route
    expect(page.get_by_role("alert"), mistake.route).to_be_focused()
    for label in mistake.marked:
        expect(field(page, label), mistake.route).to_have_attribute("aria-invalid", "true")
    for label, text in mistake.typed.items():
        found = field(page, label)
        if found.get_attribute("type") != "password":
            expect(found, mistake.route).to_have_value(text)
    axe(page)


def field(page: Page, label: str) -> Locator:
    """The one that takes words, where a choice has the same name."""
    named = page.get_by_label(label)
    typed = named.and_(page.locator("input:not([type=radio], [type=checkbox]), textarea, select, [role=combobox]"))
    return typed.first if typed.count() else named.first
