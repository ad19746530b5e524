"""Factories of deployments, beside `tests.factories`."""

import factory
from factory.django import DjangoModelFactory

from computers.deployments.models import CrossTenantDeployment, Deployment, DeploymentComputer, TenantDeployment
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
