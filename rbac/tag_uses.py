"""Which tags carry access: an assignment covers whatever computer bears them."""

from rbac.models import RoleAssignment


def tags_that_carry_access() -> frozenset[int]:
    """Ids of the tags that some assignment, not ended and not expired, names for its computers. One query."""
    rows = RoleAssignment.objects.unexpired().filter(computer_tag__isnull=False).order_by()
    return frozenset(rows.values_list("computer_tag_id", flat=True).distinct())
