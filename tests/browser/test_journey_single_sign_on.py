"""A provider is set up, somebody links their account with it, signs in by it, and is out when it is turned off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.models import IdentityProvider
from immyrbac.sealing import seal
from tenancy.models import Tenant
from tests.accounts.oidc_provider import CLIENT, SECRET, Provider, providing
from tests.browser.cast import email_of, sign_out


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as there:
        there.person = ("248289761001", email_of("Grace"))
        yield there


def set_up(page: Page, provider: Provider, shot) -> str:
    """Returns the address at which people then sign in."""
    page.goto(f"/tenants/{Tenant.objects.get(slug='fabrikam').pk}/")
    page.get_by_role("link", name="Single sign-on").click()
    page.get_by_role("link", name="Set up a provider").click()
    said = {"Name": "Fabrikam Login", "Issuer": provider.url, "Client ID": CLIENT, "Client secret": SECRET}
    for label, value in {**said, "Allowed domains": email_of("Grace").partition("@")[2]}.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fabrikam Login")
    expect(page.get_by_text(SECRET)).to_have_count(0)
    shot(page, "provider-detail")
    return page.get_by_label("Sign-in address").input_value()


def link(page: Page, axe, shot) -> None:
    page.goto("/profile/security/")
    page.get_by_role("link", name="Link Fabrikam Login").click()
    page.get_by_role("button", name="Go to Fabrikam Login").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this you?")
    axe(page)
    shot(page, "identity-confirm")
    page.get_by_role("button", name="Link it with my account").click()
    expect(page.get_by_text("Linked with Fabrikam Login")).to_be_visible()
    sign_out(page)


def test_a_provider_is_set_up_linked_used_and_turned_off(arrive, provider, axe, shot):
    admin, page = arrive("Jonas"), arrive("Grace")
    address = set_up(admin, provider, shot)
    page.goto(address)
    expect(page).to_have_url("/")  # who is signed in already has nothing to do there
    link(page, axe, shot)
    page.goto(address)
    page.get_by_role("button", name="Continue with Fabrikam Login").click()
    expect(page).to_have_url("/")
    page.goto("/profile/security/")
    expect(page.get_by_text("Linked since")).to_be_visible()
    shot(page, "profile-linked")
    admin.get_by_role("link", name="Deactivate…").click()
    admin.get_by_label("Reason").fill("INC-21044")
    admin.get_by_role("button", name="Deactivate").click()
    expect(admin.get_by_text("Inactive")).to_be_visible()
    page.reload()
    expect(page).to_have_url("/sign-in/?next=/profile/security/")


def test_whoever_is_not_linked_reads_what_to_do(stranger, provider, axe, shot):
    fabrikam = Tenant.objects.get(slug="fabrikam")
    said = {"client_id": CLIENT, "domains": ["fabrikam.example"], "key": "a-key-of-this-journey"}
    IdentityProvider.objects.create(tenant=fabrikam, name="Login", issuer=provider.url, sealed=seal(SECRET), **said)
    page = stranger()
    page.goto("/sign-in/single/a-key-of-this-journey/")
    axe(page)
    shot(page, "single-sign-on-start")
    page.get_by_role("button", name="Continue with Login").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Single sign-on did not work")
    expect(page.get_by_text("No account here is linked")).to_be_visible()
    axe(page)
    shot(page, "single-sign-on-refused")
