"""Telling the owner of an account that the way into it has changed: a mail beside the audit entry, in the same words.

Whoever takes an account over changes how it is signed in to, so every such change is mailed, whoever made it.
"""

from __future__ import annotations

from typing import NamedTuple

from procrastinate.contrib.django import app as jobs

from accounts.models import User
from rbac.access import access_for
from rbac.audit import Actor
from rbac.audit_words import sentence_of
from rbac.models import AuditEntry
from rbac.naming import name_for
from tenancy.customs import preferences_of

NOTICE_JOB = "accounts.mail_factor_notice"


def tell_owner(entry: AuditEntry, actor: Actor) -> None:
    """Mail what the entry tells to the user whom it is about, if its transaction holds; called inside it.

    The job names the entry, which has the rest. The browser stands in no entry, and goes with the job.
    """
    jobs.configure_task(NOTICE_JOB, queue="mail").defer(entry=entry.pk, browser=actor.browser)


class Notice(NamedTuple):
    """What an entry tells the person whom it is about. `address` is empty unless they did it themselves."""

    person: User
    what: str
    when: str
    by: str
    address: str


def notice_of(entry: int) -> Notice | None:
    """None for whoever was removed meanwhile. Of others they learn the name, as far as they may read it."""
    told = AuditEntry.objects.select_related("actor").get(pk=entry)
    person = User.objects.present().select_related("tenant").filter(pk=told.target_id or 0).first()
    if person is None:
        return None
    what = "".join(word.text for word in sentence_of(told))
    when = preferences_of(person.tenant).in_words(told.at)
    if told.actor == person:
        return Notice(person, what, when, "You, or somebody who is signed in as you", told.address or "")
    by = name_for(access_for(person), told.actor, person.tenant) if told.actor else "The system"
    return Notice(person, what, when, by, "")
