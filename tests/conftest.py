"""What every test may use."""

import hypothesis
import pytest

# Other work on the machine must not fail a property; a failure prints what repeats it.
hypothesis.settings.register_profile("immyrbac", deadline=None, print_blob=True)
hypothesis.settings.load_profile("immyrbac")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` asks for the slower variants: more worlds, more sequences, more races."""
    parser.addoption("--full", action="store_true", help="run the slower variants too")
    parser.addoption("--update-readme", action="store_true", help="write the screenshot of README.md anew")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the slower variants are asked for."""
    return bool(request.config.getoption("--full"))
