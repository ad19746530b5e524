"""The routes of software and its files, as the walk visits them."""

from typing import Any

from rbac.permissions import Permission
from tests.walk.visit import Visit, forms, versioned
from tests.walk.world import Estate, World

SAID = {"name": "New software", "release": "2"}
VIEW, MANAGE = Permission.SOFTWARE_VIEW, Permission.SOFTWARE_MANAGE


class Sent:
    """A file that may be sent more than once."""

    name, content_type = "new.exe", "text/html"

    def read(self) -> bytes:
        return b"MZ"


def _made(world: World, estate: Estate) -> dict[str, Any]:
    return SAID


def _file(world: World, estate: Estate) -> dict[str, Any]:
    return {"token": estate.file.token}


SOFTWARE = [
    Visit("computers:software-list", "GET", VIEW),
    Visit("computers:software-export", "GET", VIEW),
    Visit("computers:software-start", "GET", MANAGE),
    Visit("computers:software-owner-pick", "GET", MANAGE),
    *forms("computers:software-create", MANAGE, "Tenant", _made),
    *forms("computers:software-create-shared", MANAGE, "instance", _made),
    Visit("computers:software-detail", "GET", VIEW, "Software"),
    Visit("computers:software-file", "GET", VIEW, "Software", route=_file),
    *forms("computers:software-edit", MANAGE, "Software", versioned("Software", **SAID)),
    *forms("computers:software-delete", MANAGE, "Software", versioned("Software", reason="Old")),
    *forms("computers:software-file-add", MANAGE, "Software", lambda world, estate: {"file": Sent()}),
    *forms("computers:software-file-remove", MANAGE, "Software", versioned("Software", reason="Old"), route=_file),
]
