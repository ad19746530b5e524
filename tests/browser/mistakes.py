"""A mistake for each form. Equal, by name, to the routes that answer POST and where something can be wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page

from computers.models import License, Script, Software
from rbac.switches import SwitchKey
from tenancy.models import Tag
from tests.browser.access_requests import into_fabrikam, waiting
from tests.browser.agents import with_agent
from tests.browser.customs import branded
from tests.browser.deployments import asked, named
from tests.browser.leaving import letting_act
from tests.browser.library import license_of, share_of, shared, software_file, software_of
from tests.browser.maintenance import to_onboard
from tests.browser.maintenance import waiting as waiting_session
from tests.browser.people import grace, mara, used
from tests.browser.schedules import nightly
from tests.browser.sign_in_visits import link, with_app
from tests.browser.single_sign_on import of_grace, provider
from tests.browser.visit import Named
from tests.browser.visits import (
    CONTRACTORS,
    DANA,
    SERVER,
    fabrikam,
    invitation,
    invitation_link,
    role,
    script,
    switch,
)

PAST = "2020-02-29T09:40"


@dataclass(frozen=True)
class Mistake:
    """`typed` by label, kept when the form comes back; `marked`: the labels of what is wrong; `send`: the button.

    `opens` is for a form that no address opens.
    """

    route: str
    send: str
    typed: Mapping[str, str] = field(default_factory=dict)
    marked: tuple[str, ...] = ()
    of: Named = dict
    opens: Callable[[Page], None] | None = None

    def open(self, page: Page) -> None:
        if self.opens:
            self.opens(page)
        else:
            page.goto(reverse(self.route, kwargs=self.of()))


def chosen(list_path: str, button: str) -> Callable[[Page], None]:
    """The dialog of a batch, for the first row of a list."""

    def open_dialog(page: Page) -> None:
        page.goto(list_path)
        page.locator("td.check input").first.check()
        page.get_by_role("button", name=button).click()

    return open_dialog


def acted_as() -> dict[str, Any]:
    letting_act()
    return DANA()


def tag(name: str) -> Named:
    return lambda: {"pk": Tag.objects.get(name=name).pk}


def by_link(page: Page) -> None:
    page.goto(reverse("accounts:password-link-open", kwargs=link()))


def by_invitation(page: Page) -> None:
    page.goto(reverse("accounts:invitation-open", kwargs=invitation_link()))


ACCOUNT = {"Name": "Samuel Okafor", "E-mail": "samuel okafor", "Access ends": PAST}
USERS = "/users/?q=grace.kim"

TECHNICIAN = role("Field Technician")

AT_THE_DOOR = [
    Mistake("account_login", "Sign in", {"E-mail": "dana@contoso.example", "Password": "wrong"}),
    Mistake(
        "accounts:access-request-ask",
        "Send request",
        {"Your name": "Mara Lindgren", "E-mail": "mara lindgren", "Message": "I begin on Monday"},
        ("E-mail",),
    ),
    Mistake("accounts:password-forget", "Mail me a link", {"E-mail": "dana at contoso"}, ("E-mail",)),
    Mistake("accounts:single-sign-on-find", "Mail me the address", {"E-mail": "dana at contoso"}, ("E-mail",)),
    Mistake("accounts:password-set", "Set password", {"New password": "short"}, ("New password",), opens=by_link),
    Mistake(
        "accounts:invitation-accept",
        "Accept invitation",
        {"E-mail": "mara@fabrikam.example", "Your name": "Mara Lindgren", "New password": "short"},
        ("New password",),
        opens=by_invitation,
    ),
]
"""Of whoever is not signed in; the others are made by an owner."""

NEW_PROVIDER = {"Name": "Login", "Issuer": "login.contoso.com", "Client ID": "x", "Allowed domains": "contoso"}

DEPLOYED = ("Software", "Computers")

MISTAKES = [
    Mistake("accounts:password-edit", "Change password", {"New password": "short"}, ("New password",)),
    Mistake("accounts:app-add", "Add app", {"Code of the app": "000000"}, ("Code of the app",)),
    Mistake("account_reauthenticate", "Continue", {"Password": "wrong"}, ("Password",)),
    Mistake("accounts:user-factor-reset", "Reset second factor", {}, ("Reason",), with_app),
    Mistake("accounts:user-unlink", "Unlink single sign-on", {}, ("Reason",), of_grace),
    Mistake(
        "accounts:provider-create", "Set up", NEW_PROVIDER, ("Issuer", "Client secret", "Allowed domains"), fabrikam
    ),
    Mistake("accounts:provider-edit", "Save changes", {"Allowed domains": "a_b"}, ("Allowed domains",), provider),
    Mistake("accounts:provider-deactivate", "Deactivate", {}, ("Reason",), provider),
    Mistake("accounts:provider-delete", "Delete", {}, ("Reason",), provider),
    Mistake("accounts:user-create", "Create user", ACCOUNT, ("E-mail", "Access ends"), fabrikam),
    Mistake("accounts:user-edit", "Save changes", ACCOUNT, ("E-mail", "Access ends"), DANA),
    Mistake("accounts:person-create", "Create person", {"Name": "a/b", "E-mail": "mara"}, ("E-mail",), fabrikam),
    Mistake("accounts:person-edit", "Save changes", {"Name": "a/b", "Name on computers": "gk"}, ("Name",), grace),
    Mistake("accounts:person-delete", "Delete person", {}, ("Reason",), mara),
    Mistake("accounts:user-remove", "Remove user", {"Type": "dana  whitfield"}, ("Reason",), DANA),
    Mistake("accounts:impersonation-start", "Act as Dana Whitfield", {}, ("Reason",), acted_as),
    Mistake("accounts:user-leave", "Hand over and disable", {"Type": "dana  whitfield"}, ("Reason",), DANA),
    Mistake("accounts:user-deactivate", "Deactivate Grace Kim", {}, ("Reason",), opens=chosen(USERS, "Deactivate")),
    Mistake(
        "accounts:user-expire",
        "Set for Grace Kim",
        {"Access ends": PAST, "Reason": "The contract ends"},
        ("Access ends",),
        opens=chosen(USERS, "Set access end"),
    ),
    Mistake(
        "accounts:invitation-create",
        "Send invitation",
        {"E-mail": "mara lindgren", "Name": "Mara", "Reason": "INC-20990"},
        ("E-mail",),
        fabrikam,
    ),
    Mistake(
        "accounts:invitation-import",
        "Show what it does",
        {"Or lines": "nobody", "Reason": "INC-20990"},
        ("Or lines",),
        fabrikam,
    ),
    Mistake("accounts:access-request-create", "Send request", {}, ("Message",)),
    Mistake("accounts:access-request-approve", "Grant assignment", {}, ("Reason",), waiting),
    Mistake("accounts:access-request-invite", "Send invitation", {"Message": "Welcome"}, ("Reason",), into_fabrikam),
    Mistake("accounts:access-request-refuse", "Refuse request", {}, ("Reason",), waiting),
    Mistake("accounts:invitation-revoke", "Revoke invitation", {}, ("Reason",), invitation),
    Mistake("rbac:assignment-create", "Grant assignment", {"Reason": "INC-20931"}, ("Role",), DANA),
    Mistake("rbac:assignment-end", "End assignments", {}, ("Reason",), DANA),
    Mistake("rbac:switch-change", "Turn off", {}, ("Reason",), switch(SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)),
    Mistake("computers:computer-edit", "Save changes", {"Name": "FAB/01", "Serial number": "PF1"}, ("Name",), SERVER),
    Mistake("computers:computer-move", "Move computer", {}, ("New tenant",), SERVER),
    Mistake("computers:computer-person-add", "Add person", {}, ("Person",), used),
    Mistake("computers:computer-delete", "Delete computer", {}, ("Reason",), SERVER),
    Mistake("computers:computer-batch-tags", "Change tags of", opens=chosen("/computers/", "Change tags")),
    Mistake("computers:script-create", "Create script", {"Name": "a/b", "Text": "exit 1"}, ("Name",), fabrikam),
    Mistake("agents:terminal", "Run on", {"Command": "  "}, (), with_agent),
    Mistake(
        "deployments:deployment-create", "Create deployment", {"Name": "a/b", "Computers": "NONE"}, DEPLOYED, fabrikam
    ),
    Mistake("deployments:deployment-edit", "Save deployment", {"Name": "a/b"}, ("Name",), named("Backup at Fabrikam")),
    Mistake("deployments:deployment-delete", "Delete deployment", {}, ("Reason",), named("Backup at Fabrikam")),
    Mistake("deployments:cross-deployment-create", "Create deployment", {"Name": "a/b"}, DEPLOYED[:1], fabrikam),
    Mistake("deployments:cross-deployment-create-shared", "Create deployment", {"Name": "a/b"}, DEPLOYED[:1]),
    Mistake(
        "deployments:cross-deployment-edit", "Save deployment", {"Name": "a/b"}, ("Name",), named("Backup everywhere")
    ),
    Mistake("deployments:cross-deployment-delete", "Delete deployment", {}, ("Reason",), named("Backup everywhere")),
    Mistake("deployments:change-request-create", "Send for review", {"Name": "a/b"}, ("Software", "Why"), fabrikam),
    Mistake("deployments:change-request-create-shared", "Send for review", {"Name": "a/b"}, ("Software", "Why")),
    Mistake("deployments:change-request-change", "Send for review", {}, ("Why",), named("Backup everywhere")),
    Mistake("deployments:change-request-edit", "Send for review", {}, ("Why",), asked),
    Mistake("deployments:change-request-comment", "Comment", {}, ("Note",), asked),
    Mistake("deployments:change-request-withdraw", "Take back", {}, ("Note",), asked),
    Mistake("deployments:change-request-deny", "Deny", {}, ("Note",), asked),
    Mistake("deployments:change-request-return", "Send back", {}, ("Note",), asked),
    Mistake(
        "schedules:schedule-create", "Create schedule", {"Name": "Nights", "When": "at night"}, ("When",), fabrikam
    ),
    Mistake("schedules:schedule-create-shared", "Create schedule", {"Name": "Nights", "When": "0 0 30 2 *"}, ("When",)),
    Mistake("schedules:schedule-edit", "Save schedule", {"When": "60 * * * *"}, ("When",), nightly),
    Mistake("schedules:schedule-delete", "Delete schedule", {}, ("Reason",), nightly),
    Mistake("maintenance:session-postpone", "Postpone session", {}, ("Not before",), waiting_session),
    Mistake("maintenance:onboarding-start", "Onboard computer", {"Name": "a/b"}, ("Name",), to_onboard),
    Mistake("agents:agent-remove", "Remove agent", {}, ("Reason",), with_agent),
    Mistake("computers:script-create-shared", "Create script", {"Name": " ", "Text": "exit 1"}, ("Name",)),
    Mistake("computers:script-edit", "Save script", {"Name": "a/b", "Text": "exit 1"}, ("Name",), script(tenant=None)),
    Mistake("computers:script-delete", "Delete script", {}, ("Reason",), script(tenant=None)),
    Mistake("computers:license-create", "Create license", {"Name": "a/b", "Key": "ZZ-1"}, ("Name",), fabrikam),
    Mistake("computers:license-create-shared", "Create license", {"Name": "Office"}, ("Key",)),
    Mistake(
        "computers:license-edit", "Save license", {"Name": "a/b", "Notes": "old"}, ("Name",), license_of(tenant=None)
    ),
    Mistake("computers:license-delete", "Delete license", {}, ("Reason",), license_of(tenant=None)),
    Mistake(
        "computers:software-create", "Create software", {"Name": "a/b", "Publisher": "Wingtip"}, ("Name",), fabrikam
    ),
    Mistake("computers:software-create-shared", "Create software", {"Name": " ", "Release": "4.2"}, ("Name",)),
    Mistake(
        "computers:software-edit", "Save software", {"Name": "a/b", "Notes": "old"}, ("Name",), software_of(tenant=None)
    ),
    Mistake(
        "tenancy:tenant-preferences-edit",
        "Set preferences",
        {"Invitations last": "31", "Support contact": "desk@fabrikam.example"},
        ("Invitations last",),
        branded,
    ),
    Mistake(
        "tenancy:tenant-branding-edit",
        "Set branding",
        {"Name": "Fabrikam IT", "Accent colour": "petrol"},
        ("Accent colour",),
        branded,
    ),
    Mistake("computers:software-delete", "Delete software", {}, ("Reason",), software_of(tenant=None)),
    Mistake("computers:license-share-create", "Share license", {}, ("With", "Reason"), shared(License)),
    Mistake("computers:script-share-create", "Share script", {}, ("With", "Reason"), shared(Script)),
    Mistake("computers:software-share-create", "Share software", {}, ("With", "Reason"), shared(Software)),
    Mistake("computers:license-share-end", "End share", {}, ("Reason",), share_of(License)),
    Mistake("computers:script-share-end", "End share", {}, ("Reason",), share_of(Script)),
    Mistake("computers:software-share-end", "End share", {}, ("Reason",), share_of(Software)),
    Mistake("computers:software-file-add", "Upload file", {}, ("File",), software_of(tenant=None)),
    Mistake("computers:software-file-remove", "Remove file", {}, ("Reason",), software_file),
    Mistake("accounts:group-create", "Create group", {"Name": "a/b", "Description": "Nights"}, ("Name",), fabrikam),
    Mistake("accounts:group-create-shared", "Create group", {"Name": "a/b", "Description": "Nights"}, ("Name",)),
    Mistake("accounts:group-edit", "Save changes", {"Name": "a/b", "Description": "Nights"}, ("Name",), CONTRACTORS),
    Mistake("rbac:group-assignment-create", "Grant assignment", {"Reason": "INC-20931"}, ("Role",), CONTRACTORS),
    Mistake("rbac:group-assignment-end", "End assignments", {}, ("Reason",), CONTRACTORS),
    Mistake("rbac:role-create", "Create role", {"Name": "a/b", "Description": "Nights"}, ("Name",), fabrikam),
    Mistake("rbac:role-create-shared", "Create role", {"Name": "a/b", "Description": "Nights"}, ("Name",)),
    Mistake("rbac:role-edit", "Review the change", {"Name": "a/b", "Description": "Nights"}, ("Name",), TECHNICIAN),
    Mistake("tenancy:tenant-create", "Create tenant", {"Name": "a/b"}, ("Name",), fabrikam),
    Mistake("tenancy:tenant-create-root", "Create tenant", {"Name": "a/b"}, ("Name",)),
    Mistake("tenancy:tenant-edit", "Save name", {"Name": "a/b"}, ("Name",), fabrikam),
    Mistake("tenancy:tag-create", "Create tag", {"Name": "a/b"}, ("Name",), fabrikam),
    Mistake("tenancy:tag-create-shared", "Create tag", {"Name": "a/b"}, ("Name",)),
    Mistake("tenancy:tag-edit", "Save tag", {"Name": "a/b"}, ("Name",), tag("Partner")),
    Mistake("tenancy:tag-delete", "Delete tag", {}, ("Reason",), tag("Partner")),
]

TRIED_IN_PROCESS = {
    "accounts:identity-confirm",
    "accounts:identity-unlink",
    "accounts:provider-activate",
    "agents:agent-enrol",
    "agents:agent-part",
    "agents:agent-poll",
    "agents:agent-report",
    "maintenance:agent-stage",
    "maintenance:agent-stage-file",
    "maintenance:session-batch-postpone",
    "accounts:passkey-add",
    "accounts:passkey-edit",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "accounts:group-delete",
    "accounts:membership-create",
    "accounts:membership-end",
    "accounts:saved-view-create",
    "accounts:saved-view-edit",
    "rbac:assignment-end-several",
    "rbac:role-delete",
    "rbac:role-version-restore",
    "tenancy:tenant-deactivate",
    "tenancy:tenant-delete",
    "tenancy:tenant-move",
    "tenancy:tenant-msp",
    "tenancy:tenant-tags",
}
"""Forms that answer with what they would change before they ask anything, or open only on rows: their mistakes stand in
tests/accounts, tests/rbac and tests/tenancy."""

NOTHING_CAN_BE_WRONG = {
    "account_logout",
    "accounts:identity-link",
    "accounts:single-sign-on-start",
    "accounts:app-remove",
    "agents:enrolment-create",
    "deployments:change-request-approve",
    "agents:enrolment-create-for",
    "agents:enrolment-revoke",
    "agents:run-stop",
    "agents:type-dismiss",
    "schedules:schedule-disable",
    "schedules:schedule-enable",
    "schedules:schedule-run",
    "maintenance:inventory-refresh",
    "maintenance:onboarding-repeat",
    "maintenance:onboarding-skip",
    "maintenance:session-batch-cancel",
    "maintenance:session-batch-rerun",
    "maintenance:session-batch-run",
    "maintenance:session-cancel",
    "maintenance:session-rerun",
    "maintenance:session-run",
    "accounts:code-renew",
    "accounts:passkey-remove",
    "accounts:impersonation-end",
    "accounts:invitation-resend",
    "accounts:saved-view-delete",
    "accounts:session-end",
    "accounts:session-end-others",
    "accounts:user-activate",
    "accounts:user-link",
    "computers:computer-notes",
    "computers:license-reveal",
    "computers:script-version-restore",
    "computers:computer-person-adopt",
    "computers:computer-person-primary",
    "computers:computer-person-remove",
    "computers:computer-restore",
    "computers:computer-tags",
    "computers:computer-type",
    "tenancy:tenant-activate",
}
"""Buttons, choices among what is offered, and a text that may say anything."""
