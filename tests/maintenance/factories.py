"""Sessions, stages and inventories, as `tests.factories` has the rest."""

import factory
from factory.django import DjangoModelFactory

from computers.maintenance.models import Inventory, MaintenanceSession, Stage


class StageFactory(DjangoModelFactory):
    class Meta:
        model = Stage

    session = factory.SubFactory("tests.maintenance.factories.MaintenanceSessionFactory", stages=[])
    position = 0
    kind = "inventory"


class MaintenanceSessionFactory(DjangoModelFactory):
    """With its stages, by kind: an inventory unless said otherwise."""

    class Meta:
        model = MaintenanceSession
        skip_postgeneration_save = True

    computer = factory.SubFactory("tests.factories.ComputerFactory")
    tenant = factory.LazyAttribute(lambda session: session.computer.tenant)
    asked_by = factory.SubFactory("tests.factories.UserFactory")

    @factory.post_generation
    def stages(self, _create, kinds, **_):
        for position, kind in enumerate(["inventory"] if kinds is None else kinds):
            StageFactory(session=self, position=position, kind=kind)


class InventoryFactory(DjangoModelFactory):
    class Meta:
        model = Inventory

    stage = factory.SubFactory(StageFactory)
    computer = factory.LazyAttribute(lambda found: found.stage.session.computer)
    tenant = factory.LazyAttribute(lambda found: found.stage.session.tenant)
    lines = factory.LazyFunction(lambda: [["System", "Name", "LIT-01"]])
