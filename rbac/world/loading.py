"""A document into the database (design 10): as the system, in one transaction, each row whole, nothing else touched."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from rbac.audit import SYSTEM, record
from rbac.locks import take_access_lock
from rbac.owners import has_usable_owner
from rbac.world import assignments, library, people, persons, places
from rbac.world.directory import Directory
from rbac.world.document import normal, read
from rbac.world.values import WorldError
from rbac.world.writing import Count


@dataclass(frozen=True)
class LoadReport:
    """What a load did. `has_usable_owner`: design 6, rule 6; without one only the shell can give access."""

    counts: dict[str, Count]
    has_usable_owner: bool


def load(document: dict[str, Any], *, source: str = "a document", checksum: str = "") -> LoadReport:
    """Make the instance hold what the document says; WorldError names what is wrong, and then nothing has changed.

    A row is the whole truth about its thing, its tags and members included; what the document does not name stays as
    it is. `source` and `checksum` (SHA-256, by default of the normal form) enter the audit log.
    """
    world = read(document)
    checksum = checksum or hashlib.sha256(json.dumps(normal(document), sort_keys=True).encode()).hexdigest()
    try:
        with transaction.atomic():
            take_access_lock()
            had_owner = has_usable_owner()
            directory = Directory(world)
            counts = places.put(directory) | people.put(directory) | library.put(directory)
            counts |= persons.put(directory) | assignments.put(directory)
            connection.check_constraints()
            report = LoadReport(counts, has_usable_owner())
            if had_owner and not report.has_usable_owner:
                raise WorldError("document", "would leave nobody who can act as owner of the instance")
            rows = {section: vars(count) for section, count in counts.items()}
            record(SYSTEM, "world.loaded", label=source, after={"sha256": checksum, "rows": rows})
    except IntegrityError as error:
        raise WorldError("document", str(error).splitlines()[0]) from error
    return report
