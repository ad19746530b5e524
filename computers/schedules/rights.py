"""What a schedule does, on which computers, and whether its author may still have it happen (design 3 and 4).

Both are asked anew each time, of the rights that the author has then: nothing here is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from computers.deployments.targets import aimed_at, is_held_on, names_seen_tags
from computers.deployments.words import where
from computers.models import Computer
from computers.schedules.models import Does, Schedule
from rbac.access import Access, access_for
from rbac.permissions import Permission
from tenancy.scopes import Word

MANAGE = Permission.SCHEDULES_MANAGE
NEEDS = ("tenant", "tag", "computer", "computer_tag", "script_version__script__tenant", "saved_by__tenant")
"""What words and rights of a schedule read besides its row."""

NEEDED = {
    Does.MAINTENANCE: (Permission.SESSIONS_RUN,),
    Does.SCRIPT: (Permission.SCRIPTS_RUN, Permission.COMPUTERS_USE_TERMINAL),
}
"""What its author holds on each computer that it does something to; of a script the same as from the terminal."""


def needed_for(schedule: Schedule) -> tuple[Permission, ...]:
    return NEEDED[Does(schedule.does)]


def barrier(access: Access, schedule: Schedule) -> str:
    """Why this access may not have it happen, as a sentence; empty where it may."""
    if not is_held_on(access, MANAGE, schedule):
        return f"This takes {MANAGE.label} on all that it is for."
    version = schedule.script_version
    if version and not access.can(Permission.SCRIPTS_VIEW, version.script):
        return f"This takes {Permission.SCRIPTS_VIEW.label} on its script."
    if why := names_seen_tags(access, schedule):
        return why
    if lacking := _lacking(access, schedule):
        return f"This takes {' and '.join(each.label for each in lacking)} on its computers."
    return ""


def _lacking(access: Access, schedule: Schedule) -> Iterable[Permission]:
    """What is held nowhere; or all that it takes, where its target has computers and none on which that is held."""
    needed = needed_for(schedule)
    if nowhere := [permission for permission in needed if not access.holds(permission)]:
        return nowhere
    missed = not aimed_at(access, schedule, *needed).exists() and aimed_at(access, schedule).exists()
    return needed if missed else ()


def within(access: Access, schedule: Schedule) -> QuerySet[Computer]:
    """The computers that it does something to by this access: whoever may have it happen."""
    return aimed_at(access, schedule, *needed_for(schedule))


def reached(access: Access, schedule: Schedule) -> QuerySet[Computer]:
    """The same, none where this access may not have it happen."""
    return Computer.objects.none() if barrier(access, schedule) else within(access, schedule)


def author_of(schedule: Schedule) -> Access:
    """What whoever last saved it may do now."""
    return access_for(schedule.saved_by)


def place_of(schedule: Schedule) -> int | None:
    """Where entries on it are asked about: the MSP of its owner, since no tenant's own people see schedules."""
    return schedule.tenant.msp_id if schedule.tenant else None


def doing(schedule: Schedule, *, reads: bool = True) -> str:
    """What it does, in words; `reads`: whether the reader may see the script."""
    version = schedule.script_version
    if version is None:
        return str(Does(schedule.does).label)
    return f"Run {version.script}, version {version.number}" if reads else "Run a script"


def aim_of(schedule: Schedule) -> list[Word]:
    """Where. Reads tenant, tag, computer and computer tag."""
    return where(schedule)
