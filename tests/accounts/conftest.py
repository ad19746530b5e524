from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from tests.accounts.mailing import Inbox
from tests.people import People
from tests.races.workers import free_port


@pytest.fixture
def people(db) -> People:
    return People()


@pytest.fixture
def inbox(settings) -> Iterator[Inbox]:
    """A mail server of its own on loopback, to which Django's own SMTP backend sends."""
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield handler
    controller.stop()
