"""The audit log: what an entry says, where it is asked about, and how its chain shows what was done (design 9)."""

from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from structlog.testing import capture_logs

from rbac.audit import SYSTEM, Actor, place_of_entry, record
from rbac.audit_chain import HASHED, Head, hash_of, hashed, verify
from rbac.models import AuditEntry
from tests.factories import MspFactory, RoleFactory, TagFactory, TenantFactory, UserFactory
from tests.integrity.sql import run


@pytest.fixture
def log(db):
    """Five entries of the system."""
    return [record(SYSTEM, "tenant.created", label=f"Tenant {number}", after={"n": number}) for number in range(5)]


class TestAnEntry:
    def test_says_who_did_what_where_and_why(self, db):
        actor = Actor(UserFactory(), UserFactory(), request_id="r-1", address="192.0.2.7")
        tag, home = TagFactory(name="Night shift"), TenantFactory()
        made = record(actor, "tag.edited", target=tag, tenant=home, reason="audit", before={"a": 1}, after={"a": 2})
        entry = AuditEntry.objects.get(id=made.id)
        assert (entry.actor, entry.impersonator) == (actor.user, actor.impersonator)
        assert (entry.target_type, entry.target_id, entry.target_label) == ("tag", tag.id, "Night shift")
        assert (entry.tenant, entry.reason, entry.request_id, entry.address) == (home, "audit", "r-1", "192.0.2.7")
        assert (entry.action, entry.before, entry.after) == ("tag.edited", {"a": 1}, {"a": 2})
        assert verify().broken_at is None

    def test_takes_its_time_from_the_clock_not_from_the_transaction(self, db):
        [(start,)] = run("SELECT now()")
        assert start < record(SYSTEM, "a.b").at < record(SYSTEM, "a.b").at < datetime.now(UTC) + timedelta(minutes=1)

    def test_keeps_dates_and_sets_in_one_form(self, db):
        noon_in_kiruna = datetime(2031, 6, 1, 12, 0, 0, 42, timezone(timedelta(hours=2)))
        after = {"expires_at": noon_in_kiruna, "day": date(2031, 6, 1), "tags": {"b", "a"}, "deep": [{"n": None}]}
        entry = record(SYSTEM, "a.b", after=after)
        assert entry.after == {
            "expires_at": "2031-06-01T10:00:00.000042+00:00",
            "day": "2031-06-01",
            "tags": ["a", "b"],
            "deep": [{"n": None}],
        }
        assert verify().broken_at is None

    @pytest.mark.parametrize("said", [{"password": "x"}, {"api_token": 1}, {"deep": [{"Client_Secret": None}]}])
    def test_never_holds_a_secret(self, db, said):
        with pytest.raises(ValueError, match="Secrets never enter"):
            record(SYSTEM, "a.b", after=said)

    @pytest.mark.parametrize("said", [{"ratio": 0.5}, {"size": 1e300}, {"none": float("nan")}])
    def test_never_holds_a_float(self, db, said):
        with pytest.raises(ValueError, match="spell this number"):
            record(SYSTEM, "a.b", before=said)

    def test_never_holds_what_has_no_form(self, db):
        with pytest.raises(TypeError, match="cannot hold a Role"):
            record(SYSTEM, "a.b", before={"role": RoleFactory()})

    def test_cuts_a_long_label(self, db):
        assert len(record(SYSTEM, "a.b", label="x" * 301).target_label) == 300

    def test_goes_with_its_transaction(self, log):
        with transaction.atomic():
            record(SYSTEM, "a.b")
            transaction.set_rollback(True)
        assert record(SYSTEM, "a.b").id == log[-1].id + 1
        assert verify().broken_at is None

    def test_costs_three_queries(self, db, django_assert_num_queries):
        with transaction.atomic(), django_assert_num_queries(3):
            record(SYSTEM, "a.b")

    def test_hashes_every_column_but_the_hash(self):
        assert {*HASHED, "hash"} == {field.attname for field in AuditEntry._meta.concrete_fields}


@pytest.fixture
def tampering(log):
    """Whoever owns the database can turn its guards off. They still cannot hide what they did."""
    connection.check_constraints()
    run("ALTER TABLE rbac_auditentry DISABLE TRIGGER USER")
    return log


class TestTheChain:
    OTHER_VALUES = {
        "at": "at + interval '1 microsecond'",
        "actor_id": "(SELECT max(id) FROM accounts_user)",
        "impersonator_id": "(SELECT max(id) FROM accounts_user)",
        "action": "'tenant.edited'",
        "target_type": "'role'",
        "target_id": "7",
        "target_label": "target_label || ' '",
        "tenant_id": "7",
        "reason": "'because'",
        "before": "'{}'",
        "after": "'{\"n\": 22}'",
        "request_id": "'r'",
        "address": "'192.0.2.7'",
        "prev_hash": "repeat('0', 64)",
        "hash": "repeat('0', 64)",
    }

    @pytest.mark.parametrize("column", OTHER_VALUES)
    def test_shows_an_edit(self, tampering, column):
        UserFactory()
        run(f"UPDATE rbac_auditentry SET {column} = {self.OTHER_VALUES[column]} WHERE id = %s", tampering[2].id)
        assert verify().broken_at == tampering[2].id

    def test_shows_a_deletion(self, tampering):
        run("DELETE FROM rbac_auditentry WHERE id = %s", tampering[2].id)
        assert verify().broken_at == tampering[3].id

    def test_shows_a_cut_beginning(self, tampering):
        run("DELETE FROM rbac_auditentry WHERE id <= %s", tampering[1].id)
        assert verify().broken_at == tampering[2].id

    def test_shows_an_insertion(self, tampering):
        columns = ", ".join(name for name in HASHED if name != "id")
        run("UPDATE rbac_auditentry SET id = id + 1000 WHERE id >= %s", tampering[2].id)
        run(
            f"INSERT INTO rbac_auditentry (id, hash, {columns}) SELECT id + 1, repeat('a', 64), {columns} "
            "FROM rbac_auditentry WHERE id = %s",
            tampering[1].id,
        )
        assert verify().broken_at == tampering[2].id

    def test_shows_another_order(self, tampering):
        third, fourth = tampering[2].id, tampering[3].id
        for old, new in ((third, 999), (fourth, third), (999, fourth)):
            run("UPDATE rbac_auditentry SET id = %s WHERE id = %s", new, old)
        assert verify().broken_at == third

    def test_shows_a_cut_end_to_who_kept_the_head(self, tampering):
        head = Head(tampering[4].id, tampering[4].hash)
        assert verify([head]).broken_at is None
        run("DELETE FROM rbac_auditentry WHERE id = %s", head.id)
        assert verify().broken_at is None
        assert verify([head]).broken_at == head.id

    def test_shows_a_chain_written_anew_to_who_kept_a_head(self, tampering):
        head = Head(tampering[2].id, tampering[2].hash)
        run("TRUNCATE rbac_auditentry")
        for number in range(5):
            record(SYSTEM, "tenant.created", label=f"Another {number}")
        assert verify().broken_at is None
        assert verify([head]).broken_at == head.id

    def test_of_which_the_end_was_cut_and_written_anew_shows_to_who_kept_the_head(self, tampering):
        head = Head(tampering[4].id, tampering[4].hash)
        run("DELETE FROM rbac_auditentry WHERE id >= %s", tampering[3].id)
        for _ in range(3):
            record(SYSTEM, "tenant.created", label="Instead")
        assert verify().broken_at is None
        assert verify([Head(tampering[0].id, tampering[0].hash), head])[1:3] == (verify().head, head.id)

    def test_says_how_much_holds_and_what_is_wrong(self, tampering):
        assert verify() == (5, Head(tampering[4].id, tampering[4].hash), None, "")
        run("UPDATE rbac_auditentry SET reason = 'because' WHERE id = %s", tampering[2].id)
        why = "its contents are not what its hash says"
        assert verify() == (2, Head(tampering[1].id, tampering[1].hash), tampering[2].id, why)

    def test_of_which_an_entry_was_left_out_and_all_behind_it_written_anew_has_a_gap(self, tampering):
        run("DELETE FROM rbac_auditentry WHERE id >= %s", tampering[2].id)
        forged = AuditEntry(id=tampering[2].id + 1, at=tampering[3].at, action="a.b", prev_hash=tampering[1].hash)
        forged.hash = hash_of(hashed(forged))
        forged.save(force_insert=True)
        assert verify()[2:] == (forged.id, "entries before it are missing")

    def test_of_nothing_holds(self, db):
        assert verify().broken_at is None
        assert verify([Head(1, "a" * 64)]).broken_at == 1

    def test_holds_in_whatever_time_zone_it_is_read(self, log):
        run("SET LOCAL TIME ZONE 'Asia/Kathmandu'")
        assert verify().broken_at is None


WRITERS, EACH = 6, 30
ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "Europe/Stockholm", "Etc/GMT+12")


def write(number: int, ready: Barrier) -> None:
    """Act as one of several processes: with a connection, a time zone and transactions of its own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('TimeZone', %s, false)", [ZONES[number]])
        ready.wait(timeout=30)
        for turn in range(EACH):
            with transaction.atomic():
                record(SYSTEM, "tenant.edited", label=f"Writer {number}", after={"turn": turn})
                transaction.set_rollback(turn % 5 == 0)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_break_no_link():
    ready = Barrier(WRITERS)
    writers = [Thread(target=write, args=(number, ready)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    entries = list(AuditEntry.objects.order_by("id"))
    assert verify().broken_at is None
    assert len(entries) == WRITERS * EACH * 4 // 5
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


class TestAHead:
    def test_reads_as_it_is_written(self):
        head = Head(88_213, "9b" * 32)
        assert Head.read(f" {head}\n") == head

    @pytest.mark.parametrize("text", ["", "1", "0:" + "a" * 64, "1:" + "A" * 64, "1:" + "a" * 63, "x:" + "a" * 64])
    def test_that_is_none_is_refused(self, text):
        with pytest.raises(ValueError, match="No head"):
            Head.read(text)

    def test_is_published_once_its_entry_is_there_to_stay(self, db, django_capture_on_commit_callbacks):
        with capture_logs() as lost, django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            record(SYSTEM, "a.b")
            transaction.set_rollback(True)
        assert lost == []
        with capture_logs() as kept, django_capture_on_commit_callbacks(execute=True):
            entry = record(SYSTEM, "a.b")
        assert [(line["event"], line["head"]) for line in kept] == [
            ("audit entry written", f"{entry.id}:{entry.hash}"),
        ]


class TestThePlaceOfAnEntry:
    def test_is_the_tenant_if_all_lies_there(self, db):
        home = TenantFactory()
        assert place_of_entry([home.id, home.id]) == home.id

    def test_is_the_common_msp_of_several(self, db):
        provider = MspFactory()
        first, second = TenantFactory(parent=provider), TenantFactory(parent=TenantFactory(parent=provider))
        assert place_of_entry([first.id, second.id]) == provider.id
        assert place_of_entry([first.id, provider.id]) == provider.id

    def test_is_the_instance_for_what_no_msp_has_in_common(self, db):
        provider, alone = MspFactory(), TenantFactory()
        nested = TenantFactory(parent=MspFactory(parent=provider))
        inside = TenantFactory(parent=provider)
        for named in ([], [None], [inside.id, None], [inside.id, nested.id], [alone.id, TenantFactory().id]):
            assert place_of_entry(named) is None

    def test_is_the_instance_for_a_tenant_that_is_gone(self, db):
        assert place_of_entry([TenantFactory(parent=MspFactory()).id, 999_999_999]) is None
