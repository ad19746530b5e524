import pytest

from accounts.models import User
from tests.people import People, give
from tests.story import Story, tell


@pytest.fixture
def people(db) -> People:
    return People()


@pytest.fixture
def story(db) -> Story:
    return tell()


@pytest.fixture
def auditor(people) -> User:
    """Of the whole system; may save nothing."""
    give(people.theo, "auditor", scope="owner")
    return people.theo
