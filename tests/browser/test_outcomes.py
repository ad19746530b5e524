"""What a change moves between people stands in its dialog before it is done."""

import re

from playwright.sync_api import expect

from accounts.models import User
from computers.models import Computer
from tests.browser.conftest import ONE_LOOK


@ONE_LOOK
def test_a_computer_becomes_a_server_once_it_was_seen_who_loses(arrive, axe_in_every_look, shot):
    jonas = arrive("Jonas")
    computer = Computer.objects.live().filter(tenant__name="Fabrikam", type="workstation").order_by("name").first()
    jonas.goto(f"/computers/{computer.pk}/type/")
    jonas.get_by_label("Server").check()
    button = jonas.get_by_role("button", name="Change type")
    button.click()
    shown = jonas.get_by_role("alert", name="What this does to people")
    expect(shown).to_contain_text("Freya Jansen loses")
    axe_in_every_look(jonas)
    shot(jonas, "outcome")
    expect(button).to_be_disabled()  # others gain great power
    jonas.get_by_label(re.compile("^Type .* to confirm")).fill(computer.name)
    button.click()
    expect(jonas.get_by_text(f"Changed the type of {computer.name}.")).to_be_visible()
    computer.refresh_from_db()
    assert computer.type == "server"


@ONE_LOOK
def test_what_is_ticked_to_end_is_shown_in_the_open_dialog(arrive, axe_in_every_look, shot):
    jonas = arrive("Jonas")
    jonas.goto(f"/users/{User.objects.get(name='Dana Whitfield').pk}/assignments/")
    jonas.get_by_role("link", name="End several…").click()
    dialog = jonas.get_by_role("dialog")
    expect(dialog).to_contain_text("who loses what is shown here")
    first = dialog.get_by_role("checkbox").first
    first.focus()
    jonas.keyboard.press("Space")
    expect(dialog).to_contain_text(re.compile(r"Dana Whitfield (loses|gains)|Nobody loses or gains"))
    expect(first).to_be_focused()
    axe_in_every_look(jonas)
    shot(jonas, "end-several")
    first.uncheck()
    expect(dialog).to_contain_text("who loses what is shown here")
