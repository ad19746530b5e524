"""Setting up where people sign in: by who manages all of them; its secret is on no page, the last owner stays in."""

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Identity, IdentityProvider, User
from accounts.provider_services import (
    activate_provider,
    deactivate_provider,
    delete_provider,
    edit_provider,
    unlink_user,
    values_of,
)
from accounts.services import remove_user
from immyrbac.sealing import unseal
from immyrbac.versions import OvertakenError, version_of
from rbac.audit import Actor
from rbac.delegation import NO_OWNER, Refused
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.accounts.signing_in import is_in, signed_in
from tests.factories import IdentityFactory, IdentityProviderFactory, UserFactory
from tests.grants import grant

pytestmark = pytest.mark.django_db
WHY = {"reason": "The contract ends"}
SAID = {"name": "Litware Login", "issuer": "https://login.litware.example", "client_id": "immyrbac"}
SAID |= {"secret": "known to us alone", "domains": "Litware.example, litware.test"}


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def keeper(people) -> User:
    """Manages users of Litware and of all tenants below it."""
    user = UserFactory(name="Kim Keeper", tenant=people.litware)
    grant(
        user,
        Permission.USERS_MANAGE,
        Permission.AUDIT_VIEW,
        scope="tenant",
        tenant=people.litware,
        include_children=True,
    )
    return user


@pytest.fixture
def row(people) -> IdentityProvider:
    return IdentityProviderFactory(tenant=people.litware, name="Litware Login")


def address(row: IdentityProvider, act: str = "detail") -> str:
    return reverse(f"accounts:provider-{act}", args=[row.pk])


def create_at(tenant) -> str:
    return reverse("accounts:provider-create", args=[tenant.pk])


def test_it_is_set_up_and_its_secret_is_on_no_page_and_in_no_entry(client, people, keeper):
    client.force_login(keeper)
    answer = client.post(create_at(people.litware), SAID)
    made = IdentityProvider.objects.get()
    assert answer["Location"] == address(made)
    assert (made.tenant, made.domains, unseal(made.sealed)) == (
        people.litware,
        ["litware.example", "litware.test"],
        SAID["secret"],
    )
    assert len(made.key) == 43
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.tenant_id) == ("identity_provider.created", keeper, people.litware.pk)
    for page in (
        client.get(address(made)),
        client.get(address(made, "edit")),
        client.post(create_at(people.litware), SAID),
    ):
        text = page.content.decode()
        assert SAID["secret"] not in text
        assert made.sealed not in text
    assert SAID["secret"] not in str((entry.before, entry.after))


def test_its_page_says_what_the_provider_and_the_people_need(client, people, keeper, row):
    IdentityFactory(user=people.sam, provider=row)
    client.force_login(keeper)
    page = client.get(address(row)).content.decode()
    for each in (
        row.issuer,
        f"http://testserver/sign-in/single/{row.key}/back/",
        f"/sign-in/single/{row.key}/",
        "Sam Okafor",
    ):
        assert each in page
    assert "Delete…" not in page
    assert row.name in client.get(reverse("accounts:provider-index", args=[people.litware.pk])).content.decode()


WRONG = {
    "issuer": [
        "http://login.example",
        "login.example",
        "https://a.example/?x=1",
        "https://a.example/#x",
        "https://u:p@a.example",
    ],
    "domains": [
        "litware",
        "@litware.example",
        "sam@litware.example",
        "*.example",
        "a_b.example",
        " ",
        "x" * 260 + ".example",
    ],
    "name": ["", "a/b", "x" * 61],
    "client_id": ["", "x" * 201],
    "secret": [""],
}


def test_what_is_wrong_stands_beside_its_field(client, settings, people, keeper):
    settings.FETCHES_LOOPBACK = False
    client.force_login(keeper)
    for field, value in ((field, value) for field, values in WRONG.items() for value in values):
        answer = client.post(create_at(people.litware), {**SAID, field: value})
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field]), value
    assert not IdentityProvider.objects.exists()


def test_a_name_is_used_once_in_a_tenant(client, people, keeper, row):
    client.force_login(keeper)
    answer = client.post(create_at(people.litware), SAID)
    assert answer.context["form"].errors == {"name": ["A provider with this name is already there."]}
    assert IdentityProvider.objects.count() == 1


def test_who_manages_the_tenant_alone_reads_it_and_changes_nothing(client, people, row):
    """Somebody below it could be let in by it, and they manage nobody there."""
    grant(people.sam, Permission.USERS_MANAGE, scope="tenant", tenant=people.litware)
    client.force_login(people.sam)
    page = client.get(address(row)).content.decode()
    assert row.issuer in page
    assert not any(word in page for word in ("Edit…", "Deactivate…", "Delete…"))
    index = client.get(reverse("accounts:provider-index", args=[people.litware.pk])).content.decode()
    assert "Set up another" not in index
    for act, said in (("edit", {**SAID, "version": version_of(values_of(row))}), ("deactivate", WHY), ("delete", WHY)):
        assert client.post(address(row, act), said).status_code == 403
    answer = client.post(create_at(people.litware), {**SAID, "name": "Another"})
    assert answer.status_code == 403
    assert "all tenants below it" in answer.content.decode()


# What changes it for who is linked


def strong(people, row) -> User:
    """Somebody linked who holds more than whoever manages Litware."""
    user = UserFactory(name="Stella Strong", tenant=people.litware)
    grant(user, Permission.COMPUTERS_DELETE, scope="tenant", tenant=people.tailspin)
    IdentityFactory(user=user, provider=row)
    return user


def same(row: IdentityProvider, **said):
    return {"name": row.name, "client_id": row.client_id, "domains": row.domains, **said}


@pytest.mark.parametrize("said", [{"secret": "new"}, {"client_id": "new"}, {"domains": ["example.com", "b.example"]}])
def test_what_lets_somebody_in_takes_covering_who_is_linked(people, keeper, row, said):
    edit_provider(actor=Actor(keeper), provider=row, **same(row, **said))
    strong(people, row)
    with pytest.raises(Refused):
        edit_provider(actor=Actor(keeper), provider=row, **same(row, **said) | {"secret": "newer"})
    edit_provider(actor=Actor(keeper), provider=row, **same(IdentityProvider.objects.get(), name="Renamed"))
    assert IdentityProvider.objects.get().name == "Renamed"


def test_turning_it_off_and_on_takes_the_same(client, people, keeper, row):
    strong(people, row)
    client.force_login(keeper)
    answer = client.post(address(row, "deactivate"), WHY)
    assert answer.status_code == 403
    IdentityProvider.objects.update(is_active=False)
    answer = client.post(address(row, "activate"))
    assert answer.status_code == 403
    assert "It was not activated." in answer.content.decode()
    assert not IdentityProvider.objects.get().is_active


def test_a_secret_that_is_left_empty_stays(client, keeper, row):
    client.force_login(keeper)
    said = {**SAID, "name": "Renamed", "secret": "", "version": version_of(values_of(row))}
    assert client.post(address(row, "edit"), said)["Location"] == address(row)
    assert unseal(IdentityProvider.objects.get().sealed) == unseal(row.sealed)
    client.post(
        address(row, "edit"),
        {**said, "secret": "new", "version": version_of(values_of(IdentityProvider.objects.get()))},
    )
    assert unseal(IdentityProvider.objects.get().sealed) == "new"
    assert AuditEntry.objects.latest("pk").after["credentials"] == "replaced"


def test_who_comes_second_overwrites_nothing(keeper, row):
    shown = version_of(values_of(row))
    edit_provider(actor=Actor(keeper), provider=row, **same(row, name="Quicker"), version=shown)
    with pytest.raises(OvertakenError):
        edit_provider(actor=Actor(keeper), provider=row, **same(row, name="Slower"), version=shown)
    assert IdentityProvider.objects.get().name == "Quicker"


def test_one_with_which_people_are_linked_is_not_deleted(people, keeper, row):
    identity = IdentityFactory(user=people.sam, provider=row)
    with pytest.raises(ValidationError, match="People are linked"):
        delete_provider(actor=Actor(keeper), provider=row, **WHY)
    identity.delete()
    delete_provider(actor=Actor(keeper), provider=row, **WHY)
    assert AuditEntry.objects.latest("pk").target_id == row.pk


def test_it_is_turned_off_and_on(client, people, keeper, row):
    client.force_login(keeper)
    assert "Deactivate Litware Login?" in client.get(address(row, "deactivate")).content.decode()
    assert client.post(address(row, "deactivate"), WHY)["Location"] == address(row)
    assert AuditEntry.objects.latest("pk").reason == WHY["reason"]
    assert client.post(address(row, "activate"))["Location"] == address(row)
    assert IdentityProvider.objects.get().is_active


# The last owner (design 6, rule 6)


@pytest.fixture
def owned(people) -> IdentityProvider:
    """The one way in of Marcus, the only owner."""
    domain = people.marcus.email.partition("@")[2]
    row: IdentityProvider = IdentityFactory(user=people.marcus, provider__domains=[domain]).provider
    User.objects.filter(pk=people.marcus.pk).update(password="!")
    return row


def test_the_last_way_in_of_the_last_owner_stays(people, owned):
    actor = Actor(people.marcus)
    acts = [
        lambda: deactivate_provider(actor=actor, provider=owned, **WHY),
        lambda: edit_provider(actor=actor, provider=owned, **same(owned, domains=["other.example"])),
        lambda: unlink_user(actor=Actor(None), user=people.marcus, **WHY),
    ]
    for act in acts:
        with pytest.raises(Refused, match=NO_OWNER):
            act()
    IdentityProvider.objects.get(is_active=True)
    assert Identity.objects.count() == 1


# Unlinking somebody


def test_whoever_covers_somebody_unlinks_them_and_signs_them_out(client, people, keeper, row):
    IdentityFactory(user=people.sam, provider=row)
    theirs = signed_in(people.sam)
    client.force_login(keeper)
    page = reverse("accounts:user-unlink", args=[people.sam.pk])
    assert "Litware Login no longer signs Sam Okafor in" in client.get(page).content.decode()
    assert client.post(page, WHY)["Location"] == reverse("accounts:user-detail", args=[people.sam.pk])
    assert not Identity.objects.exists()
    assert not is_in(theirs)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.before) == ("user.identities_unlinked", {"providers": ["Litware Login"]})


def test_it_is_offered_to_whoever_may_and_where_there_is_something(client, people, keeper, row):
    client.force_login(keeper)
    page = reverse("accounts:user-detail", args=[people.sam.pk])
    assert "Unlink single sign-on" not in client.get(page).content.decode()
    IdentityFactory(user=people.sam, provider=row)
    assert "Unlink single sign-on" in client.get(page).content.decode()


def test_ones_own_goes_by_the_profile(keeper, row):
    IdentityFactory(user=keeper, provider=row)
    with pytest.raises(Refused, match="on your profile"):
        unlink_user(actor=Actor(keeper), user=keeper, **WHY)


def test_who_is_removed_is_unlinked(people, keeper, row):
    IdentityFactory(user=people.sam, provider=row)
    remove_user(actor=Actor(keeper), user=people.sam, **WHY)
    assert not Identity.objects.exists()


def test_activation_is_told(keeper, row):
    deactivate_provider(actor=Actor(keeper), provider=row, **WHY)
    activate_provider(actor=Actor(keeper), provider=row)
    assert AuditEntry.objects.latest("pk").after == {"is_active": True}
