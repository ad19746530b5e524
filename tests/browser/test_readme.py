"""The picture in README.md: what giving a role looks like before it is given."""

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.cast import choose, email_of
from tests.browser.conftest import ONE_LOOK


@ONE_LOOK
def test_the_picture_shows_an_assignment_before_it_is_given(page: Page, demo, enter, readme_shot):
    enter(User.objects.get(email=email_of("Jonas")))
    page.set_viewport_size({"width": 1440, "height": 1130})
    page.goto(f"/users/{User.objects.get(email=email_of('Dana')).pk}/assignments/create/")
    choose(page, "Role", "MSP User")
    page.get_by_role("group", name="Tenants").get_by_text("Tag", exact=True).click()
    choose(page, "Tag", "Gold SLA")
    page.get_by_role("group", name="Computers").get_by_text("Type", exact=True).click()
    page.get_by_label("Workstations and portable devices").check()
    page.get_by_role("group", name="Ends").get_by_text("3 days").click()
    page.get_by_label("Reason").fill("Laptop refresh, Gold customers, INC-20931")
    preview = page.get_by_role("complementary", name="What this will do")
    expect(preview).to_contain_text("tagged Gold SLA, from now until")
    expect(preview).to_contain_text("You may give this")
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    readme_shot(page)
