"""What came of deployments: of each one on each computer its last try since it was saved.

What it did before it was saved says nothing of what it shall do now; what was never begun is no try.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from computers.deployments.models import Deployment, State
from computers.maintenance.models import Stage, StageKind, StageState
from computers.models import Computer
from immyrbac.words import Status


class Outcome(models.TextChoices):
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    WAITING = "waiting", "Waiting"
    NEVER = "never", "Never tried"


OUTCOMES = {
    Outcome.DONE: Status("live", Outcome.DONE.label),
    Outcome.FAILED: Status("ended", Outcome.FAILED.label),
    Outcome.WAITING: Status("soon", Outcome.WAITING.label),
    Outcome.NEVER: Status("new", Outcome.NEVER.label),
}

_GOES_ON = Q(session__state="running", session__lease_until__gt=Now())
_TRIED = Q(state__in=(StageState.DONE, StageState.FAILED, StageState.SENT)) | Q(state=StageState.WAITING) & _GOES_ON
_OUTCOME = Case(
    When(state=StageState.DONE, then=Value(Outcome.DONE.value)),
    When(state=StageState.FAILED, then=Value(Outcome.FAILED.value)),
    When(_GOES_ON, then=Value(Outcome.WAITING.value)),
    default=Value(Outcome.FAILED.value),
    output_field=models.CharField(),
)
"""By the clock: one whose agent fell silent has failed before anybody writes that down."""


def tries() -> QuerySet[Any]:
    """Stages of deployments as these are saved now, in the tenants that their computers are in; each with `outcome`.

    And with `tried_at`: when it was over, or began.
    """
    here = Q(kind=StageKind.DEPLOYMENT, deployment__isnull=False, session__tenant=F("session__computer__tenant"))
    since = Q(sent_at=None) | Q(sent_at__gte=F("deployment__updated_at"))
    told = {"outcome": _OUTCOME, "tried_at": Coalesce("finished_at", "sent_at", "session__started_at")}
    rows: QuerySet[Any] = Stage.objects.filter(_TRIED, here, since).order_by().annotate(**told)
    return rows


def last_tries(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of these tries the last one of each deployment on each computer."""
    last = rows.order_by("deployment_id", "session__computer_id", "-session_id")
    return tries().filter(pk__in=last.distinct("deployment_id", "session__computer_id").values("pk"))


def installing(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of these tries those that installed their software where nothing that was done about it since removed it."""
    done = rows.filter(outcome=Outcome.DONE, deployment__software__isnull=False)
    about = ("deployment__software_id", "session__computer_id")
    last = done.order_by(*about, "-session_id", "-position").distinct(*about)
    return tries().filter(pk__in=last.values("pk"), deployment__state=State.INSTALLED)


def with_outcomes(computers: QuerySet[Any], deployment: Deployment, readable: QuerySet[Computer]) -> QuerySet[Any]:
    """Each with `outcome`, `tried_at` and `tried_in`, the number of its session.

    The outcome is empty where the reader may not see sessions: `readable` are those where they may.
    """
    mine = tries().filter(deployment=deployment, session__computer=OuterRef("pk")).order_by("-session_id")
    told = Exists(readable.order_by().filter(pk=OuterRef("pk")))

    def last(name: str, field: models.Field[Any, Any]) -> Case:
        return Case(When(told, then=Subquery(mine.values(name)[:1])), output_field=field)

    found: QuerySet[Any] = computers.annotate(
        outcome=Case(
            When(told, then=Coalesce(Subquery(mine.values("outcome")[:1]), Value(Outcome.NEVER.value))),
            default=Value(""),
            output_field=models.CharField(),
        ),
        tried_at=last("tried_at", models.DateTimeField()),
        tried_in=last("session_id", models.BigIntegerField()),
    )
    return found


def numbers_of(deployment: Deployment, readable: QuerySet[Computer]) -> dict[str, int]:
    """How many of these computers its last try came to what; those where it was never tried are not among them."""
    mine = tries().filter(deployment=deployment, session__computer__in=readable.order_by().values("pk"))
    return dict(last_tries(mine).values_list("outcome").annotate(Count("pk")))
