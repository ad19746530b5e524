"""A session of a computer that the door has let the reader to."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from computers.maintenance.roster import sessions_of
from computers.models import Computer
from immyrbac.requests import Request
from rbac.permissions import Permission
from rbac.refusals import refuse


def find_session(request: Request, computer: Computer, number: int) -> Any:
    """With `standing`; one of another computer, or of another tenant's time, is not there. Raises Http404.

    Whoever may do something to sessions and not see them has nothing to do here: raises `Refused`.
    """
    if not request.access.can(Permission.SESSIONS_VIEW, computer):
        refuse(request, Permission.SESSIONS_VIEW, computer)
    session = sessions_of(computer).select_related("computer", "tenant", "asked_by__tenant").filter(pk=number).first()
    if session is None:
        raise Http404
    return session
