"""How much may be sent: a file that is too large is read and dropped, never kept (safety 24)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from rbac.access import access_for
from rbac.permissions import Permission

SMALL = 5 * 1024 * 1024
"""Bytes of a file from whoever may keep no software: a list of people is not larger."""


class LimitHandler(FileUploadHandler):
    """Stands before those that keep what is sent: a form is read before the door of its view is asked."""

    request: Any

    def new_file(self, *args: Any, **more: Any) -> None:
        super().new_file(*args, **more)
        self.received = 0
        self.limit = limit_of(self.request)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002  Django's
        self.received += len(raw_data)
        if self.received > self.limit:
            self.request.dropped_file = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next one keeps it."""


def limit_of(request: HttpRequest) -> int:
    """Bytes of one file that this request may send. A form is read before anybody was let in: then its user counts."""
    access, user = getattr(request, "access", None), getattr(request, "user", None)
    may_keep = access is not None and access.holds(Permission.SOFTWARE_MANAGE)
    if not may_keep and user is not None:
        may_keep = access_for(user).holds(Permission.SOFTWARE_MANAGE)
    return int(settings.UPLOAD_LIMIT) if may_keep else SMALL


def too_large(request: HttpRequest) -> str:
    """What to say where a file was dropped; empty where none was."""
    return f"A file holds at most {filesizeformat(limit_of(request))}." if hasattr(request, "dropped_file") else ""
