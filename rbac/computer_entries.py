"""What the audit log tells of one computer, whoever asks: for a timeline, which says less than the log (design 9)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Max, Q, QuerySet

from rbac.models import AuditEntry


def entries_on_computer(pk: int, agents: Collection[int]) -> QuerySet[AuditEntry]:
    """All that tells of a computer, or of these agents of it, since it is in its tenant.

    Each part of the question finds an index of its own.
    """
    itself = Q(target_type="computer", target_id=pk)
    among = Q(after__has_key="computers", after__computers__contains=[{"id": pk}])
    about = itself | Q(target_type="agent", target_id__in=agents) | among
    came = AuditEntry.objects.filter(itself, action="computer.moved").aggregate(Max("pk"))["pk__max"]
    return AuditEntry.objects.filter(about, pk__gte=came or 0)


def entries_of(numbers: Collection[int]) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(pk__in=numbers)
