"""Every page with the people of the demo world who look at it. Equal, by name, to the routes that answer GET."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.links import create_link
from accounts.models import User
from rbac.audit import SYSTEM
from rbac.switches import SwitchKey

Named = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Visit:
    """`who`: a first name of `rbac.demo.people.PERSONAS`, or nothing for whoever is not signed in.

    `of` finds what the path names; `status` is what the page itself answers.
    """

    name: str
    who: str = ""
    of: Named = dict
    query: str = ""
    status: int = 200

    @property
    def address(self) -> str:
        return reverse(self.name, kwargs=self.of()) + self.query

    def __str__(self) -> str:
        return f"{self.name}{self.query} for {self.who or 'nobody'}"


def user(name: str) -> Named:
    return lambda: {"pk": User.objects.get(name=name).pk}


def _link() -> dict[str, str]:
    return {"token": create_link(actor=SYSTEM, user=User.objects.get(name="Aiko Tanabe"))}


def _switch(key: SwitchKey, *, enabled: bool) -> Named:
    return lambda: {"key": key, "enabled": enabled}


DANA, GRACE = user("Dana Whitfield"), user("Grace Kim")
SCRIPTS_OFF = _switch(SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)

VISITS = [
    Visit("account_login"),
    Visit("accounts:password-set", status=410),
    Visit("accounts:password-link-open", of=_link),
    *(Visit("start", who) for who in ("Jonas", "Dana", "Leila", "Priya", "Rosa", "Grace", "Hugo")),
    Visit("accounts:profile-detail", "Dana"),
    Visit("accounts:profile-access", "Dana"),
    Visit("accounts:profile-access", "Jonas"),
    Visit("accounts:profile-security", "Dana"),
    Visit("accounts:profile-access", "Grace"),
    Visit("accounts:password-edit", "Dana"),
    Visit("accounts:user-list", "Jonas", query="?rows=10"),
    Visit("accounts:user-list", "Rosa", query="?q=grace"),
    Visit("accounts:user-list", "Jonas", query="?q=nobody+of+this+name"),
    Visit("accounts:user-detail", "Jonas", DANA),
    Visit("accounts:user-group-list", "Jonas", DANA),
    Visit("accounts:user-group-list", "Rosa", GRACE),
    Visit("rbac:assignment-list", "Jonas", DANA),
    Visit("rbac:assignment-list", "Rosa", GRACE),
    Visit("rbac:assignment-list", "Hugo", DANA, "?ended=1"),
    Visit("rbac:preference-list", "Jonas"),
    Visit("rbac:preference-list", "Hugo"),
    Visit("rbac:switch-change", "Jonas", SCRIPTS_OFF),
    Visit("rbac:switch-change", "Jonas", SCRIPTS_OFF, "?view=same"),
    Visit("rbac:switch-change", "Jonas", _switch(SwitchKey.IMPERSONATION, enabled=True)),
    Visit("rbac:switch-change", "Jonas", _switch(SwitchKey.ACCESS_REQUESTS, enabled=True)),
]

NO_PAGES = {
    "healthz": "words for a load balancer",
    "readyz": "words for a load balancer",
    "tenancy:tenant-pick": "options of a combobox",
    "tenancy:tag-pick": "options of a combobox",
}
"""Routes that answer GET with something else than a page, and with what."""
