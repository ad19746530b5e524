import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from tests import custom_factories, factories, share_factories
from tests.deployments import factories as of_deployments
from tests.maintenance import factories as of_maintenance
from tests.schedules import factories as of_schedules
from tests.source import LABELS

MADE = [
    value
    for module in (factories, custom_factories, share_factories, of_deployments, of_maintenance, of_schedules)
    for value in vars(module).values()
    if isinstance(value, type)
    and issubclass(value, DjangoModelFactory)
    and not value._meta.abstract
    and value.__module__ == module.__name__
]


def test_every_model_has_a_factory():
    models = {model for label in LABELS for model in apps.get_app_config(label).get_models()}
    assert models == {made._meta.model for made in MADE}


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)
def test_every_factory_makes_a_valid_row_by_itself(db, made):
    row = made()
    row.refresh_from_db()
    absent = {field.name for field in row._meta.fields if getattr(row, field.attname) is None}  # forms alone ask for it
    row.full_clean(exclude=absent)


def test_an_assignment_goes_to_one_principal(db):
    group = factories.GroupFactory()
    assignment = factories.RoleAssignmentFactory(group=group)
    assert (assignment.user, assignment.group) == (None, group)
