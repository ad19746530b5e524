"""A technician runs a command on a live agent and sees what it says; the owner flips the switch while another waits."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from computers.agents.demo import demo_agents
from computers.models import Computer
from tests.browser.cast import go
from tests.browser.conftest import ONE_LOOK
from tests.browser.test_journey_switch import SWITCH
from tests.source import ROOT

PATIENCE = 10_000
"""Milliseconds; an agent asks for work every five seconds."""


@pytest.fixture
def agent(demo, base_url, tmp_path) -> Callable[..., AbstractContextManager[None]]:
    """Start the demo's agent on a computer of Fabrikam of this type: on its servers Dana holds what no switch takes."""
    states = {each.type: each.state for each in demo_agents(tmp_path, base_url)}

    @contextmanager
    def running(kind: str = "workstation") -> Iterator[None]:
        program, state = ROOT / "agent" / "immyrbac_agent.py", states[kind]
        process = subprocess.Popen([sys.executable, str(program), "--demo", "--state", str(state)])
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    return running


def open_terminal(page: Page, computer: Computer) -> None:
    page.goto(f"/computers/{computer.pk}/")
    page.locator(".tab", has_text="Terminal").click()


def ask(page: Page, command: str) -> None:
    page.get_by_label("Command").fill(command)
    page.get_by_role("button", name="Run on").click()
    expect(page.get_by_role("heading", name="Command")).to_be_visible()


def turn_off(page: Page) -> None:
    go(page, "Preferences")
    page.get_by_role("switch", name=SWITCH).click()
    page.get_by_label("Reason").fill("Insurer’s condition 4.2")
    page.get_by_role("button", name="Turn off for").click()
    expect(page.get_by_role("switch", name=SWITCH)).not_to_be_checked()


@ONE_LOOK
def test_what_is_asked_runs_until_the_switch_takes_it(arrive, agent, axe, shot):
    technician, owner = arrive("Dana"), arrive("Jonas")
    computer = Computer.objects.get(tenant__slug="fabrikam", name="FAB-WS-001")
    open_terminal(technician, computer)
    with agent():
        ask(technician, "date")
        expect(technician.locator("#run").get_by_text("Finished")).to_be_visible(timeout=PATIENCE)
        expect(technician.get_by_role("region", name="Output")).to_contain_text(":")
        axe(technician)
        shot(technician, "journey-terminal")
        technician.get_by_role("link", name="Back to the terminal").click()
        ask(technician, "cat /etc/passwd")
        expect(technician.locator("#run").get_by_text("This is an agent of the demo.")).to_be_visible(timeout=PATIENCE)
    technician.get_by_role("link", name="Back to the terminal").click()
    ask(technician, "date")
    expect(technician.locator("#run").get_by_text("Waiting for the agent")).to_be_visible(timeout=PATIENCE)
    turn_off(owner)
    with agent():
        owner.goto(technician.url)
        expect(owner.locator("#run").get_by_text("may no longer run it here")).to_be_visible(timeout=PATIENCE)
    technician.reload()
    expect(technician.get_by_role("heading", level=1)).to_have_text(f"You cannot run commands on {computer}")


def end_terminal(page: Page) -> None:
    """Of Dana, on the servers of Fabrikam."""
    page.goto(f"/users/{User.objects.get(name='Dana Whitfield').pk}/assignments/")
    row = page.get_by_role("listitem").filter(has_text="Computer Terminal User")
    row.get_by_role("link", name="End").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The contract is over")
    dialog.get_by_role("button", name="End assignment").click()
    expect(page.get_by_text("1 assignment of Dana Whitfield ended")).to_be_visible()


@ONE_LOOK
def test_who_holds_the_terminal_itself_keeps_it_until_that_ends(arrive, agent):
    technician, owner = arrive("Dana"), arrive("Jonas")
    computer = Computer.objects.live().filter(tenant__slug="fabrikam", type="server").order_by("name", "pk")[0]
    turn_off(owner)
    open_terminal(technician, computer)
    with agent("server"):
        ask(technician, "date")
        expect(technician.locator("#run").get_by_text("Finished")).to_be_visible(timeout=PATIENCE)
    technician.get_by_role("link", name="Back to the terminal").click()
    ask(technician, "date")
    expect(technician.locator("#run").get_by_text("Waiting for the agent")).to_be_visible(timeout=PATIENCE)
    end_terminal(owner)
    with agent("server"):
        owner.goto(technician.url)
        expect(owner.locator("#run").get_by_text("may no longer run it here")).to_be_visible(timeout=PATIENCE)
    technician.reload()
    expect(technician.get_by_role("heading", level=1)).to_have_text(f"You cannot run commands on {computer}")


@ONE_LOOK
def test_what_goes_on_is_stopped_by_a_button(arrive, agent, axe, shot):
    technician = arrive("Dana")
    open_terminal(technician, Computer.objects.get(tenant__slug="fabrikam", name="FAB-WS-001"))
    with agent():
        ask(technician, "sleep 5")
        expect(technician.locator("#run").get_by_text("Running")).to_be_visible(timeout=PATIENCE)
        axe(technician)
        technician.get_by_role("button", name="Stop").click()
        expect(technician.locator("#run").get_by_text("Stopped", exact=True)).to_be_visible(timeout=PATIENCE)
        expect(technician.locator("#run")).to_contain_text("Dana Whitfield")
        shot(technician, "journey-stopped")
        technician.get_by_role("link", name="Back to the terminal").click()
        ask(technician, "date")
        expect(technician.locator("#run").get_by_text("Finished")).to_be_visible(timeout=PATIENCE)


@ONE_LOOK
def test_the_terminal_of_a_neighbour_is_not_there(arrive, agent):
    technician = arrive("Leila")
    server = Computer.objects.live().filter(tenant__slug="fabrikam", type="server").order_by("name")[0]
    for address in (f"/computers/{server.pk}/terminal/", "/computers/99999999/terminal/"):
        answer = technician.goto(address)
        assert answer is not None
        assert answer.status == 404
