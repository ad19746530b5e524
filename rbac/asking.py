"""Asking for access. It changes nobody's access and takes no permission; the answer does (`rbac.request_services`)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from procrastinate.contrib.django import app as jobs

from accounts.models import AccessRequest, normal_email
from rbac.access_requests import OFF, are_taken
from rbac.audit import Actor, named, record
from rbac.delegation import Refused
from rbac.locks import take_access_lock

ASKED_JOB = "accounts.mail_access_request"


class AskedAlready(ValidationError):  # noqa: N818  it is no fault: somebody pressed twice
    """Exactly this waits for an answer."""


def ask_for_access(*, actor: Actor, asked: AccessRequest, site: str) -> AccessRequest:
    """Keep this request, which is not saved yet, and tell whoever may answer it. `site` is where the mail's link leads.

    Under the lock of access changes, so that of two that say the same the second finds the first. Raises
    AskedAlready for that, ValidationError for what nobody could ask, and `Refused` while nobody can ask at all.
    """
    asked.email = normal_email(asked.email)
    asked.clean_fields(exclude=("user",))
    with transaction.atomic():
        take_access_lock()
        if not are_taken():
            raise Refused([OFF])
        _only_once(asked)
        asked.validate_constraints()
        asked.save(force_insert=True)
        jobs.configure_task(ASKED_JOB, queue="mail").defer(asked=asked.pk, site=site)
        after: dict[str, object] = {"permission": asked.permission, "about": asked.about, "place": asked.place}
        if asked.user is not None:
            after["access_requests"] = named([asked])
        target = asked.user or asked
        record(actor, "access_request.made", target=target, tenant=asked.tenant_id, reason=asked.message, after=after)
    return asked


def _only_once(asked: AccessRequest) -> None:
    same = {name: getattr(asked, name) for name in ("email", "permission", "about", "message")}
    if AccessRequest.objects.waiting().filter(**same).exists():
        raise AskedAlready("You have asked exactly this already, and it waits for an answer.")
