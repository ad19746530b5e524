"""Each service of the table leaves one entry that names the rows which it changed (design 9)."""

import pytest
from django.db import connection

from rbac.audit import Actor
from tests.acts.stage import Stage
from tests.acts.table import CASES
from tests.acts.test_entries import told
from tests.acts.witness import post_witnesses

pytestmark = pytest.mark.django_db


def watched() -> Stage:
    """With the witnesses at their posts: sixty triggers."""
    stage = Stage()
    connection.check_constraints()
    post_witnesses()
    return stage


START = watched


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_entry_of_each_service_names_the_rows_that_it_changed(case, start):
    stage: Stage = start
    actor, arguments = stage.actor(*case.needs, everywhere=case.everywhere), case.call(stage)
    entry = told(lambda: case.service(actor=Actor(actor), **arguments))
    assert entry.actor == case.doer(entry, actor)
