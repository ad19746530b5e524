"""How people set their own password: by a link, or while signed in. Their other sessions end with the old one."""

from __future__ import annotations

from dataclasses import replace

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Now
from procrastinate.contrib.django import app as jobs

from accounts.links import find_link
from accounts.models import PasswordLink, User, UserQuerySet, normal_email
from accounts.sessions import end_sessions
from rbac.audit import Actor, record
from rbac.locks import take_access_lock
from rbac.notices import tell_owner

LETTER_JOB = "accounts.mail_password_link"


class LinkUnusable(Exception):  # noqa: N818  it is no fault: somebody was quicker, or the account ended
    """The link was used or ended, or its user may not act any more, since it was looked up."""


def forgetful_users() -> UserQuerySet:
    """Whom a link is mailed when they ask: who may act and has set a password, which proved their address to somebody.

    The first password of an account takes an invitation, or a link from an administrator.
    """
    return User.objects.able_to_act().with_password()


def ask_for_link(*, email: str, site: str) -> None:
    """Mail a link to whoever has this address, if anybody. The same work either way (safety 21).

    `site` is where the link leads, as "https://host". The job names the account by number, 0 for none: what strangers
    type stays out of the queue.
    """
    found = forgetful_users().filter(email=normal_email(email)).values_list("pk", flat=True).first()
    jobs.configure_task(LETTER_JOB, queue="mail").defer(user=found or 0, site=site)


def redeem_link(*, actor: Actor, link: PasswordLink, password: str) -> None:
    """Set the password of the link's user, once. All of their sessions end. Raises LinkUnusable.

    Under the lock of access changes, since a link counts as long as its issuer could issue it; of two uses one comes
    second and finds it used. Hashing is slow, and done before.
    """
    hashed = make_password(password)
    with transaction.atomic():
        take_access_lock()
        user = User.objects.able_to_act().select_for_update(of=("self",), no_key=True).filter(pk=link.user_id).first()
        if user is None or find_link(pk=link.pk) is None:
            raise LinkUnusable
        user.password_links.filter(used_at=None).update(used_at=Now())
        _write(replace(actor, user=user), user, hashed, "By a link")


def change_password(*, actor: Actor, user: User, password: str, keep: str) -> User:
    """Set the user's own password; the caller has asked for the current one. Only the session `keep` stays.

    Returns the user as they are now: what proves that session is made from the password.
    """
    hashed = make_password(password)
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _write(actor, user, hashed, "By the user", keep)
    return user


def _write(actor: Actor, user: User, hashed: str, how: str, keep: str | None = None) -> None:
    user.password = hashed
    user.save(update_fields=["password"])
    after = {"how": how, "sessions_ended": end_sessions([user], keep)}
    tell_owner(record(actor, "user.password_set", target=user, tenant=user.tenant_id, after=after), actor)
