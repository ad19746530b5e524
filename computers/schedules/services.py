"""Every change of a schedule: by the permission to manage schedules on all that it is for, and by its new author.

Whoever saves or enables one is its author from then on, so that both ask all that having it happen asks (design 6, 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

from computers.deployments.models import Target
from computers.deployments.services import NOT_AN_MSP
from computers.deployments.targets import is_held_on
from computers.schedules.cron import NEVER, next_run, tidied
from computers.schedules.models import Does, Schedule, ScheduleRun, Waits
from computers.schedules.rights import MANAGE, aim_of, barrier, doing, place_of
from computers.schedules.running import CHANGED, carry_out, defer_rest, end_early, parts_of
from immyrbac.versions import check_version
from rbac.audit import Actor
from rbac.delegation import Gate, Refused, act
from rbac.sentences import plain

ELSEWHERE = "It can only run scripts of its owner, or of the instance."
COLUMNS = (
    *("name", "is_enabled", "does", "script_version", "waits", "cron", "zone", "target", "tag"),
    *("computer_scope", "computer", "computer_tag", "computer_type"),
)
WRITTEN = (*COLUMNS, "next_run_at", "saved_by", "updated_at")


def create_schedule(*, actor: Actor, draft: Schedule) -> Schedule:
    """Raises ValidationError and Refused."""
    with act(actor, "schedule.created", label=draft.name, tenant=place_of(draft)) as gate:
        if draft.tenant:
            draft.tenant = gate.lock(draft.tenant)
        _sign(gate, draft)
        if twin := gate.twin("schedule.created", Schedule.objects.filter(**values_of(draft))):
            return twin
        draft.save(force_insert=True)
        gate.keeping(draft)
        gate.record(target=draft, tenant=place_of(draft), after=described(draft))
    return draft


def edit_schedule(*, actor: Actor, draft: Schedule, version: str | None = None) -> Schedule:
    """`draft` is the schedule as it shall be, `version` what the form showed. Its tenant never changes."""
    with act(actor, "schedule.edited", target=draft, tenant=place_of(draft)) as gate:
        found = _locked(gate, draft)
        check_version(version, values_of(found), values_of(draft))
        _sign(gate, draft)
        before, after = described(found), described(draft)
        if after != before or found.saved_by_id != draft.saved_by_id:
            draft.save(update_fields=WRITTEN)
            end_early(draft.runs.all(), CHANGED)
            gate.record(target=draft, tenant=place_of(draft), before=before, after=after)
        gate.keeping(draft)
    return draft


def enable_schedule(*, actor: Actor, schedule: Schedule) -> None:
    """Whoever does is its author, as if they had saved it."""
    with act(actor, "schedule.enabled", target=schedule, tenant=place_of(schedule)) as gate:
        found = _locked(gate, schedule)
        if found.is_enabled:
            raise ValidationError("It is enabled already.")
        found.is_enabled = True
        _sign(gate, found)
        found.save(update_fields=("is_enabled", "next_run_at", "saved_by", "updated_at"))
        gate.record(target=found, tenant=place_of(found))


def disable_schedule(*, actor: Actor, schedule: Schedule) -> None:
    """It does not run until somebody enables it. What it has begun goes on; a run begins nothing more."""
    with act(actor, "schedule.disabled", target=schedule, tenant=place_of(schedule)) as gate:
        found = _locked(gate, schedule)
        if not found.is_enabled:
            raise ValidationError("It is disabled already.")
        found.is_enabled, found.next_run_at = False, None
        found.save(update_fields=("is_enabled", "next_run_at", "updated_at"))
        end_early(found.runs.all(), "It was disabled meanwhile.")
        gate.record(target=found, tenant=place_of(found))


def run_schedule(*, actor: Actor, schedule: Schedule) -> ScheduleRun:
    """Now, besides its times, by the right of whoever asks for it. Raises Refused."""
    if actor.user is None:
        raise ValueError("It is run by the right of somebody: the system has none.")
    first = parts_of(schedule, actor.user)[0]
    with act(actor, "schedule.run_by_hand", target=schedule, tenant=place_of(schedule)) as gate:
        run = carry_out(gate, _locked(gate, schedule), actor.user, None, first)
        if run.rest_after:
            defer_rest(run)
    return run


def delete_schedule(*, actor: Actor, schedule: Schedule, version: str | None = None, reason: str) -> None:
    """With what is known of its runs. What it has begun goes on."""
    with act(actor, "schedule.deleted", target=schedule, tenant=place_of(schedule)) as gate:
        found = _locked(gate, schedule)
        check_version(version, values_of(found), {})
        gone, place, before = Schedule(pk=found.pk, name=found.name), place_of(found), described(found)
        found.delete()
        gate.record(target=gone, tenant=place, reason=reason, before=before)


def values_of(schedule: Schedule) -> dict[str, object]:
    """What its form shows."""
    return {name: getattr(schedule, name) for name in (*COLUMNS, "tenant")}


def described(schedule: Schedule) -> Mapping[str, Any]:
    """What audit says of it."""
    return {
        "name": schedule.name,
        "does": doing(schedule),
        **({"waits": Waits(schedule.waits).label} if schedule.does == Does.SCRIPT else {}),
        "aim": plain(aim_of(schedule)),
        "cron": f"{schedule.cron} ({schedule.zone})",
        "enabled": schedule.is_enabled,
    }


def check_schedule(draft: Schedule, now: datetime) -> None:
    """What nobody could save; writes when it runs next. Raises ValidationError."""
    draft.clean_fields(exclude=("saved_by",))
    version = draft.script_version
    if (draft.does == Does.SCRIPT) != (version is not None):
        raise ValidationError({"does": "Choose what it shall do."})
    if version and version.script.tenant_id not in (None, draft.tenant_id):
        raise ValidationError({"script_version": ELSEWHERE})
    if draft.target == Target.MSP and not (draft.tenant and draft.tenant.is_msp):
        raise ValidationError({"target": NOT_AN_MSP})
    if draft.zone not in available_timezones():
        raise ValidationError({"zone": "There is no such time zone."})
    try:
        draft.cron = tidied(draft.cron)
    except ValueError as error:
        raise ValidationError({"cron": str(error)}) from error
    draft.next_run_at = next_run(draft.cron, draft.zone, now) if draft.is_enabled else None
    if draft.is_enabled and draft.next_run_at is None:
        raise ValidationError({"cron": NEVER})
    draft.validate_constraints()


def _locked(gate: Gate, schedule: Schedule) -> Schedule:
    """As it is now, for somebody who manages schedules on all that it is for."""
    found = gate.lock(schedule)
    if gate.access and not is_held_on(gate.access, MANAGE, found):
        raise Refused([f"This takes {MANAGE.label} on all that it is for."])
    return found


def _sign(gate: Gate, draft: Schedule) -> None:
    """The actor becomes its author, who has to be able to have it happen."""
    if gate.actor.user is None or gate.access is None:
        raise ValueError("A schedule counts by the right of somebody: the system has none.")
    draft.saved_by = gate.actor.user
    check_schedule(draft, gate.now)
    if why := barrier(gate.access, draft):
        raise Refused([why])
