"""What tests of computers and scripts share: the story, and forms that are filled in as a browser does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rbac.models import AuditEntry
from tests.story import Story, tell


@pytest.fixture
def story(db) -> Story:
    return tell()


@pytest.fixture
def send(client: Client) -> Callable[..., HttpResponse]:
    """Post a form about an object as this user, with the version that it has now unless another is given."""

    def post(user: User, act: str, about: Any, **said: Any) -> HttpResponse:
        client.force_login(user)
        about.refresh_from_db()
        return client.post(
            reverse(f"computers:{act}", args=[about.pk]), {"version": about.updated_at.isoformat()} | said
        )

    return post


def last_entry() -> AuditEntry:
    return AuditEntry.objects.order_by("pk").last()
