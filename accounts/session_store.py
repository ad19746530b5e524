"""Sessions in the database, as Django keeps them; each request looks its own up, hence by one statement."""

from __future__ import annotations

from functools import cache

from django.contrib.sessions.backends.db import SessionStore as Kept
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from immyrbac.statements import Statement

KEY = "its key"
"""Stands in the place of a session's."""


class SessionStore(Kept):
    def _get_session_from_db(self) -> Session | None:
        found: list[Session] = _unexpired().objects({KEY: self.session_key})
        if not found:
            self._session_key = None
            return None
        return found[0]


@cache
def _unexpired() -> Statement:
    return Statement(Session.objects.filter(session_key=KEY, expire_date__gt=Now()), planned_once=True)
