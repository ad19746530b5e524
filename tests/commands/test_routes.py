"""Every route with its declaration, as data and for people."""

import json

from immyrbac.declarations import routes
from tests.commands.shell import run


def test_as_data():
    rows = json.loads(run("routes", "--json").out)
    assert len(rows) == len(routes())
    keys = {"name", "path", "methods", "declaration", "permission", "container"}
    assert all(set(row) == keys and row["path"].startswith("/") for row in rows)
    assert [row["name"] for row in rows if row["declaration"] is None] == []
    guarded = [row for row in rows if row["declaration"] == "requires"]
    assert all(row["permission"] for row in guarded)
    assert all(not row["permission"] and not row["container"] for row in rows if row not in guarded)
    assert all(isinstance(row["methods"], list) and row["methods"] for row in rows)


def test_for_people():
    assert len(run("routes").lines) == len(routes())
