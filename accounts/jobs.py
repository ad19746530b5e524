"""What is done outside requests: mail. A job says what it is about by number, and asks if it still may (safety 18).

The link's token is made here, where it is mailed, and kept as a hash: no queue ever holds it (safety 23).
"""

from __future__ import annotations

import secrets

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from procrastinate.contrib.django import app

from accounts.identities import identities_of
from accounts.letters import AGAIN, letter
from accounts.links import MAILED_LIFETIME, create_link, hash_token
from accounts.models import AccessRequest, Invitation, User
from accounts.passwords import LETTER_JOB, forgetful_users
from accounts.single_sign_on import LETTER_JOB as WAY_JOB
from immyrbac.connections import fresh_connection
from rbac.access_requests import MOST_APPROVERS, approvers_of, told_of, wish_of
from rbac.access_requests import state_of as request_state
from rbac.asking import ASKED_JOB
from rbac.audit import SYSTEM, record
from rbac.invitation_services import MAIL_JOB
from rbac.invitations import is_backed, offer_of, state_of
from rbac.locks import take_access_lock
from rbac.notices import NOTICE_JOB, notice_of
from rbac.request_services import ANSWERED_JOB
from tenancy.customs import preferences_of


@app.task(name=MAIL_JOB, queue="mail", retry=AGAIN)
def mail_invitation(*, invitation: int, site: str) -> None:
    """Mail the link of an invitation that may still be accepted. When it is tried again, a new link takes its place."""
    with fresh_connection():
        send_letter(invitation, site)


def send_letter(invitation: int, site: str) -> None:
    """What the job does; nothing for an invitation that is over, or that its sender could no longer send."""
    if (written := _letter(invitation, site)) is not None:
        written.send()


def _letter(pk: int, site: str) -> EmailMessage | None:
    with transaction.atomic():
        take_access_lock()
        found = (
            Invitation.objects.select_for_update(of=("self",), no_key=True)
            .select_related("tenant", "invited_by")
            .filter(pk=pk)
        )
        invitation = found.first()
        if invitation is None or state_of(invitation) != "pending" or not is_backed(invitation):
            return None
        token = secrets.token_urlsafe(32)
        invitation.token_hash = hash_token(token)
        invitation.save(update_fields=("token_hash",))
        record(SYSTEM, "invitation.link_made", target=invitation, tenant=invitation.tenant_id)
    return _written(invitation, site + reverse("accounts:invitation-open", args=[token]))


@app.task(name=LETTER_JOB, queue="mail", retry=AGAIN)
def mail_password_link(*, user: int, site: str) -> None:
    """Mail a set-password link to whoever asked, if that is somebody. Tried again, a new one takes its place."""
    with fresh_connection():
        send_password_letter(user, site)


def send_password_letter(user: int, site: str) -> None:
    """What the job does; nothing for an account that is not there, or may not act any more."""
    with transaction.atomic():
        found = forgetful_users().select_for_update(of=("self",), no_key=True).filter(pk=user).first()
        if found is None:
            return
        token = create_link(actor=SYSTEM, user=found, lifetime=MAILED_LIFETIME)
        record(SYSTEM, "user.password_link_mailed", target=found, tenant=found.tenant_id)
    context = {"person": found, "link": site + reverse("accounts:password-link-open", args=[token])}
    body = render_to_string("accounts/password_letter.txt", context)
    letter("Set a new password for immyrbac", body, found.tenant, to=[found.email]).send()


@app.task(name=WAY_JOB, queue="mail", retry=AGAIN)
def mail_single_sign_on(*, user: int, site: str) -> None:
    """Mail where they sign in to whoever asked, if that is somebody."""
    with fresh_connection():
        send_way(user, site)


def send_way(user: int, site: str) -> None:
    """What the job does; nothing for who may not act, or is linked with no provider that counts."""
    person = User.objects.able_to_act().filter(pk=user).first()
    if person is None or not (linked := list(identities_of(person).standing())):
        return
    ways = [
        (each.provider, site + reverse("accounts:single-sign-on-start", args=[each.provider.key])) for each in linked
    ]
    body = render_to_string("accounts/single_sign_on_letter.txt", {"person": person, "ways": ways})
    letter("Where you sign in to immyrbac", body, person.tenant, to=[person.email]).send()


@app.task(name=NOTICE_JOB, queue="mail", retry=AGAIN)
def mail_factor_notice(*, entry: int, browser: str) -> None:
    """Tell the owner of an account that its way in has changed."""
    with fresh_connection():
        send_notice(entry, browser)


def send_notice(entry: int, browser: str) -> None:
    """What the job does. There is no link in it: it asks nobody to sign in by mail."""
    if (notice := notice_of(entry)) is None:
        return
    body = render_to_string("accounts/factor_letter.txt", {"notice": notice, "browser": browser})
    letter("Your sign-in to immyrbac was changed", body, notice.person.tenant, to=[notice.person.email]).send()


def _written(invitation: Invitation, link: str) -> EmailMessage:
    until = preferences_of(invitation.tenant).in_words(invitation.expires_at)
    context = {"invitation": invitation, "offer": offer_of(invitation), "link": link, "until": until}
    subject = f"{invitation.invited_by} invites you to {invitation.tenant}"
    body = render_to_string("accounts/invitation_letter.txt", context)
    return letter(" ".join(subject.split()), body, invitation.tenant, to=[invitation.email])


# Requests for access


@app.task(name=ASKED_JOB, queue="mail", retry=AGAIN)
def mail_access_request(*, asked: int, site: str) -> None:
    """Tell whoever may answer a request that it waits."""
    with fresh_connection():
        send_request(asked, site)


def send_request(pk: int, site: str) -> None:
    """One mail to all of them, who do not read each other's address; nothing for one that was answered."""
    asked = AccessRequest.objects.waiting().select_related("user__tenant").filter(pk=pk).first()
    people = approvers_of(asked).values_list("email", flat=True)[:MOST_APPROVERS] if asked else ()
    if asked is None or not (addresses := list(people)):
        return
    link = site + reverse("accounts:access-request-detail", args=[pk])
    context = {"asked": asked, "wish": wish_of(asked), "link": link}
    who = f"{asked.name} asks" if asked.user else "Somebody without an account asks"
    body = render_to_string("accounts/access_request_letter.txt", context)
    letter(f"{who} for access", body, None, bcc=addresses).send()


@app.task(name=ANSWERED_JOB, queue="mail", retry=AGAIN)
def mail_access_answer(*, asked: int, site: str) -> None:
    """Tell whoever asked what became of it."""
    with fresh_connection():
        send_answer(asked, site)


def send_answer(pk: int, site: str) -> None:
    """To the address that a user has now, or that a stranger gave; nothing to whoever was removed."""
    found = AccessRequest.objects.select_related("user__tenant").filter(pk=pk).first()
    if found is None or (state := request_state(found)) == "waiting":
        return
    if found.user is not None and found.user.removed_at is not None:
        return
    link = site + reverse("accounts:profile-requests") if found.user else ""
    context = {"asked": found, "state": state, "given": told_of(found), "wish": wish_of(found), "link": link}
    body = render_to_string("accounts/access_answer_letter.txt", context)
    home, address = (found.user.tenant, found.user.email) if found.user else (None, found.email)
    letter(f"Your request was {state}", body, home, to=[address]).send()
