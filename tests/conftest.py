"""What every test may use."""

import gc
import pickle
import string
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.middleware import csrf
from django.test import Client, TransactionTestCase
from psycopg._preparing import PrepareManager

from rbac.access import _scopes_of
from tests import effort, prepared, restore, signed_in, template

# Other work on the machine must not fail a property; a failure prints what repeats it. What was green once is green
# until code changes: only `--many` draws anew each time.
hypothesis.settings.register_profile("normal", deadline=None, print_blob=True, derandomize=True, database=None)
hypothesis.settings.register_profile("many", deadline=None, print_blob=True)
hypothesis.settings.load_profile("normal")

Client.force_login = signed_in.force_login
PrepareManager._should_discard = prepared.should_discard
# Each page has a token of 64 characters: none spells *Theo* by chance where a test asks that the page does not
csrf.CSRF_ALLOWED_CHARS = string.ascii_lowercase + string.digits


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` asks for the slower variants, `--many` for thousands of worlds and sequences besides."""
    parser.addoption("--full", action="store_true", help="run the slower variants too")
    parser.addoption("--many", action="store_true", help="run them on thousands of worlds and sequences, drawn anew")
    parser.addoption("--pictures", action="store_true", help="keep a picture of every page in tests/browser/artifacts")
    parser.addoption("--visits", default="", help="look only at pages whose route has this in its name")
    parser.addoption("--update-query-counts", action="store_true", help="write query_counts.json of the pages anew")
    parser.addoption("--update-readme", action="store_true", help="write the screenshot of README.md anew")


def pytest_configure(config: pytest.Config) -> None:
    effort.choose(max([level for option, level in effort.LEVELS.items() if config.getoption(option)], default=0))
    if config.getoption("--many"):
        hypothesis.settings.load_profile("many")


@pytest.hookimpl(trylast=True)  # after -m and -k
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the tests of a function that is marked `alike` a normal run takes a share; pytest says how many it leaves."""
    if len(config.args) == 1 and "::" in config.args[0]:  # who names one wants it
        return
    alike: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("alike"):
            alike[item.nodeid.partition("[")[0]].append(item)
    left = {item for name, each in alike.items() for item in set(each) - set(effort.share(each, name))}
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not look through it a thousand times, a tenth of the time.

    Nor need it look for what is left of a test before there is much of it.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 1_000)


@pytest.fixture(autouse=True)
def _questions_of_its_own() -> None:
    """What a test asked with a defect planted in the engine, no other asks."""
    _scopes_of.cache_clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each process copies one database that is migrated: nineteen seconds of computing time each otherwise."""
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template.migrated()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Django's own set-up; tests that commit then leave the database as the migrations made it."""
    with django_db_blocker.unblock():
        restore.take_snapshot()
    TransactionTestCase._fixture_teardown = restore.after_test
    yield
    with django_db_blocker.unblock():
        restore.end_other_sessions()


@pytest.fixture(scope="module")
def _made_once(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), restore.undone():
        made = request.module.START()
        connection.check_constraints()  # once, and not again at the end of each test
        yield made


@pytest.fixture(scope="module")
def _pickled(_made_once: Any) -> bytes:
    """To be copied six times as quickly as by `copy.deepcopy`."""
    return pickle.dumps(_made_once)


@pytest.fixture
def start(_pickled: bytes, db: None) -> Any:
    """What the module's `START` makes: made once for the module, and copied for each of its tests.

    What a test writes is taken back when it ends. For a thousand tests of one world, which would take longer to make.
    """
    return pickle.loads(_pickled)
