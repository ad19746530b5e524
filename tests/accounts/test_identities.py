"""Linking one's own account with a provider, and unlinking it: after a proof, by who came back, never by an address."""

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.identity_changes import link_identity, unlink_identity
from accounts.jobs import send_notice, send_way
from accounts.models import Identity, User
from accounts.oidc import Claims
from rbac.audit import Actor
from rbac.delegation import NO_OWNER, Refused
from rbac.models import AuditEntry
from rbac.owners import usable_owners
from tests.accounts.oidc_provider import providing, visit
from tests.accounts.signing_in import is_in, signed_in
from tests.accounts.single_sign_on import LEADS_TO, known, sign_in_there
from tests.factories import IdentityFactory, IdentityProviderFactory, TenantFactory, UserFactory
from tests.integrity.sql import run
from tests.people import give

pytestmark = pytest.mark.django_db
SECURITY, CONFIRM = "/profile/security/", "/profile/security/single-sign-on/"


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def provider():
    with providing() as there:
        there.person = ("subject-1", "dana@example.com")
        yield there


@pytest.fixture
def dana(provider):
    return UserFactory(email="dana.w@example.com")


@pytest.fixture
def row(provider, dana):
    return known(provider, dana.tenant, name="Contoso login")


def link_of(row) -> str:
    return f"{CONFIRM}{row.pk}/link/"


def come_back(client, row):
    """Through the provider to the page that asks whether it is them."""
    page = client.post(link_of(row)).content.decode()
    return client.get(visit(LEADS_TO.search(page)[1].replace("&amp;", "&")))


def told(action: str) -> AuditEntry:
    return AuditEntry.objects.filter(action=action).latest("pk")


# Linking


def test_an_account_is_linked_and_then_signs_in(provider, dana, row):
    client = signed_in(dana)
    assert f"Link {row.name}" in client.get(SECURITY).content.decode()
    assert f"Link your account with {row.name}?" in client.get(link_of(row)).content.decode()
    assert come_back(client, row)["Location"] == CONFIRM
    assert not Identity.objects.exists()
    asked = client.get(CONFIRM).content.decode()
    assert all(each in asked for each in ("Is this you?", "dana@example.com", "subject-1"))
    assert client.post(CONFIRM)["Location"] == SECURITY
    identity = Identity.objects.get()
    assert (identity.user, identity.provider, identity.subject) == (dana, row, "subject-1")
    entry = told("identity.linked")
    assert (entry.actor, entry.target_id) == (dana, dana.pk)
    assert entry.after == {"provider": "Contoso login", "issuer": provider.url, "subject": "subject-1"}
    other = Client()
    sign_in_there(other, row)
    assert is_in(other)


def test_what_came_back_is_offered_once(provider, dana, row):
    client = signed_in(dana)
    come_back(client, row)
    client.post(CONFIRM)
    Identity.objects.all().delete()
    assert client.post(CONFIRM)["Location"] == SECURITY
    assert not Identity.objects.exists()


def test_coming_back_takes_a_click_of_whoever_set_out(provider, dana, row):
    """A page that leads a browser through the provider links nothing, and nobody else's browser can be led."""
    client, mallory = signed_in(dana), signed_in(UserFactory(tenant=dana.tenant))
    page = mallory.post(link_of(row)).content.decode()
    back = visit(LEADS_TO.search(page)[1].replace("&amp;", "&"))
    assert client.get(back).status_code == 403
    assert client.post(CONFIRM)["Location"] == SECURITY
    assert not Identity.objects.exists()


def test_who_is_somebody_else_by_then_links_nothing(provider, dana, row):
    client = signed_in(dana)
    page = client.post(link_of(row)).content.decode()
    back = visit(LEADS_TO.search(page)[1].replace("&amp;", "&"))
    attempt = client.session["single_sign_on"]
    other = UserFactory(tenant=dana.tenant)
    client.force_login(other)
    kept = client.session
    kept["single_sign_on"] = attempt
    kept.save()
    assert client.get(back).status_code == 403
    assert "identity_to_link" not in client.session


@pytest.mark.parametrize("path", ["link", "unlink"])
def test_it_takes_a_fresh_proof(client, dana, row, path):
    identity = IdentityFactory(user=dana, provider=row) if path == "unlink" else None
    client.force_login(dana)
    address = f"{CONFIRM}{(identity or row).pk}/{path}/"
    for answer in (client.get(address), client.post(address), client.post(CONFIRM)):
        assert answer["Location"].startswith("/prove/")
    assert Identity.objects.count() == (1 if identity else 0)


def elsewhere(row, dana):
    type(row).objects.filter(pk=row.pk).update(domains=["other.example"])


def off(row, dana):
    type(row).objects.filter(pk=row.pk).update(is_active=False)


def moved(row, dana):
    User.objects.filter(pk=dana.pk).update(tenant=TenantFactory())


@pytest.mark.parametrize("change", [elsewhere, off, moved])
def test_a_provider_that_does_not_serve_the_account_is_not_there(provider, dana, row, change):
    client = signed_in(dana)
    change(row, dana)
    assert row.name not in client.get(SECURITY).content.decode()
    assert client.get(link_of(row)).status_code == client.post(link_of(row)).status_code == 404


@pytest.mark.parametrize("change", [elsewhere, off, moved])
def test_nor_when_it_stops_between(provider, dana, row, change):
    client = signed_in(dana)
    come_back(client, row)
    change(row, dana)
    assert client.post(CONFIRM)["Location"] == SECURITY
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"email": "dana@private.example"},
        {"email": "dana@example.com.evil.example"},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email": ["dana@example.com"]},
    ],
    ids=str,
)
def test_the_provider_has_to_vouch_for_an_address_of_an_allowed_domain(provider, dana, row, said):
    provider.said = said
    client = signed_in(dana)
    come_back(client, row)
    answer = client.post(CONFIRM)
    assert answer.status_code == 422
    assert "has to vouch for an e-mail of example.com" in answer.content.decode()
    assert not Identity.objects.exists()


def test_one_subject_is_one_account(provider, dana, row):
    IdentityFactory(provider=row, user=UserFactory(tenant=dana.tenant), subject="subject-1")
    client = signed_in(dana)
    come_back(client, row)
    assert "belongs to another account" in client.post(CONFIRM).content.decode()


def test_one_account_is_one_subject_at_a_provider(dana, row):
    link_identity(actor=Actor(dana), provider=row, claims=Claims("one", "dana@example.com"))
    with pytest.raises(ValidationError, match="linked there already"):
        link_identity(actor=Actor(dana), provider=row, claims=Claims("two", "dana@example.com"))


# Unlinking


def test_it_is_unlinked_and_who_came_by_it_is_out(provider, dana, row):
    identity, by_password, by_provider = (
        IdentityFactory(user=dana, provider=row, subject="subject-1"),
        signed_in(dana),
        Client(),
    )
    sign_in_there(by_provider, row)
    address = f"{CONFIRM}{identity.pk}/unlink/"
    assert "Unlink Contoso login?" in by_password.get(address).content.decode()
    assert by_password.post(address)["Location"] == SECURITY
    assert not Identity.objects.exists()
    assert is_in(by_password)
    assert not is_in(by_provider)
    assert told("identity.unlinked").before["provider"] == "Contoso login"


def test_that_of_somebody_else_is_not_there(dana, row):
    theirs = IdentityFactory(user=UserFactory(tenant=dana.tenant), provider=row)
    client = signed_in(dana)
    address = f"{CONFIRM}{theirs.pk}/unlink/"
    assert client.get(address).status_code == client.post(address).status_code == 404
    assert Identity.objects.exists()


def test_who_can_prove_nothing_changes_nothing(client, dana, row):
    """An account without a password, which single sign-on alone signs in: an open browser is no proof."""
    identity = IdentityFactory(user=dana, provider=row)
    User.objects.filter(pk=dana.pk).update(password="!")
    client.force_login(User.objects.get(pk=dana.pk))
    for address in (f"{CONFIRM}{identity.pk}/unlink/", "/profile/security/app/add/", "/profile/security/passkeys/add/"):
        answer = client.post(address)
        assert answer.status_code == 403
        assert "This takes a password" in answer.content.decode()
    assert Identity.objects.exists()


# The last owner


@pytest.fixture
def owner(people):
    """Marcus, who owns the instance, without a password and linked with a provider."""
    domain = people.marcus.email.partition("@")[2]
    identity = IdentityFactory(user=people.marcus, provider__domains=[domain])
    User.objects.filter(pk=people.marcus.pk).update(password="!")
    people.marcus.refresh_from_db()
    return identity


def test_a_linked_owner_without_a_password_is_usable(people, owner):
    assert list(usable_owners()) == [people.marcus]
    type(owner.provider).objects.update(is_active=False)
    assert not usable_owners().exists()


@pytest.mark.parametrize("stop", ["domains = '{other.example}'", "is_active = false"])
def test_whose_provider_does_not_serve_them_is_not(people, owner, stop):
    run(f"UPDATE accounts_identityprovider SET {stop}")
    assert not usable_owners().exists()


def test_the_last_way_in_of_the_last_owner_is_not_unlinked(people, owner):
    with pytest.raises(Refused, match=NO_OWNER):
        unlink_identity(actor=Actor(people.marcus), pk=owner.pk)
    assert Identity.objects.exists()
    give(UserFactory(tenant=people.contoso), "msp_administrator", scope="owner")
    unlink_identity(actor=Actor(people.marcus), pk=owner.pk)
    assert not Identity.objects.exists()


# Mails


def test_the_owner_of_the_account_is_mailed(mailoutbox, dana, row):
    identity = link_identity(actor=Actor(dana), provider=row, claims=Claims("one", "dana@example.com"))
    unlink_identity(actor=Actor(dana), pk=identity.pk)
    jobs = ProcrastinateJob.objects.filter(task_name="accounts.mail_factor_notice").order_by("pk")
    assert [AuditEntry.objects.get(pk=job.args["entry"]).action for job in jobs] == [
        "identity.linked",
        "identity.unlinked",
    ]
    send_notice(jobs[0].args["entry"], "")
    assert mailoutbox[0].to == [dana.email]
    assert "What: Linked Contoso login as a way to sign in" in mailoutbox[0].body


def ask(client, email: str):
    return client.post("/sign-in/single/", {"email": email})


def test_where_somebody_signs_in_is_told_to_their_mailbox_alone(client, mailoutbox, dana, row):
    IdentityFactory(user=dana, provider=row)
    answers = [ask(client, email) for email in ("DANA.W@example.com", UserFactory().email, "nobody@nowhere.example")]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/sign-in/")}
    jobs = list(ProcrastinateJob.objects.filter(task_name="accounts.mail_single_sign_on").order_by("pk"))
    assert [job.args for job in jobs] == [{"user": pk, "site": "http://testserver"} for pk in (dana.pk, 0, 0)]
    for job in jobs:
        send_way(**job.args)
    (mail,) = mailoutbox
    assert mail.to == [dana.email]
    assert f"Contoso login: http://testserver/sign-in/single/{row.key}/" in mail.body


def test_asking_costs_the_same_for_everybody(client, dana, row):
    IdentityFactory(user=dana, provider=row)
    ask(client, "first@nowhere.example")
    counts = set()
    for email in (dana.email, UserFactory().email, "nobody@nowhere.example"):
        with CaptureQueriesContext(connection) as queries:
            ask(client, email)
        counts.add(len(queries))
    assert len(counts) == 1


def test_an_address_asks_three_times_in_ten_minutes(client):
    assert [ask(client, "dana@example.com").status_code for _ in range(4)] == [302] * 3 + [429]


def test_who_may_not_act_or_is_not_served_is_mailed_nothing(mailoutbox, dana, row):
    IdentityFactory(user=dana, provider=row)
    off(row, dana)
    send_way(dana.pk, "http://testserver")
    User.objects.filter(pk=dana.pk).update(is_active=False)
    send_way(
        IdentityFactory(user=dana, provider=IdentityProviderFactory(tenant=dana.tenant)).user_id, "http://testserver"
    )
    assert mailoutbox == []
