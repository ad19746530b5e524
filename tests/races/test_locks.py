"""Who writes something down never waits for a row that an act has locked and the act for the log (rbac/locks.py)."""

from contextlib import suppress
from threading import Thread

import pytest
from django.db import connection, transaction

from rbac.audit import SYSTEM
from rbac.delegation import act
from tests import source
from tests.factories import SoftwareFactory, TenantFactory


class LeftError(Exception):
    """Out of the act, which is then as if it had not been."""


@pytest.mark.django_db(transaction=True)
def test_what_an_act_has_locked_can_be_referred_to_meanwhile():
    """The check of a foreign key comes with the commit, when the writer may hold the lock of the audit chain."""
    tenant, written = TenantFactory(), list[int]()

    def refer() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                software = SoftwareFactory(tenant_id=tenant.pk)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            written.append(software.pk)
        finally:
            connection.close()

    with suppress(LeftError), act(SYSTEM, "tenant.edited") as gate:
        gate.lock(tenant)
        thread = Thread(target=refer)
        thread.start()
        thread.join(timeout=10)
        raise LeftError
    assert written


def test_no_row_is_locked_with_its_key():
    files = source.files(*source.APPS)
    locking = [
        line for path in files for line in (source.ROOT / path).read_text().splitlines() if "for_update(" in line
    ]
    assert len(locking) > 20
    assert not [line for line in locking if "no_key=True" not in line]
