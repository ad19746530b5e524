"""The routes of maintenance and inventories, as `tests.walk.table` has the rest."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from computers.models import Computer
from rbac.permissions import Permission
from tests import factories
from tests.maintenance import factories as made
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

VIEW, RUN, RERUN = Permission.SESSIONS_VIEW, Permission.SESSIONS_RUN, Permission.SESSIONS_RERUN
CANCEL, POSTPONE = Permission.SESSIONS_CANCEL, Permission.SESSIONS_POSTPONE


def nothing(world: World, estate: Estate) -> dict[str, Any]:
    return {}


def fresh(world: World, estate: Estate) -> dict[str, Any]:
    """Instead of the estate's computer, which has a session, one without."""
    return {"pk": factories.AgentFactory(computer__tenant=estate.tenant).computer.pk}


def waiting(world: World, estate: Estate) -> dict[str, Any]:
    return {"number": estate.session.pk}


def over(world: World, estate: Estate) -> dict[str, Any]:
    computer = factories.AgentFactory(computer__tenant=estate.tenant).computer
    done = {"state": "done", "finished_at": timezone.now(), "asked_by": estate.objects["User"]}
    return {"pk": computer.pk, "number": made.MaintenanceSessionFactory(computer=computer, **done).pk}


def later(world: World, estate: Estate) -> dict[str, Any]:
    return {"until": (timezone.now() + timedelta(days=1)).isoformat()}


def of_computer(world: World, estate: Estate) -> dict[str, Any]:
    return {"ids": estate.objects["Computer"].pk}


def of_session(world: World, estate: Estate) -> dict[str, Any]:
    return {"ids": estate.session.pk}


def to_onboard(world: World, estate: Estate) -> dict[str, Any]:
    """One that came with its agent."""
    found = fresh(world, estate)
    Computer.objects.filter(pk=found["pk"]).update(onboarding="waiting")
    return found


def confirmed(world: World, estate: Estate) -> dict[str, Any]:
    """Of that one, as it is."""
    found = Computer.objects.latest("pk")
    return {"version": found.updated_at.isoformat(), "name": found.name}


ONBOARD = Permission.COMPUTERS_ONBOARD
MAINTENANCE = [
    Visit("maintenance:session-list", "GET", VIEW),
    Visit("maintenance:session-export", "GET", VIEW),
    Visit("maintenance:session-computer-pick", "GET", VIEW),
    Visit("maintenance:session-batch-run", "POST", RUN, data=of_computer),
    Visit("maintenance:session-batch-rerun", "POST", RERUN, data=of_session),
    Visit("maintenance:session-batch-postpone", "POST", POSTPONE, data=of_session),
    Visit("maintenance:session-batch-cancel", "POST", CANCEL, data=of_session),
    Visit("maintenance:computer-maintenance", "GET", VIEW, "Computer"),
    *forms("maintenance:session-run", RUN, "Computer", nothing, route=fresh),
    Visit("maintenance:session-detail", "GET", VIEW, "Computer", route=waiting),
    *forms("maintenance:session-rerun", RERUN, "Computer", nothing, route=over),
    *forms("maintenance:session-postpone", POSTPONE, "Computer", later, route=waiting),
    *forms("maintenance:session-cancel", CANCEL, "Computer", nothing, route=waiting),
    *forms("maintenance:onboarding-start", ONBOARD, "Computer", confirmed, route=to_onboard, also=frozenset({RUN})),
    *forms("maintenance:onboarding-skip", ONBOARD, "Computer", nothing, route=to_onboard),
    *forms("maintenance:onboarding-repeat", ONBOARD, "Computer", nothing, route=fresh),
    Visit("maintenance:computer-timeline", "GET", Permission.COMPUTERS_VIEW_TIMELINE, "Computer"),
    Visit("maintenance:inventory-detail", "GET", Permission.COMPUTERS_VIEW_INVENTORY, "Computer"),
    *forms("maintenance:inventory-refresh", Permission.COMPUTERS_REINVENTORY, "Computer", nothing, route=fresh),
]
