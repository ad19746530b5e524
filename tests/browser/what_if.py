"""What changes of access would do, with the people of the demo world who may ask."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from accounts.models import Group
from rbac.models import Role, RoleAssignment
from tenancy.models import Tenant
from tests.browser.visit import Named, Visit, user

DANA = user("Dana Whitfield")


def desk() -> dict[str, Any]:
    return {"pk": Group.objects.get(name="Service Desk").pk}


def giving(role: str, **changes: Any) -> Callable[[], str]:
    """The whole question, as the address has it once it was put."""
    said = {"effect": "allow", "scope": "owner", "computer_scope": "all", "starts": "now", "ends": "never", **changes}
    return lambda: "?" + urlencode({"role": Role.objects.get(name=role).pk, **said})


def on_fabrikam() -> str:
    return f"?tenant={Tenant.objects.get(slug='fabrikam').pk}&role={Role.objects.get(key='script_manager').pk}"


def technician() -> dict[str, Any]:
    return {"pk": Role.objects.get(name="Field Technician").pk}


def holding(more: str, less: str = "") -> Callable[[], str]:
    """Whether the technicians' role should hold more, or less."""

    def query() -> str:
        held = {*Role.objects.get(name="Field Technician").permissions, more} - {less}
        return "?" + urlencode({"q": "", "permissions": sorted(held)}, doseq=True)

    return query


def ending(role: str, **of: Any) -> Callable[[], str]:
    """Whether what they hold by this role should end."""
    held = RoleAssignment.objects.unended().filter(role__name=role)
    return lambda: f"?assignments={held.filter(**of).values_list('pk', flat=True)[0]}"


def what_if(kind: str, who: str, of: Named, asks: Callable[[], str] = str) -> Visit:
    return Visit(f"rbac:{kind}-what-if", who, of, asks=asks)


WHAT_IF = [
    Visit("rbac:what-if", "Hugo"),
    Visit("rbac:what-if", "Hugo", asks=on_fabrikam),
    what_if("user", "Hugo", DANA),
    what_if("user", "Hugo", DANA, giving("MSP Administrator")),
    what_if("user", "Hugo", DANA, giving("MSP User", effect="deny")),
    what_if("user", "Jonas", DANA, giving("Script Manager", scope="own_tenant", ends="days")),
    what_if("group", "Hugo", desk, giving("Script Manager")),
    Visit("rbac:user-what-if-end", "Hugo", DANA, asks=ending("No computer changes", user__name="Dana Whitfield")),
    Visit("rbac:user-what-if-end", "Jonas", DANA, asks=ending("Computer Terminal User", user__name="Dana Whitfield")),
    Visit("rbac:user-what-if-end", "Hugo", DANA),
    Visit("rbac:role-what-if", "Hugo", technician, asks=holding("scripts:manage")),
    Visit("rbac:role-what-if", "Jonas", technician, asks=holding("scripts:manage", less="computers:manage")),
    Visit("rbac:role-what-if", "Hugo", technician),
    Visit("rbac:user-what-if-move", "Hugo", DANA, asks=lambda: f"?other={desk()['pk']}"),
    Visit("rbac:group-what-if-move", "Jonas", desk, asks=lambda: f"?other={user('Callum Reid')()['pk']}"),
    Visit("rbac:group-what-if-move", "Hugo", desk),
    Visit("rbac:group-what-if-end", "Hugo", desk, asks=ending("MSP User", group__name="Service Desk")),
]
