"""Preferences and branding of a tenant: who may set them, and that each does what it says."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import send_letter, send_password_letter
from accounts.letters import letter
from accounts.models import User
from immyrbac.versions import version_of
from rbac.audit import Actor
from rbac.invitation_services import invite_users
from rbac.invitations import Offer
from rbac.models import AuditEntry, Role, RoleAssignment
from rbac.permissions import Permission
from tenancy.custom_forms import BRANDING, PREFERENCES
from tenancy.custom_pages import branding_of, preferences_set
from tenancy.customs import Brand, Preferences, brand_of, preferences_of
from tenancy.models import Branding, TenantPreferences
from tests.factories import InvitationFactory
from tests.grants import grant
from tests.story import tell

pytestmark = pytest.mark.django_db
CHOSEN = {"time_zone": "Europe/Berlin", "invitation_days": 3, "support": "desk@contoso.example"}
LOOK = {"name": "Contoso Care", "color": "#005c69", "footer": "Main Road 1"}


@pytest.fixture
def story(db):
    return tell()


def page(tenant, what: str = "preferences", *, edit: bool = True) -> str:
    return reverse(f"tenancy:tenant-{what}{'-edit' if edit else ''}", args=[tenant.pk])


def sent(client, user, tenant, **said):
    client.force_login(user)
    row = preferences_set(tenant)
    version = version_of({name: getattr(row, name) for name in PREFERENCES})
    return client.post(page(tenant), {**CHOSEN, "version": version, **said})


def branded(client, user, tenant, **said):
    client.force_login(user)
    row = branding_of(tenant)
    version = version_of({name: getattr(row, name) for name in BRANDING})
    return client.post(page(tenant, "branding"), {**LOOK, "version": version, **said})


def test_a_tenant_administrator_sets_them_and_a_tenant_user_only_reads(client, story):
    assert sent(client, story.grace, story.fabrikam).status_code == 403
    assert client.get(page(story.fabrikam, edit=False)).status_code == 200
    assert "Change</a>" not in client.get(page(story.fabrikam, edit=False)).content.decode()
    assert sent(client, story.rosa, story.fabrikam).status_code == 302
    assert preferences_of(story.fabrikam) == Preferences(*CHOSEN.values())
    assert sent(client, story.rosa, story.northwind).status_code == 404


def test_branding_takes_its_own_permission(client, story):
    assert branded(client, story.rosa, story.fabrikam).status_code == 403
    grant(story.rosa, Permission.BRANDING_MANAGE, scope="own_tenant")
    assert branded(client, story.rosa, story.fabrikam).status_code == 302
    assert brand_of(story.fabrikam) == Brand(*LOOK.values())


def test_each_choice_comes_from_the_nearest_that_made_it(story):
    TenantPreferences.objects.create(tenant=story.contoso, **CHOSEN)
    TenantPreferences.objects.create(tenant=story.fabrikam, time_zone="Asia/Tokyo")
    assert preferences_of(story.logistics) == Preferences("Asia/Tokyo", 3, "desk@contoso.example")
    assert preferences_of(story.adventure) == Preferences()


def test_a_brand_comes_whole_from_one_tenant(story):
    Branding.objects.create(tenant=story.contoso, **LOOK)
    Branding.objects.create(tenant=story.fabrikam, color="#ff0000")  # and no name
    assert brand_of(story.fabrikam) == Brand(*LOOK.values())
    assert brand_of(story.adventure) == Brand()


def invited(story, email: str) -> timedelta:
    """How long the link lasts of an invitation that Rosa sends."""
    newcomer = User(email=email, name="New", tenant=story.fabrikam)
    draft = RoleAssignment(role=Role.objects.get(key="tenant_user"), effect="allow", scope="own_tenant")
    offer = Offer(newcomer, (draft,), (), "New colleague")
    (made,) = invite_users(actor=Actor(story.rosa), offers=[offer], site="https://immyrbac.test")
    return made.expires_at - timezone.now()


def test_invitations_last_as_long_as_the_tenant_wants(story):
    minute = timedelta(minutes=1)
    assert abs(invited(story, "one@fabrikam.example") - timedelta(days=7)) < minute
    TenantPreferences.objects.create(tenant=story.contoso, **CHOSEN)
    assert abs(invited(story, "two@fabrikam.example") - timedelta(days=3)) < minute


def test_mail_tells_times_where_its_readers_are(story):
    TenantPreferences.objects.create(tenant=story.fabrikam, **CHOSEN)
    ends = (timezone.now() + timedelta(days=2)).replace(month=12, day=3, hour=8, minute=40)
    invitation = InvitationFactory(tenant=story.fabrikam, invited_by=story.marcus, expires_at=ends)
    send_letter(invitation.pk, "https://immyrbac.test")
    assert "09:40 (Europe/Berlin)" in mail.outbox[0].body
    assert "Support: desk@contoso.example" in mail.outbox[0].body


def test_mail_bears_the_brand_of_its_readers_tenant(story):
    Branding.objects.create(tenant=story.contoso, **LOOK)
    send_password_letter(story.grace.pk, "https://immyrbac.test")
    (written,) = mail.outbox
    assert written.from_email.startswith("Contoso Care <")
    assert written.body.rstrip().endswith("Main Road 1")
    (shown, kind) = written.alternatives[0]
    assert kind == "text/html"
    assert "background: #005c69" in shown
    assert 'href="https://immyrbac.test/' in shown


def test_without_a_brand_mail_is_plain_as_it_was(story):
    send_password_letter(story.grace.pk, "https://immyrbac.test")
    (written,) = mail.outbox
    assert not getattr(written, "alternatives", [])
    assert "Support" not in written.body


def test_names_are_text_in_mail(story):
    Branding.objects.create(tenant=story.contoso, name="<b>Care</b>", color="#005c69", footer="<i>x</i>")
    shown = letter("S", "Hello <script>", story.contoso, to=["a@b.example"]).alternatives[0][0]
    assert "&lt;b&gt;Care&lt;/b&gt;" in shown
    assert not [each for each in ("<script>", "<i>", "<b>") if each in shown]


def test_a_refusal_says_whom_to_turn_to(client, story):
    client.force_login(story.grace)
    refused = reverse("tenancy:tenant-preferences-edit", args=[story.fabrikam.pk])
    assert "Support:" not in client.get(refused).content.decode()
    TenantPreferences.objects.create(tenant=story.contoso, **CHOSEN)
    assert "Support: <b>desk@contoso.example</b>" in client.get(refused).content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"invitation_days": 31}, "less than or equal to 30"),
        ({"version": "0" * 32}, "Somebody else changed this meanwhile"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(client, story, said, words):
    answer = sent(client, story.rosa, story.fabrikam, **said)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not TenantPreferences.objects.exists()


def test_a_preview_saves_nothing(client, story):
    answer = branded(client, story.marcus, story.fabrikam, preview="1")
    assert "Contoso Care" in answer.content.decode()
    assert 'fill="#005c69"' in answer.content.decode()
    assert not Branding.objects.exists()
    assert not AuditEntry.objects.filter(action="tenant.branding_set").exists()


def test_the_entry_has_what_was_and_what_is(client, story):
    sent(client, story.rosa, story.fabrikam)
    entry = AuditEntry.objects.get(action="tenant.preferences_set")
    assert (entry.tenant, entry.after) == (story.fabrikam, CHOSEN)
    assert entry.before == {"time_zone": "", "invitation_days": None, "support": ""}
