"""What the tests of schedules share: a world of people, a schedule that is due, and the jobs."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from computers.models import Computer
from computers.schedules.models import Schedule
from computers.schedules.running import due_schedules, run_due
from rbac.permissions import Permission
from tests import factories
from tests.grants import grant
from tests.schedules.factories import ScheduleFactory

ALL = (Permission.SCHEDULES_MANAGE, Permission.SESSIONS_RUN, Permission.TAGS_VIEW)
SCRIPTS = (Permission.SCRIPTS_RUN, Permission.COMPUTERS_USE_TERMINAL)


def planner(tenant, *permissions: Permission, **scope) -> User:
    """A technician of the provider who may have it happen in the tenant."""
    user = factories.UserFactory(name="Kim", tenant=tenant.msp or tenant)
    grant(user, *(permissions or ALL), **(scope or {"scope": "tenant", "tenant": tenant}))
    return user


def ready(tenant, name: str = "PC-01", **said) -> Computer:
    """With an agent."""
    return factories.AgentFactory(computer=factories.ComputerFactory(name=name, tenant=tenant, **said)).computer


def due(user: User, tenant, **said) -> Schedule:
    past = timezone.now() - timedelta(minutes=2)
    return ScheduleFactory(**{"tenant": tenant, "saved_by": user, "next_run_at": past, **said})


def tick() -> None:
    """What the jobs of one minute do."""
    for pk in due_schedules():
        run_due(pk)
