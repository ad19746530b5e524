"""Forms that show what they do to people before they do it (`rbac.outcomes`), sent by somebody who has read it."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse


def mark_of(answer: HttpResponse) -> str:
    """What the form carries once it has shown something."""
    found = re.search(r'name="shown" value="([^"]*)"', answer.content.decode())
    return found.group(1) if found else ""


def once_seen(post: Callable[..., HttpResponse], *args: Any, **said: Any) -> HttpResponse:
    """Send it, read what it does, send it again."""
    first = post(*args, **said)
    assert first.status_code == 422, first.content.decode()
    return post(*args, **said, shown=mark_of(first))
