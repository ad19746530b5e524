"""Agents on computers, how they come there, and what people run through them (design 8)."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from computers.models import Computer, ComputerType, ScriptLanguage
from immyrbac.sealing import SealedField
from rbac.permissions import Permission
from tenancy.models import Tenant

HAS_ONE = "This computer has an agent. Remove that one first."
WAITS, LONGEST_WAIT = timedelta(minutes=10), timedelta(days=7)
"""How long a run waits for its agent: whoever asked is no longer beside it then. A schedule may wait longer."""


OPEN = Q(used_at=None, revoked_at=None, expires_at__gt=Now())
"""Enrolments that may still be used."""


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def open(self) -> EnrolmentQuerySet:
        return self.filter(OPEN)


class Enrolment(models.Model):
    """Lets one agent into the tenant, once: as `computer`, or as one that is new there. Of its secret a hash is kept.

    It counts by the right of `made_by` as it is when the agent comes; None is the system itself, from the shell.
    """

    VIEW = Permission.AGENTS_VIEW

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    computer = models.ForeignKey(Computer, models.PROTECT, null=True, blank=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, editable=False, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="enrolment_ends_once", condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.computer or 'a new computer'} of {self.tenant}"


class AgentQuerySet(models.QuerySet["Agent"]):
    def live(self) -> AgentQuerySet:
        """Those that are answered: a computer that was deleted has none."""
        return self.filter(removed_at=None, computer__deleted_at=None)

    def on(self, computer: Computer) -> AgentQuerySet:
        """The one that is answered there, if any."""
        return self.live().filter(computer=computer)


class Agent(models.Model):
    """What runs commands on a computer. Of its secret a hash is kept; `sealed_key` signs the work that it gets.

    What it reports of the computer's type is no more than a claim: `Computer.type` decides who reaches it, and
    people decide that. A claim that they have dismissed is `dismissed_type`: it asks nothing of them any more.
    """

    computer = models.ForeignKey(Computer, models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sealed_key = SealedField(editable=False)
    reported_name = models.CharField(max_length=120, blank=True, default="")
    reported_type = models.CharField(max_length=20, choices=ComputerType.choices)
    dismissed_type = models.CharField(max_length=20, blank=True, default="", editable=False)
    people = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    enrolled_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("computer",), name="agent_one_of_a_computer", condition=Q(removed_at=None)),
            models.CheckConstraint(name="agent_type_known", condition=Q(reported_type__in=ComputerType.values)),
        )

    def __str__(self) -> str:
        return f"the agent on {self.computer}"


class RunState(models.TextChoices):
    QUEUED = "queued", "Waiting for the agent"
    SENT = "sent", "Running"
    FINISHED = "finished", "Finished"
    REFUSED = "refused", "Refused"
    STOPPED = "stopped", "Stopped"


WAITING = Q(state=RunState.QUEUED, asked_at__gt=Now() - F("waits"), tenant=F("computer__tenant"))
"""What is queued and not this has lapsed: no agent ever gets it."""


class RunQuerySet(models.QuerySet["Run"]):
    def waiting(self) -> RunQuerySet:
        """Those that an agent may still pick up: where the computer was when they were asked for, and not for long."""
        return self.filter(WAITING)

    def going_on(self) -> RunQuerySet:
        """Those of which anything may still come: they wait, or their agent is heard of."""
        return self.waiting() | self.filter(state=RunState.SENT, lease_until__gt=Now())


class Run(models.Model):
    """One command or script on one computer. It goes from queued to sent once, and never back: nothing runs twice.

    `tenant` is the computer's as it was: the output does not move with it. Without a `language` it is for the shell of
    the system. So long it `waits` for its agent; `part_of` is the run of a schedule that began it. While it is sent it
    counts as long as the agent is heard of, until `lease_until`; `token_hash` is of the secret that its output is taken
    with, and only then.
    """

    computer = models.ForeignKey(Computer, models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    waits = models.DurationField(default=WAITS, editable=False)
    part_of = models.ForeignKey(
        "schedules.ScheduleRun", models.SET_NULL, null=True, editable=False, db_index=False, related_name="+"
    )
    title = models.CharField(max_length=120, editable=False)
    script = models.CharField("Name of the script", max_length=120, blank=True, default="")
    language = models.CharField(max_length=20, choices=ScriptLanguage.choices, blank=True, default="")
    body = models.TextField()
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, editable=False, related_name="+")
    token_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    parts = models.PositiveIntegerField(default=0, editable=False)
    output = models.TextField(blank=True, default="", editable=False)
    is_cut = models.BooleanField(default=False, editable=False)
    keeps_output = models.BooleanField(default=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    exit_code = models.IntegerField(null=True, editable=False)
    why = models.CharField(max_length=500, blank=True, default="", editable=False)
    stopped_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, editable=False, related_name="+")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="run_waits_for_a_week_at_most", condition=Q(waits__range=(WAITS, LONGEST_WAIT))
            ),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=RunState.values)),
            models.CheckConstraint(
                name="run_is_sent_with_its_secret",
                condition=~Q(state="sent") | Q(sent_at__isnull=False, lease_until__isnull=False) & ~Q(token_hash=""),
            ),
            models.CheckConstraint(
                name="run_is_stopped_by_somebody_when_stopped",
                condition=Q(stopped_by__isnull=True) | Q(state="stopped"),
            ),
            models.CheckConstraint(
                name="run_keeps_no_secret_when_over",
                condition=Q(state="sent") | Q(token_hash=""),
            ),
        )
        indexes = (
            models.Index(fields=("computer", "-id"), name="run_of_computer"),
            models.Index(fields=("computer", "id"), name="run_waiting", condition=Q(state="queued")),
            models.Index(fields=("asked_at",), name="run_keeps_output", condition=Q(keeps_output=True)),
            models.Index(fields=("part_of", "state"), name="run_of_schedule", condition=Q(part_of__isnull=False)),
        )

    def __str__(self) -> str:
        return self.title
