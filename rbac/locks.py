"""The two advisory locks of the product, always taken in this order (design 6 and 9).

Both last until the transaction ends. Reads and decisions never take them.

Rows are locked before the chain is, and never with their keys (`no_key=True`): PostgreSQL checks a foreign key in the
commit, when the writer holds the chain; it would wait for an act that has locked the row and waits for the chain.
"""

from django.db import connection

_ACCESS = 0x696D6D01
_AUDIT_CHAIN = 0x696D6D02


def take_access_lock() -> None:
    """One change of access at a time; before anything of it is read."""
    _take(_ACCESS)


def take_audit_lock() -> None:
    """One link of the audit chain at a time; its number and time are drawn under it."""
    _take(_AUDIT_CHAIN)


def _take(key: int) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("A lock of a transaction needs one.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
