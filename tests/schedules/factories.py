"""Factories of schedules, beside `tests.factories`."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from computers.schedules.models import Schedule, ScheduleRun
from tests.factories import TenantFactory, UserFactory


class ScheduleFactory(DjangoModelFactory):
    """Runs maintenance at night on all that is in its owner, and is not due yet."""

    class Meta:
        model = Schedule

    name = factory.Sequence(lambda n: f"Schedule {n}")
    tenant = factory.SubFactory(TenantFactory)
    does = "maintenance"
    cron = "0 2 * * *"
    zone = "Europe/Berlin"
    target = "tenant"
    next_run_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=3))
    saved_by = factory.SubFactory(UserFactory)


class ScheduleRunFactory(DjangoModelFactory):
    class Meta:
        model = ScheduleRun

    schedule = factory.SubFactory(ScheduleFactory)
    due_at = factory.Sequence(lambda n: timezone.now() - timedelta(days=n + 1))
    asked_by = factory.SelfAttribute("schedule.saved_by")
    outcome = "asked"
    asked = 1
