"""Lists: what is asked is declared, every row is met once, and a page costs two queries."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.core.exceptions import BadRequest
from django.core.signing import Signer
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from immyrbac import lists
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort, Total
from tests.factories import TenantFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 40, 1, 123456, tzinfo=UTC)


class UserFilters(Filters):
    q = forms.CharField(required=False, max_length=50)
    status = forms.ChoiceField(required=False, choices=[("", "Any"), ("active", "Active"), ("off", "Disabled")])
    seen_after = forms.DateTimeField(required=False, label="Seen after")

    def narrow(self, rows):
        rows = rows.filter(name__icontains=self.cleaned_data["q"])
        if status := self.cleaned_data["status"]:
            rows = rows.filter(is_active=status == "active")
        if moment := self.cleaned_data["seen_after"]:
            rows = rows.filter(last_seen_at__gt=moment)
        return rows


class UserList(Listing):
    nouns = ("user", "users")
    sorts = (
        Sort("name", "Name"),
        Sort("tenant", "Tenant", by="tenant__name"),
        Sort("ends", "Access ends", by="access_expires_at"),
        Sort("seen", "Last seen", by="last_seen_at", down=True),
    )


def listing(query="", rows=None, **options):
    request = RequestFactory().get(f"/users/{query}")
    return UserList(request, User.objects.all() if rows is None else rows, UserFilters(request.GET), **options)


def follow(url):
    return listing(url.removeprefix("/users/"))


@pytest.mark.parametrize(
    "query",
    [
        "?colour=red", "?status=odd", "?seen_after=then", "?sort=password", "?sort=--name", "?rows=51", "?rows=1e1",
        "?rows=50&rows=10", "?status=active&status=off", "?after=x", "?before=", "?after=a&before=b", "?q=%00",
        f"?q={'x' * 51}", "?page=2",
    ],
)  # fmt: skip
def test_what_is_unknown_or_malformed_is_a_bad_request(query):
    if query == "?before=":
        assert listing(query).rows == []
        return
    with pytest.raises(BadRequest):
        assert listing(query).rows


def test_a_cursor_counts_for_one_list_and_one_order_only():
    UserFactory.create_batch(11)
    after = listing("?rows=10").next_url.partition("after=")[2]
    assert len(listing(f"?rows=10&after={after}").rows) == 1
    foreign = Signer(salt="elsewhere").sign_object(["User 1", 1, 1])
    for query in (f"?sort=-name&after={after}", f"?sort=seen&after={after}", f"?after={after}x", f"?after={foreign}"):
        with pytest.raises(BadRequest):
            assert listing(query).rows


def test_an_export_takes_no_page():
    assert listing("?sort=-name&status=active", paged=False)
    for query in ("?rows=10", "?after=x"):
        with pytest.raises(BadRequest):
            listing(query, paged=False)


def walk(first, direction):
    """The pages from one end to the other."""
    pages = [first]
    while url := getattr(pages[-1], f"{direction}_url"):
        pages.append(follow(url))
        assert len(pages) < 99
    return pages


moments = st.sampled_from([None, NOW, NOW + timedelta(microseconds=1), NOW + timedelta(days=1)])
people = st.lists(st.tuples(st.sampled_from(["Ann", "ann", "Bo", "Élise", "%_'"]), moments), max_size=35)


@pytest.mark.alike
@pytest.mark.parametrize("sort", ["name", "-name", "tenant", "-tenant", "ends", "-ends", "seen", "-seen"])
@given(people=people)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_walking_meets_every_row_once_in_order(sort, people):
    User.objects.all().delete()
    tenants = [TenantFactory(name="Twin"), TenantFactory(name="Twin")]
    for n, (name, moment) in enumerate(people):
        UserFactory(name=name, tenant=tenants[n % 2], access_expires_at=moment, last_seen_at=moment)
    column = {"tenant": "tenant__name", "ends": "access_expires_at", "seen": "last_seen_at"}.get(
        sort.strip("-"), "name"
    )
    sign = "-" if sort.startswith("-") else ""
    expected = list(User.objects.order_by(f"{sign}{column}", f"{sign}pk").values_list("pk", flat=True))

    forth = walk(listing(f"?rows=10&sort={sort}"), "next")
    back = walk(forth[-1], "previous")
    assert [user.pk for page in forth for user in page.rows] == expected
    assert [[user.pk for user in page.rows] for page in back[::-1]] == [[u.pk for u in page.rows] for page in forth]
    assert [page.first for page in forth] == [page.first for page in back[::-1]]


def test_a_page_costs_at_most_two_queries(django_assert_num_queries):
    UserFactory.create_batch(25)
    with django_assert_num_queries(1):
        assert listing().summary == "1–25 of 25"
    with django_assert_num_queries(2):
        first = listing("?rows=10")
        assert (first.summary, first.previous_url) == ("1–10 of 25", "")
    second = follow(first.next_url)
    with django_assert_num_queries(1):
        url = second.next_url
    with django_assert_num_queries(2):
        last = follow(url)
        assert (last.summary, last.next_url, len(last.rows)) == ("21–25 of 25", "", 5)


def test_the_count_stops_at_the_cap(monkeypatch):
    UserFactory.create_batch(25)
    monkeypatch.setattr(lists, "CAP", 20)
    page = listing("?rows=10")
    assert (page.summary, page.announcement) == ("1–10 of more than 20", "more than 20 users")
    assert page.total == Total(20, capped=True)


def test_a_page_whose_rows_are_gone_leads_back_to_the_first():
    UserFactory.create_batch(11)
    url = listing("?rows=10").next_url
    User.objects.all().delete()
    gone = follow(url)
    assert (gone.rows, gone.summary, gone.previous_url, gone.next_url) == ([], "0 of 0", "/users/?rows=10", "")


def test_chips_say_what_is_applied_and_take_it_away():
    page = listing("?q=ann&status=active&sort=-name&seen_after=2026-11-01&rows=10")
    assert [(chip.label, chip.value) for chip in page.chips] == [("Status", "Active"), ("Seen after", "1 Nov 2026")]
    assert page.chips[0].remove_url == "/users/?q=ann&sort=-name&seen_after=2026-11-01&rows=10"
    assert page.clear_url == "/users/?sort=-name&rows=10"
    assert page.export_query == "?q=ann&status=active&sort=-name&seen_after=2026-11-01"
    assert (page.is_narrowed, page.filter_count) == (True, 3)
    assert [field.name for field in page.open_fields] == []
    assert ("status", "active") in page.hidden
    assert "q" not in dict(page.hidden)


def test_a_column_turns_round_and_others_start_their_own_way():
    assert listing().columns["name"].url == "/users/?sort=-name"
    assert listing("?sort=-name").columns["name"].url == "/users/"
    assert listing().columns["seen"].url == "/users/?sort=-seen"
    assert listing("?sort=-seen").columns["seen"].url == "/users/?sort=seen"


def test_a_bound_on_a_column_without_nulls_can_enter_its_index():
    UserFactory.create_batch(11)
    page = follow(listing("?rows=10").next_url)
    keyed = page._with_key(page._narrowed)
    cursor = page._cursor[0]
    assert "IS NULL" not in str(keyed.filter(lists.beyond(cursor, descending=False, nullable=False)).query)
    assert not lists.is_nullable(User, "tenant__name")
    assert lists.is_nullable(User, "last_seen_at")
    assert lists.is_nullable(User, "an_annotation")
