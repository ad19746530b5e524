"""What holds for each list of the product: its CSV has the rows of its pages, and it can be kept as a view.

None that may be long is put in order by looking at all of it.
"""

import csv
from collections.abc import Iterator
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from immyrbac.bookmarks import read_bookmark
from immyrbac.cursors import KEY
from immyrbac.declarations import routes
from immyrbac.lists import DEFAULT_SIZE, Listing
from tests.effort import share
from tests.walk import test_query_counts
from tests.walk.test_query_counts import fill

pytestmark = pytest.mark.django_db
reader = test_query_counts.reader  # the owner of the instance, with a world around them

SEARCHES = ("", "q=e", "q=here", "q=no+such")


def lists(client: Client) -> dict[str, Listing]:
    """The lists that stand by themselves, by route; those of one object have a number in their address."""
    found = {}
    for route in routes():
        if route.name.endswith("-list") and "<" not in route.path:
            listing = client.get(reverse(route.name)).context.get("listing")
            if isinstance(listing, Listing):
                found[route.name] = listing
    return found


def paged(client: Client, address: str) -> Iterator[object]:
    while address:
        listing = client.get(address).context["listing"]
        yield from listing.rows
        address = listing.next_url


def test_the_csv_of_each_list_has_the_rows_of_all_its_pages(reader, monkeypatch):
    client, world = reader
    fill(world.here, 6)
    written: list[object] = []
    after = Listing.after
    monkeypatch.setattr(Listing, "after", lambda *given: [row for row in after(*given) if written.append(row) is None])
    exported = {route.name for route in routes()}
    every = {name: each for name, each in lists(client).items() if name.replace("-list", "-export") in exported}
    assert len(every) >= 6
    for name, listing in every.items():
        sorts = [f"sort={sign}{sort.name}" for sort in listing.sorts for sign in ("", "-")]
        for query in (*SEARCHES, *share(sorts, name)):
            written.clear()
            answer = client.get(reverse(name.replace("-list", "-export")) + f"?{query}")
            lines = list(csv.reader(StringIO(b"".join(answer).decode())))[1:]
            shown = list(paged(client, f"{reverse(name)}?rows=10&{query}"))
            assert written == shown, (name, query)
            assert len(lines) == len(shown), (name, query)


def test_each_list_can_be_kept_as_a_view(reader):
    client, _ = reader
    for name in lists(client):
        listing = client.get(f"{reverse(name)}?rows=10&q=e").context["listing"]
        kept = read_bookmark(listing.bookmark.signed)
        assert kept == (name, "?q=e")
        assert client.get(reverse(kept.route) + kept.query).status_code == 200


WAYS = ("sort", "seqscan", "bitmapscan", "hashjoin", "mergejoin")
LONG = (
    "accounts:user-list",
    "computers:computer-list",
    "agents:agent-list",
    "rbac:assignment-index",
    "rbac:audit-list",
)


@pytest.mark.parametrize("name", LONG)
def test_each_order_of_a_long_list_is_that_of_an_index(name, reader):
    """Otherwise its first page looks at everything that there is: 0.3 s among a million computers."""
    client, _ = reader
    for sort in client.get(reverse(name)).context["listing"].sorts:
        for sign in ("", "-"):
            with CaptureQueriesContext(connection) as asked:
                client.get(f"{reverse(name)}?sort={sign}{sort.name}")
            said = [query["sql"] or "" for query in asked]
            rows = [sql for sql in said if f'"{KEY}"' in sql and sql.endswith(f"LIMIT {DEFAULT_SIZE + 1}")]
            assert rows, (name, sort)
            assert [plan(sql) for sql in rows if "Sort" in nodes(plan(sql))] == [], (name, sort, sign)


def plan(sql: str) -> dict:
    """How the database would do it, if it had reason to spare itself a sort."""
    with connection.cursor() as cursor:
        cursor.execute("".join(f"SET LOCAL enable_{way} = off;" for way in WAYS))
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        [(found,)] = cursor.fetchall()
        cursor.execute("".join(f"SET LOCAL enable_{way} = on;" for way in WAYS))
    return found[0]["Plan"]


def nodes(plan: dict) -> set[str]:
    """The kinds of steps; what merges the first rows of several walks may sort those few."""
    below = plan.get("Plans", [])
    merges = plan["Node Type"] == "Sort" and below[0]["Node Type"] == "Append"
    return set().union(*map(nodes, below)) | (set() if merges else {plan["Node Type"]})
