import pytest
from factory.django import DjangoModelFactory

from tests import factories

MADE = [
    value
    for value in vars(factories).values()
    if isinstance(value, type) and issubclass(value, DjangoModelFactory) and not value._meta.abstract
]


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)
def test_every_factory_makes_a_valid_row_by_itself(db, made):
    row = made()
    row.refresh_from_db()
    row.full_clean()


def test_an_assignment_goes_to_one_principal(db):
    group = factories.GroupFactory()
    assignment = factories.RoleAssignmentFactory(group=group)
    assert (assignment.user, assignment.group) == (None, group)
