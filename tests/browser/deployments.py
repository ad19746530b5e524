"""The deployments of the demo, for visits."""

from typing import Any

from computers.deployments.models import ChangeRequest, Deployment
from tenancy.models import Tenant
from tests.browser.visit import Named, Visit


def _tenant(slug: str) -> Named:
    return lambda: {"pk": Tenant.objects.get(slug=slug).pk}


def named(name: str) -> Named:
    return lambda: {"pk": Deployment.objects.get(name=name).pk}


def resting() -> dict[str, Any]:
    """Its author may not do this."""
    found = Deployment.objects.get(name="Space on every disk")
    Deployment.objects.filter(pk=found.pk).update(
        saved_by=Deployment.objects.get(name="Drawing for the studio").saved_by
    )
    return {"pk": found.pk}


def asked() -> dict[str, Any]:
    return {"pk": ChangeRequest.objects.order_by("pk")[0].pk}


ONE, MANY = named("Backup at Fabrikam"), named("Backup everywhere")

DEPLOYMENTS = [
    Visit("deployments:deployment-list", "Jonas"),
    Visit("deployments:deployment-list", "Grace"),
    Visit("deployments:deployment-list", "Rosa", query="?q=no+such"),
    Visit("deployments:deployment-place", "Jonas"),
    Visit("deployments:deployment-create", "Grace", _tenant("fabrikam")),
    Visit("deployments:deployment-create", "Rosa", _tenant("fabrikam")),
    Visit("deployments:deployment-detail", "Rosa", ONE),
    Visit("deployments:deployment-detail", "Jonas", resting),
    Visit("deployments:deployment-computers", "Rosa", ONE),
    Visit("deployments:deployment-edit", "Rosa", ONE),
    Visit("deployments:deployment-delete", "Rosa", ONE),
    Visit("deployments:cross-deployment-list", "Jonas"),
    Visit("deployments:cross-deployment-place", "Jonas"),
    Visit("deployments:cross-deployment-create", "Jonas", _tenant("contoso")),
    Visit("deployments:cross-deployment-create-shared", "Jonas"),
    Visit("deployments:cross-deployment-detail", "Jonas", MANY),
    Visit("deployments:cross-deployment-computers", "Jonas", MANY),
    Visit("deployments:cross-deployment-edit", "Jonas", MANY),
    Visit("deployments:cross-deployment-delete", "Jonas", MANY),
    Visit("deployments:change-request-list", "Jonas"),
    Visit("deployments:change-request-list", "Hugo"),
    Visit("deployments:change-request-place", "Jonas"),
    Visit("deployments:change-request-create", "Jonas", _tenant("contoso")),
    Visit("deployments:change-request-create-shared", "Jonas"),
    Visit("deployments:change-request-change", "Jonas", MANY),
    Visit("deployments:change-request-detail", "Jonas", asked),
    Visit("deployments:change-request-edit", "Jonas", asked),
    *(Visit(f"deployments:change-request-{act}", "Jonas", asked) for act in ("comment", "withdraw")),
    *(Visit(f"deployments:change-request-{act}", "Jonas", asked) for act in ("approve", "deny", "return")),
]
