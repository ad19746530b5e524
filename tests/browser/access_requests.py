"""Requests for access in the demo, for visits: Grace's, one of hers that was answered, and a stranger's."""

from collections.abc import Callable
from typing import Any

from accounts.models import AccessRequest, User
from computers.models import Computer
from rbac.audit import Actor
from rbac.models import Effect, Role, RoleAssignment
from rbac.permissions import Permission
from rbac.request_services import approve_request, turn_down_request
from tenancy.models import Tenant
from tests.browser.visit import Visit

SITE = "https://immyrbac.test"
NEED = "The finance laptop is lost and has to be deleted before Friday. INC-20931, Rosa knows about it."


def waiting() -> dict[str, Any]:
    """Grace asks for what she lacks on one computer."""
    server = Computer.objects.live().filter(tenant__slug="fabrikam", type="server").order_by("name", "pk")[0]
    said = {"permission": Permission.COMPUTERS_DELETE, "about": f"computer:{server.pk}", "place": server.name}
    return {"pk": _asked("Grace Kim", message=NEED, **said).pk}


def on_server() -> dict[str, Any]:
    return {"pk": Computer.objects.live().filter(tenant__slug="fabrikam", type="server").order_by("name", "pk")[0].pk}


def approved() -> dict[str, Any]:
    found = _asked("Grace Kim", message="I am to roll out the new agent next week.")
    if found.decided_at is None:
        draft = RoleAssignment(
            role=Role.objects.get(key="deployment_manager"), effect=Effect.ALLOW, scope="own_tenant", reason="INC-20950"
        )
        approve_request(actor=_jonas(), asked=found, draft=draft, site=SITE)
    return {"pk": found.pk}


def refused() -> dict[str, Any]:
    found = _asked("Grace Kim", message="I would like to see every customer, for a comparison.")
    if found.decided_at is None:
        reason = "What other customers have is not ours to show. Ask Dana for the figures."
        turn_down_request(actor=_jonas(), asked=found, reason=reason, site=SITE)
    return {"pk": found.pk}


def of_stranger() -> dict[str, Any]:
    said = {"place": "Fabrikam Retail", "message": "I begin on Monday in the branch at the harbour."}
    made = AccessRequest.objects.get_or_create(email="mara@retail.example", name="Mara Lindgren", **said)
    return {"pk": made[0].pk}


def into_fabrikam() -> dict[str, Any]:
    return {**of_stranger(), "home": Tenant.objects.get(slug="fabrikam").pk}


def all_of_them(query: str = "") -> Callable[[], str]:
    """The address of a list that has one of each kind."""

    def made() -> str:
        for make in (waiting, approved, refused, of_stranger):
            make()
        return query

    return made


def _asked(name: str, **said: Any) -> AccessRequest:
    user = User.objects.get(name=name)
    return AccessRequest.objects.get_or_create(user=user, name=user.name, email=user.email, **said)[0]


def _jonas() -> Actor:
    return Actor(User.objects.get(name="Jonas Lindqvist"))


ACCESS_REQUESTS = [
    Visit("accounts:access-request-ask"),
    Visit("accounts:access-request-create", "Grace"),
    Visit("accounts:access-request-create", "Dana", query="?permission=users:manage"),
    Visit("accounts:profile-requests", "Grace", asks=all_of_them()),
    Visit("accounts:profile-requests", "Hugo"),
    Visit("accounts:access-request-list", "Jonas", asks=all_of_them()),
    Visit("accounts:access-request-list", "Jonas", asks=all_of_them("?status=any")),
    Visit("accounts:access-request-list", "Jonas", query="?q=no+such"),
    *(Visit("accounts:access-request-detail", "Jonas", of) for of in (waiting, approved, refused, of_stranger)),
    Visit("accounts:access-request-refuse", "Jonas", waiting),
    Visit("accounts:access-request-approve", "Jonas", waiting),
    Visit("accounts:access-request-approve", "Jonas", of_stranger),
    Visit("accounts:access-request-invite", "Jonas", into_fabrikam),
    Visit("computers:computer-edit", "Grace", on_server, status=403),
    Visit("rbac:audit-list", "Grace", status=403),
]
