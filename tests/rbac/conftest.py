import pytest

from tests.people import People
from tests.story import Story, tell


@pytest.fixture
def people(db) -> People:
    return People()


@pytest.fixture
def story(db) -> Story:
    return tell()
