"""Mail as the tenant of its reader lets it look: with its name, its colour, its footer and whom to turn to."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from procrastinate import RetryStrategy

from tenancy.customs import brand_of, preferences_of
from tenancy.models import Tenant

AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)
"""A mail server that is away is asked again after 4 s, 16 s, and so on, for some hours."""


def letter(
    subject: str, body: str, tenant: Tenant | None, *, to: Sequence[str] = (), bcc: Sequence[str] = ()
) -> EmailMessage:
    """Plain where nobody chose a brand; `tenant` is that of who reads it, None where it is nobody's."""
    support = preferences_of(tenant).support if tenant else ""
    brand = brand_of(tenant) if tenant else None
    foot = [*([brand.footer] if brand and brand.footer else []), *([f"Support: {support}"] if support else [])]
    text = "\n\n".join([body.rstrip(), "\n".join(foot)]) + "\n" if foot else body
    if brand is None or not brand.name:
        return EmailMessage(subject, text, to=to, bcc=bcc)
    sender = formataddr((brand.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    found = EmailMultiAlternatives(subject, text, sender, to=to, bcc=bcc)
    said = {"brand": brand, "subject": subject, "body": body.strip(), "foot": "\n".join(foot)}
    found.attach_alternative(render_to_string("accounts/letter.html", said), "text/html")
    return found
