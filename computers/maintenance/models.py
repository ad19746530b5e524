"""Maintenance sessions, the stages that they are made of, and what an inventory found (design 8)."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now

from computers.agents.models import Agent
from computers.deployments.models import Deployment
from computers.models import Computer
from tenancy.models import Tenant

WAITS = timedelta(days=7)
"""How long a session waits for its agent, from when it may begin: laptops are away for days."""

NOT_PICKED_UP = "No agent picked it up in time."
SILENT = "The agent fell silent."


class SessionKind(models.TextChoices):
    MAINTENANCE = "maintenance", "Maintenance"
    INVENTORY = "inventory", "Inventory"


class SessionState(models.TextChoices):
    QUEUED = "queued", "Waiting for the agent"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN = (SessionState.QUEUED, SessionState.RUNNING)
POSTPONED = "postponed"
"""How a session stands that waits and may not begin yet."""

OVERDUE = Q(state=SessionState.QUEUED, due_at__lte=Now() - WAITS)
LOST = Q(state=SessionState.RUNNING, lease_until__lte=Now())
"""What nothing can come of any more, by the clock alone: no job has to say so first."""

STANDING = Case(
    When(OVERDUE | LOST, then=models.Value(SessionState.FAILED.value)),
    When(state=SessionState.QUEUED, due_at__gt=Now(), then=models.Value(POSTPONED)),
    default=F("state"),
    output_field=models.CharField(),
)


class MaintenanceSessionQuerySet(models.QuerySet["MaintenanceSession"]):
    def here(self) -> MaintenanceSessionQuerySet:
        """Those of the tenant that the computer is in: what was done in another tenant's time is not shown in this."""
        return self.filter(tenant=F("computer__tenant"))

    def open(self) -> MaintenanceSessionQuerySet:
        """Those of which something may still come."""
        return self.filter(state__in=OPEN).exclude(OVERDUE | LOST)

    def over(self) -> MaintenanceSessionQuerySet:
        return self.filter(~Q(state__in=OPEN) | OVERDUE | LOST)

    def lapsed(self) -> MaintenanceSessionQuerySet:
        """Those whose end is not written down yet."""
        return self.filter(OVERDUE | LOST)

    def standing(self) -> MaintenanceSessionQuerySet:
        """Each with `standing`: its state as it is now by the clock, or POSTPONED."""
        return self.annotate(standing=STANDING)

    def end(self, state: SessionState, why: str) -> None:
        """Write that they are over, with whatever of them was still to do."""
        ids = list(self.order_by().values_list("pk", flat=True))
        stages = Stage.objects.filter(session__in=ids)
        stages.filter(state=StageState.WAITING).update(state=StageState.SKIPPED)
        stages.filter(state=StageState.SENT).update(state=StageState.FAILED, token_hash="", finished_at=Now(), why=why)
        MaintenanceSession.objects.filter(pk__in=ids).update(state=state, finished_at=Now(), why=why)


class MaintenanceSession(models.Model):
    """What is done to one computer in its stages, one after the other. It goes forward and never back.

    `tenant` is the computer's as it was. It may begin at `due_at`, which postponing moves; while it runs it counts as
    long as the agent is heard of, until `lease_until`. `repeats` is the session that this one does again.
    """

    computer = models.ForeignKey(Computer, models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=SessionKind.choices, default=SessionKind.MAINTENANCE)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    repeats = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    state = models.CharField(max_length=10, choices=SessionState.choices, default=SessionState.QUEUED)
    due_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    why = models.CharField(max_length=500, blank=True, default="", editable=False)

    objects = MaintenanceSessionQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(name="session_state_known", condition=Q(state__in=SessionState.values)),
            models.CheckConstraint(name="session_kind_known", condition=Q(kind__in=SessionKind.values)),
            models.CheckConstraint(
                name="session_runs_with_its_lease",
                condition=~Q(state="running") | Q(started_at__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="session_ends_when_over",
                condition=Q(state__in=OPEN, finished_at=None) | ~Q(state__in=OPEN) & Q(finished_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="session_one_open_of_a_computer", fields=("computer", "tenant"), condition=Q(state__in=OPEN)
            ),
        )
        indexes = (
            models.Index(fields=("computer", "-id"), name="session_of_computer"),
            models.Index(fields=("asked_at",), name="session_by_time"),
        )

    def __str__(self) -> str:
        return f"{SessionKind(self.kind).label} of {self.computer}"


class StageKind(models.TextChoices):
    INVENTORY = "inventory", "Inventory"
    DEPLOYMENT = "deployment", "Deployment"


class StageState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Not begun"


class StageQuerySet(models.QuerySet["Stage"]):
    def pending(self, agent: Agent) -> StageQuerySet:
        """What is not over of the session that may go on through this agent now, in its order."""
        return self.pending_on(agent.computer_id)

    def pending_on(self, computer: int) -> StageQuerySet:
        here = Q(session__computer=computer, session__tenant=F("session__computer__tenant"))
        begun = Q(session__state__in=OPEN, session__due_at__lte=Now())
        states = (StageState.WAITING, StageState.SENT)
        return self.filter(here, begun, state__in=states).order_by("session", "position")


class Stage(models.Model):
    """One piece of work of a session. It goes out to an agent once; `token_hash` is of the secret that its reports
    are taken with, and only then. `progress` is in percent, `parts` counts the reports.

    One that carries out a deployment keeps in words what it was, since a deployment may be deleted: its `title`, and
    whether it `crosses` tenants, which decides who reads that.
    """

    session = models.ForeignKey(MaintenanceSession, models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=StageKind.choices)
    deployment = models.ForeignKey(Deployment, models.SET_NULL, null=True, editable=False, related_name="+")
    title = models.CharField(max_length=120, blank=True, default="", editable=False)
    crosses = models.BooleanField(default=False, editable=False)
    state = models.CharField(max_length=10, choices=StageState.choices, default=StageState.WAITING)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, editable=False, related_name="+")
    token_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    parts = models.PositiveIntegerField(default=0, editable=False)
    progress = models.PositiveSmallIntegerField(default=0, editable=False)
    output = models.TextField("Log", blank=True, default="", editable=False)
    is_cut = models.BooleanField(default=False, editable=False)
    keeps_output = models.BooleanField(default=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    why = models.CharField(max_length=500, blank=True, default="", editable=False)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ("session", "position")
        constraints = (
            models.UniqueConstraint(name="stage_one_at_a_place", fields=("session", "position")),
            models.CheckConstraint(name="stage_state_known", condition=Q(state__in=StageState.values)),
            models.CheckConstraint(name="stage_kind_known", condition=Q(kind__in=StageKind.values)),
            models.CheckConstraint(name="stage_progress_in_percent", condition=Q(progress__lte=100)),
            models.CheckConstraint(
                name="stage_of_a_deployment_has_its_words",
                condition=Q(kind="deployment") & ~Q(title="")
                | ~Q(kind="deployment") & Q(deployment=None, title="", crosses=False),
            ),
            models.CheckConstraint(
                name="stage_has_its_secret_while_sent",
                condition=Q(state="sent", sent_at__isnull=False) & ~Q(token_hash="")
                | ~Q(state="sent") & Q(token_hash=""),
            ),
        )
        indexes = (
            models.Index(
                fields=("sent_at",), name="stage_keeps_output", condition=Q(keeps_output=True, sent_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return str(StageKind(self.kind).label)


class Inventory(models.Model):
    """What an agent said of its computer: `lines` are [section, name, value], in the agent's words and order.

    It is a claim, kept beside what people say of the computer; it decides nothing.
    """

    computer = models.ForeignKey(Computer, models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    stage = models.OneToOneField(Stage, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(db_default=Now(), editable=False)
    lines = models.JSONField()

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "inventories"
        indexes = (
            models.Index(fields=("computer", "-id"), name="inventory_of_computer"),
            models.Index(fields=("taken_at",), name="inventory_by_time"),
        )

    def __str__(self) -> str:
        return f"Inventory of {self.computer}"
