import pytest

from tests.people import People


@pytest.fixture
def people(db) -> People:
    return People()
