"""Somebody leaves: one page, one confirmation, a receipt; their browser is out, the successor's reaches further."""

from playwright.sync_api import expect

from accounts.models import User
from tests.browser.cast import choose
from tests.browser.conftest import ONE_LOOK

NAME, HEIR = "Dana Whitfield", "Aiko Tanabe"


@ONE_LOOK
def test_a_technician_leaves_and_a_colleague_takes_over(arrive, axe_in_every_look, shot):
    jonas, dana = arrive("Jonas"), arrive("Dana")
    person = User.objects.get(name=NAME)
    jonas.goto(f"/users/{person.pk}/")
    jonas.get_by_role("button", name="More actions").click()
    jonas.get_by_role("link", name="Leaves…").click()
    choose(jonas, "Everything to", "Aiko")
    with jonas.expect_response(lambda answer: "fill=1" in answer.url):
        jonas.get_by_role("button", name="Fill in").click()
    panel = jonas.get_by_role("complementary")
    expect(panel).to_contain_text(f"{HEIR} gains")
    axe_in_every_look(jonas)
    button = jonas.get_by_role("button", name="Hand over and disable")
    expect(button).to_be_disabled()
    jonas.get_by_label("Reason").fill("INC-20944: last day")
    expect(panel).not_to_have_attribute("aria-busy", "true")
    jonas.get_by_label(f"Type {NAME} to confirm").fill(NAME)
    button.click()
    expect(jonas.get_by_role("heading", name=f"{NAME} has left")).to_be_visible()
    expect(jonas.get_by_role("cell", name=HEIR).first).to_be_visible()
    axe_in_every_look(jonas)
    dana.goto("/computers/")
    expect(dana.get_by_label("Password")).to_be_visible()
