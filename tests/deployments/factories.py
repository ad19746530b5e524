"""Factories of deployments, beside `tests.factories`."""

import factory
from factory.django import DjangoModelFactory

from computers.deployments.models import (
    ChangeRequest,
    ChangeRequestNote,
    CrossTenantDeployment,
    Deployment,
    DeploymentComputer,
    TenantDeployment,
)
from tests.factories import ComputerFactory, SoftwareFactory, TenantFactory, UserFactory


class TenantDeploymentFactory(DjangoModelFactory):
    """Installs software of its owner on all that is there."""

    class Meta:
        model = TenantDeployment

    name = factory.Sequence(lambda n: f"Deployment {n}")
    tenant = factory.SubFactory(TenantFactory)
    state = "installed"
    software = factory.SubFactory(SoftwareFactory, tenant=factory.SelfAttribute("..tenant"))
    target = "tenant"
    saved_by = factory.SubFactory(UserFactory)


class DeploymentFactory(TenantDeploymentFactory):
    class Meta:
        model = Deployment


class CrossTenantDeploymentFactory(TenantDeploymentFactory):
    class Meta:
        model = CrossTenantDeployment

    target = "children"


class DeploymentComputerFactory(DjangoModelFactory):
    class Meta:
        model = DeploymentComputer

    deployment = factory.SubFactory(TenantDeploymentFactory, target="individual")
    computer = factory.SubFactory(ComputerFactory, tenant=factory.SelfAttribute("..deployment.tenant"))


class ChangeRequestFactory(DjangoModelFactory):
    """A new deployment of its owner with all below, of software of the instance; `software` is that."""

    class Meta:
        model = ChangeRequest
        exclude = ("software",)

    name = factory.Sequence(lambda n: f"Proposal {n}")
    software = factory.SubFactory(SoftwareFactory)
    tenant = factory.SubFactory(TenantFactory)
    asked_by = factory.SubFactory(UserFactory)
    proposed = factory.LazyAttribute(
        lambda made: {
            "name": made.name,
            "is_enabled": True,
            "state": "installed",
            "target": "children",
            "computer_scope": "all",
            "software": made.software.pk,
        }
    )
    after = factory.LazyAttribute(
        lambda made: {"name": made.name, "does": "Install it", "aim": "all computers", "enabled": True}
    )


class ChangeRequestNoteFactory(DjangoModelFactory):
    class Meta:
        model = ChangeRequestNote

    request = factory.SubFactory(ChangeRequestFactory)
    author = factory.SelfAttribute("request.asked_by")
    did = "submitted"
    text = "All customers ask for it"
