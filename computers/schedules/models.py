"""What is done to computers at certain times, by the right of whoever last saved it, and what came of each time."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from computers.deployments.models import TARGET_FITS, Aimed
from computers.models import ComputerScope, ScriptVersion
from rbac.permissions import Permission
from tenancy.models import fit_for_references, letters


class Does(models.TextChoices):
    MAINTENANCE = "maintenance", "Run maintenance"
    SCRIPT = "script", "Run a script"


class Waits(models.IntegerChoices):
    """In minutes."""

    MINUTES = 10, "10 minutes"
    HOUR = 60, "1 hour"
    SHIFT = 8 * 60, "8 hours"
    DAY = 24 * 60, "1 day"
    DAYS = 3 * 24 * 60, "3 days"
    WEEK = 7 * 24 * 60, "7 days"


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def due(self) -> ScheduleQuerySet:
        """Those that shall run now. One that was missed is due once, however often."""
        return self.filter(is_enabled=True, next_run_at__lte=Now())


class Schedule(Aimed):
    """`cron` has five fields, which are read in `zone`, the name of a time zone; `next_run_at` is what comes of them.

    So long its script `waits` for a computer that is away; maintenance waits as long as any (`maintenance.models`).
    A target is never of kind `individual`: a single computer is a computer scope.
    """

    VIEW = Permission.SCHEDULES_VIEW

    name = models.CharField(max_length=120, validators=(fit_for_references,))
    is_enabled = models.BooleanField("enabled", default=True)
    does = models.CharField(max_length=20, choices=Does.choices)
    script_version = models.ForeignKey(ScriptVersion, models.PROTECT, null=True, blank=True, related_name="schedules")
    waits = models.PositiveSmallIntegerField(choices=Waits.choices, default=Waits.MINUTES)
    cron = models.CharField(max_length=100)
    zone = models.CharField("time zone", max_length=64)
    next_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *ComputerScope.Meta.constraints,
            models.CheckConstraint(name="schedule_target_fits", condition=TARGET_FITS & ~Q(target="individual")),
            models.CheckConstraint(
                name="schedule_script_fits",
                condition=Q(does="maintenance", script_version=None) | Q(does="script", script_version__isnull=False),
            ),
            models.CheckConstraint(name="schedule_waits_known", condition=Q(waits__in=Waits.values)),
            models.CheckConstraint(
                name="schedule_next_run_fits",
                condition=Q(is_enabled=True, next_run_at__isnull=False) | Q(is_enabled=False, next_run_at=None),
            ),
        )
        indexes = (
            letters("schedule_letters", "name"),
            models.Index(fields=("tenant", "name", "id"), name="schedule_tenant_name"),
            models.Index(fields=("name", "id"), name="schedule_name"),
            models.Index(fields=("next_run_at",), name="schedule_due", condition=Q(is_enabled=True)),
        )

    def __str__(self) -> str:
        return self.name


class Outcome(models.TextChoices):
    ASKED = "asked", "Begun"
    NOTHING = "nothing", "Nothing to do"
    REFUSED = "refused", "Refused"
    STOPPED = "stopped", "Stopped"


class ScheduleRunQuerySet(models.QuerySet["ScheduleRun"]):
    def going_on(self) -> ScheduleRunQuerySet:
        """Those that have not come to all of their computers yet."""
        return self.filter(rest_after__isnull=False)


class ScheduleRun(models.Model):
    """What came of one time: `due_at`, or None where somebody ran it by hand. It counted by the right of `asked_by`.

    On so many computers something was asked for; so many were left out as busy, and so many as without an agent.
    It comes to its computers in the order of their numbers: while it goes on, to those beyond `rest_after` not yet.
    """

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="runs")
    due_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    why = models.CharField(max_length=500, blank=True, default="")
    asked = models.PositiveIntegerField(default=0)
    busy = models.PositiveIntegerField(default=0)
    bare = models.PositiveIntegerField(default=0)
    rest_after = models.BigIntegerField(null=True, editable=False)

    objects = ScheduleRunQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(name="schedule_run_once", fields=("schedule", "due_at")),
            models.CheckConstraint(
                name="schedule_run_outcome_fits",
                condition=(
                    Q(outcome="asked", asked__gt=0, why="")
                    | Q(outcome="nothing", asked=0, why="")
                    | Q(outcome="refused", rest_after=None, asked=0, busy=0, bare=0) & ~Q(why="")
                    | Q(outcome="stopped", rest_after=None) & ~Q(why="")
                ),
            ),
        )
        indexes = (
            models.Index(fields=("schedule", "-id"), name="schedule_run_of"),
            models.Index(fields=("id",), name="schedule_run_goes_on", condition=Q(rest_after__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.schedule_id}: {Outcome(self.outcome).label}"
