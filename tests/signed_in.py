"""Clients that are signed in at the cost of one INSERT.

Django's own `force_login` makes a session, changes its key, saves it twice more and writes `last_login`: these ten were
a tenth of the time of most tests of pages. Tests that are about signing in go through the page.
"""

import time
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.crypto import get_random_string

from accounts.models import User
from accounts.session_store import SessionStore
from rbac.middleware import SEEN

djangos_own = Client.force_login


def force_login(client: Client, user: User, backend: str | None = None) -> None:
    """What Django's own leaves, without `last_login` and its signal; where there was a session, Django's own."""
    if settings.SESSION_COOKIE_NAME in client.cookies:
        djangos_own(client, user, backend)
        return
    _sign_in(client, user, backend or client._get_backend())


def visit_again(client: Client, user: User) -> None:
    """Sign in who was here a moment ago: that they were is not noted once more, which is six more statements."""
    _sign_in(client, user, client._get_backend(), **{SEEN: time.time()})


def _sign_in(client: Client, user: User, backend: str, **said: Any) -> None:
    user.backend = backend
    session = SessionStore()
    session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend, **said})
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    key = get_random_string(32, VALID_KEY_CHARS)
    data, until = session.encode(dict(session.items())), session.get_expiry_date()
    Session(session_key=key, session_data=data, expire_date=until).save(force_insert=True)
    client._set_login_cookies(SimpleNamespace(session=SessionStore(key)))
