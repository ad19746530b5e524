"""The system check over the URLconf: it finds a view without a declaration before a request does (design 4)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from immyrbac.declarations import routes


@register()
def every_route_declares(**_: Any) -> list[CheckMessage]:
    return [
        Error(f"The view of {route.path or '/'} declares no permission.", obj=route.name, id="rbac.E001")
        for route in routes()
        if route.declaration is None
    ]
