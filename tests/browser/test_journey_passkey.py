"""A passkey, made and used by Chromium's own virtual authenticator: added, named, signed in with, removed."""

import re
from typing import Any, NamedTuple

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, Route, expect

from accounts.models import User
from rbac.demo.people import PASSWORD
from rbac.models import AuditEntry
from tests.browser.cast import email_of, sign_in, sign_out
from tests.browser.conftest import ONE_LOOK

DEVICE: dict[str, Any] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
ASK = "Use a passkey"


class Device:
    """What keeps the keys of one browser."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def knows_its_user(self, yes: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def forget(self) -> None:
        self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})

    def keys(self) -> list[dict[str, Any]]:
        return self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]

    def take(self, keys: list[dict[str, Any]]) -> None:
        for key in keys:
            self.cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": key})


def add(page: Page, name: str) -> None:
    page.goto("/profile/security/")
    page.get_by_role("link", name="Add a passkey…").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkey is set up")
    page.get_by_role("link", name="I have kept them").click()


class Added(NamedTuple):
    keys: list[dict[str, Any]]
    rows: list[Authenticator]


@pytest.fixture(scope="module")
def added() -> list[Added]:
    """What adding the passkey left on both sides, once it was added."""
    return []


@pytest.fixture
def grace(arrive, added: list[Added]) -> tuple[Page, Device]:
    """Grace, signed in, with a passkey of her laptop: added through the page the first time, taken from there later."""
    page = arrive("Grace")
    device = Device(page)
    if added:
        device.take(added[0].keys)
        Authenticator.objects.bulk_create(added[0].rows)
        page.goto("/profile/security/")
    else:
        add(page, "Laptop")
        added.append(Added(device.keys(), list(Authenticator.objects.all())))
    return page, device


def test_it_signs_in_without_a_password(grace, axe, shot):
    page, _ = grace
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    axe(page)
    shot(page, "passkey-profile")
    sign_out(page)
    axe(page)
    page.get_by_role("button", name=ASK).click()
    expect(page).to_have_url("/")
    started = AuditEntry.objects.filter(action="session.started").latest("pk")
    assert started.after == {"by": ["Passkey"]}


@ONE_LOOK
def test_it_is_the_second_step_after_a_password(grace, axe_in_every_look, shot):
    page, _ = grace
    sign_out(page)
    sign_in(page, email_of("Grace"))
    expect(page).to_have_url("/sign-in/code/")
    axe_in_every_look(page)
    shot(page, "passkey-second-step")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url("/")


@ONE_LOOK
def test_it_leads_on_to_the_page_that_was_asked_for(grace):
    page, _ = grace
    sign_out(page)
    page.goto("/profile/access/")
    page.get_by_role("button", name=ASK).click()
    expect(page).to_have_url("/profile/access/")


@ONE_LOOK
@pytest.mark.parametrize("end", [{"is_active": False}, {"access_expires_at": "2020-01-01T00:00:00Z"}])
def test_whose_account_has_ended_stays_out(grace, end):
    page, _ = grace
    sign_out(page)
    User.objects.filter(email=email_of("Grace")).update(**end)
    page.get_by_role("button", name=ASK).click()
    expect(page.get_by_role("alert").first).to_contain_text("Your account cannot sign in now.")
    page.goto("/profile/")
    expect(page).to_have_url("/sign-in/?next=/profile/")
    refused = AuditEntry.objects.filter(action="session.refused").latest("pk")
    assert (refused.target_label, refused.after) == ("Grace Kim", {"why": "Account not active"})


@ONE_LOOK
def test_a_key_that_is_gone_from_here_signs_nobody_in(grace, axe_in_every_look):
    page, _ = grace
    sign_out(page)
    Authenticator.objects.all().delete()
    page.get_by_role("button", name=ASK).click()
    expect(page.get_by_role("alert").first).to_contain_text("This passkey does not sign anybody in here.")
    axe_in_every_look(page)


@ONE_LOOK
def test_a_device_that_does_not_know_its_user_is_not_enough(grace, axe_in_every_look):
    page, device = grace
    sign_out(page)
    device.knows_its_user(False)
    page.get_by_role("button", name=ASK).click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used.")
    axe_in_every_look(page)
    device.knows_its_user(True)
    page.get_by_role("button", name=ASK).click()
    expect(page).to_have_url("/")


@ONE_LOOK
def test_it_is_added_named_and_removed(arrive, axe_in_every_look, shot):
    page = arrive("Grace")
    Device(page)
    add(page, "Laptop")
    page.get_by_role("link", name="Name passkey Laptop").click()
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_role("alert")).to_be_focused()
    axe_in_every_look(page)
    page.get_by_label("Name", exact=True).fill("Old laptop")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text("Old laptop", exact=True)).to_be_visible()
    page.get_by_role("link", name="Remove passkey Old laptop").click()
    expect(page.get_by_role("button", name="Remove passkey")).to_be_visible()
    axe_in_every_look(page)
    shot(page, "passkey-remove")
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_text("No passkey", exact=True)).to_be_visible()
    assert not Authenticator.objects.filter(user__email=email_of("Grace")).exists()
    told = list(AuditEntry.objects.filter(action__startswith="factor.").order_by("pk").values_list("action", flat=True))
    assert told == ["factor.added", "factor.renamed", "factor.removed"]


@ONE_LOOK
def test_who_presses_the_button_at_once_is_asked_for_it(arrive):
    """On a slow line, before the other scripts of the page have come."""
    page, held = arrive("Grace"), list[Route]()
    Device(page)

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("/htmx-2"), hold)
    page.goto("/profile/security/passkeys/add/", wait_until="commit")
    page.get_by_label("Name", exact=True).fill("Laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Passkey is set up")
    for each in held:
        each.continue_()


@ONE_LOOK
def test_it_proves_who_one_is(grace, axe_in_every_look, shot):
    page, _ = grace
    page.goto("/prove/passkey/?next=/profile/security/app/add/")
    axe_in_every_look(page)
    shot(page, "passkey-proof")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url("/profile/security/app/add/")


@ONE_LOOK
def test_the_same_device_is_not_added_twice(grace):
    page, _ = grace
    page.get_by_role("link", name="Add a passkey…").click()
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("This device has a passkey for you already.")
    sign_out(page)
    sign_in(page, email_of("Grace"), PASSWORD)
    expect(page).to_have_url("/sign-in/code/")
