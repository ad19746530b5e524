"""An administrator acts as a technician and ends it from the banner; the technician reads who, why and what."""

from playwright.sync_api import expect

from accounts.models import User
from tests.browser.leaving import letting_act

NAME, WHY = "Dana Whitfield", "INC-20950: she sees no servers"


def test_somebody_is_acted_as_and_reads_it_afterwards(arrive, axe, shot):
    letting_act()
    jonas = arrive("Jonas")
    jonas.goto(f"/users/{User.objects.get(name=NAME).pk}/")
    jonas.get_by_role("button", name="More actions").click()
    jonas.get_by_role("link", name=f"Act as {NAME}…").click()
    jonas.get_by_label("Reason").fill(WHY)
    jonas.get_by_role("button", name=f"Act as {NAME}").click()
    banner = jonas.get_by_role("region", name="Acting as somebody else")
    expect(banner).to_contain_text(f"You act as {NAME} until")
    jonas.goto("/computers/")
    expect(banner).to_be_visible()
    axe(jonas)
    shot(jonas, "acting")
    banner.get_by_role("button", name="Stop acting").click()
    expect(jonas.get_by_text("You are yourself again.")).to_be_visible()
    expect(banner).to_be_hidden()
    dana = arrive("Dana")
    dana.goto("/profile/security/")
    expect(dana.get_by_text(WHY)).to_be_visible()
    axe(dana)
    shot(dana, "acted-as")
