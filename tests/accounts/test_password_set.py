"""A set-password link: once, 72 hours, for who may act; it leaks nowhere and signs nobody in."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.links import LIFETIME, create_link, find_link, hash_token
from accounts.models import PasswordLink, User
from accounts.passwords import LinkUnusable, redeem_link
from accounts.services import issue_password_link
from rbac.audit import SYSTEM, Actor
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tests.accounts.signing_in import is_in, sign_in, signed_in
from tests.factories import PASSWORD, UserFactory
from tests.grants import grant

NEW = "seven tall ships at anchor"
PAGE = "/set-password/"


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def farid(db):
    user = UserFactory(email="farid@adventure.example", name="Farid Nasser")
    user.set_unusable_password()
    user.save()
    return user


def link_for(user):
    return f"{PAGE}{create_link(actor=SYSTEM, user=user)}/"


def use(client, address, password=NEW, again=None):
    client.get(address)
    return client.post(PAGE, {"password": password, "again": again or password})


def test_a_new_person_sets_a_password_and_then_signs_in(client, farid):
    assert sign_in(client, farid.email, NEW).status_code == 422
    answer = use(client, link_for(farid))
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert not is_in(client)
    assert "Your password is set." in client.get("/sign-in/").content.decode()
    sign_in(client, farid.email, NEW)
    assert is_in(client)


def test_the_token_leaves_the_address_and_no_page_tells_it(client, farid):
    address = link_for(farid)
    opened = client.get(address)
    assert (opened.status_code, opened["Location"]) == (302, PAGE)
    form = client.get(PAGE)
    assert opened["Referrer-Policy"] == "no-referrer"
    assert all("no-store" in answer["Cache-Control"] for answer in (opened, form))
    token = address.split("/")[2]
    assert token not in form.content.decode()
    assert token not in str(dict(client.session))
    assert not PasswordLink.objects.filter(token_hash=token).exists()
    assert PasswordLink.objects.get().token_hash == hash_token(token)


def test_opening_does_not_use_it_up(client, farid):
    address = link_for(farid)
    Client().get(address)
    client.get(address)
    assert client.get(PAGE).status_code == 200
    assert use(Client(), address).status_code == 302


def unknown(_user):
    return f"{PAGE}{'A' * 43}/"


def used(user):
    address = link_for(user)
    use(Client(), address)
    return address


def expired(user):
    address = link_for(user)
    PasswordLink.objects.update(created_at=timezone.now() - LIFETIME - timedelta(hours=1), expires_at=timezone.now())
    return address


def followed_by_another(user):
    address = link_for(user)
    link_for(user)
    return address


def of_somebody_inactive(user):
    address = link_for(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return address


def of_somebody_expired(user):
    address = link_for(user)
    User.objects.filter(pk=user.pk).update(access_expires_at=timezone.now())
    return address


def of_a_closed_tenant(user):
    address = link_for(user)
    type(user.tenant).objects.filter(pk=user.tenant_id).update(is_active=False)
    return address


DEAD = [unknown, used, expired, followed_by_another, of_somebody_inactive, of_somebody_expired, of_a_closed_tenant]


@pytest.mark.parametrize("case", DEAD)
def test_whatever_is_wrong_the_page_is_the_same(client, farid, case):
    expected = client.get(f"{PAGE}nothing/")
    assert expected.status_code == 410
    answer = client.get(case(farid))
    assert (answer.status_code, answer.content) == (410, expected.content)
    assert "sessionid" not in client.cookies
    assert client.post(PAGE, {"password": NEW, "again": NEW}).content == expected.content


@pytest.mark.parametrize("case", [of_somebody_inactive, of_somebody_expired, of_a_closed_tenant])
def test_what_ends_while_the_form_is_open_is_refused_the_same(client, farid, case):
    client.get(link_for(farid))
    assert client.get(PAGE).status_code == 200
    case(farid)
    assert client.post(PAGE, {"password": NEW, "again": NEW}).status_code == 410
    assert not User.objects.get(pk=farid.pk).has_usable_password()


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        (NEW, "seven small ships at anchor", "The two differ."),
        ("tall ships", "tall ships", "too short"),
        ("password1234", "password1234", "too common"),
        ("farid nasser", "farid nasser", "too similar to the name"),
    ],
)
def test_what_will_not_do_comes_back_marked_and_leaves_the_link(client, farid, password, again, said):
    address = link_for(farid)
    answer = use(client, address, password, again)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert password not in answer.content.decode()
    assert use(client, address).status_code == 302


def out_of_work(issuer, user):
    User.objects.filter(pk=issuer.pk).update(is_active=False)


def out_of_office(issuer, user):
    RoleAssignment.objects.filter(user=issuer).update(ended_at=timezone.now())


def outgrown(issuer, user):
    grant(user, Permission.COMPUTERS_DELETE, scope="owner")


@pytest.mark.parametrize("later", [out_of_work, out_of_office, outgrown])
def test_a_link_counts_as_long_as_whoever_issued_it_could(client, farid, later):
    """They were shown its token: with their right to it, it ends (safety 18)."""
    issuer = UserFactory(tenant=farid.tenant)
    grant(issuer, Permission.USERS_MANAGE, scope="tenant", tenant=farid.tenant)
    address = f"{PAGE}{issue_password_link(actor=Actor(issuer), user=farid)}/"
    client.get(address)
    assert client.get(PAGE).status_code == 200
    later(issuer, farid)
    assert client.post(PAGE, {"password": NEW, "again": NEW}).status_code == 410
    assert client.get(address).status_code == 410
    assert not User.objects.get(pk=farid.pk).has_usable_password()


def test_every_session_of_the_user_ends_and_of_nobody_else(client):
    dana, neighbour = UserFactory(), UserFactory()
    theirs, other = signed_in(dana), signed_in(neighbour)
    use(client, link_for(dana))
    assert not is_in(theirs)
    assert is_in(other)


def test_it_signs_out_whoever_used_this_browser_before(farid):
    client = signed_in(UserFactory())
    use(client, link_for(farid))
    assert not is_in(client)


def test_the_audit_log_tells_it_without_the_password(client, farid):
    use(client, link_for(farid))
    entry = AuditEntry.objects.get(action="user.password_set")
    assert (entry.actor, entry.target_id, entry.tenant_id) == (farid, farid.pk, farid.tenant_id)
    assert entry.after == {"how": "By a link", "sessions_ended": 0}


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_at_once_one_wins():
    user = UserFactory()
    link = find_link(token_hash=hash_token(create_link(actor=SYSTEM, user=user)))
    together, outcomes = Barrier(2), []

    def redeem(password):
        together.wait()
        try:
            redeem_link(actor=SYSTEM, link=link, password=password)
            outcomes.append(password)
        except LinkUnusable:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [Thread(target=redeem, args=(f"{NEW} {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(None) == 1
    (winner,) = filter(None, outcomes)
    user.refresh_from_db()
    assert user.check_password(winner)
    assert not user.check_password(PASSWORD)
