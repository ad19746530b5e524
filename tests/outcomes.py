"""Forms that show what they do to people before they do it (`rbac.outcomes`), sent by somebody who has read it."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse

from rbac.access import Access
from rbac.grants import Holding
from rbac.models import RoleAssignment
from rbac.previews import preview_assignment, preview_ending


def mark_of(answer: HttpResponse) -> str:
    """What the form carries once it has shown something."""
    found = re.search(r'name="shown" value="([^"]*)"', answer.content.decode())
    return found.group(1) if found else ""


def seen(rows: Sequence[RoleAssignment], *, ending: bool = False) -> dict[str, str]:
    """What the form carries that has shown what giving this assignment does, or ending these; to anybody the same."""
    nobody = Access(Holding())
    shown = preview_ending(nobody, rows) if ending else preview_assignment(nobody, *rows)
    return {"shown": shown.outcome.mark}


def once_seen(post: Callable[..., HttpResponse], *args: Any, **said: Any) -> HttpResponse:
    """Send it, read what it does, send it again."""
    first = post(*args, **said)
    assert first.status_code == 422, first.content.decode()
    return post(*args, **said, shown=mark_of(first))
