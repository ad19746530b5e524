"""What every test may use."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` asks for the slower variants: more worlds, more sequences."""
    parser.addoption("--full", action="store_true", help="run the slower variants too")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the slower variants are asked for."""
    return bool(request.config.getoption("--full"))
