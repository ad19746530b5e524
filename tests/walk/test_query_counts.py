"""What a page asks of the database does not depend on how much there is: `query_counts.json` holds how often it asks.

`script/pytest tests/walk/test_query_counts.py --update-query-counts` writes the file anew.
"""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from computers.maintenance.models import MaintenanceSession
from computers.models import Computer
from rbac.audit import Actor, record
from rbac.permissions import Permission
from tests import factories
from tests.deployments.factories import (
    ChangeRequestFactory,
    ChangeRequestNoteFactory,
    CrossTenantDeploymentFactory,
    DeploymentComputerFactory,
    TenantDeploymentFactory,
)
from tests.maintenance import factories as made
from tests.schedules.factories import ScheduleFactory, ScheduleRunFactory
from tests.walk.table import VISITS, Visit
from tests.walk.world import Estate, World

pytestmark = pytest.mark.django_db

FILE = Path(__file__).with_name("query_counts.json")
PAGES = [visit for visit in VISITS if visit.method == "GET"]
RECORDED = ("Computer", "User", "Script", "Group")
FEW, MORE = 2, 6
"""Rows of each kind that are there at first, and that come then; all fit on one page, so that no list counts them."""


def deploy(estate: Estate, computer: Computer, user: User) -> None:
    """Deployments of each kind for the computer, and what is asked for."""
    one = TenantDeploymentFactory(tenant=estate.tenant, target="individual", saved_by=user)
    for deployment in (one, estate.objects["TenantDeployment"]):
        DeploymentComputerFactory(deployment=deployment, computer=computer)
    CrossTenantDeploymentFactory(tenant=estate.tenant, saved_by=user)
    ChangeRequestFactory(tenant=estate.tenant, asked_by=user)
    ScheduleFactory(tenant=estate.tenant, saved_by=user)
    ScheduleRunFactory(schedule=estate.objects["Schedule"], asked_by=user)
    ChangeRequestNoteFactory(request=estate.objects["ChangeRequest"], author=user)


def carry_out(estate: Estate, session: MaintenanceSession, user: User) -> None:
    """Deployments of each kind that the session has done."""
    of = {"session": session, "kind": "deployment", "state": "done"}
    for position, kind in enumerate((TenantDeploymentFactory, CrossTenantDeploymentFactory), start=1):
        found = kind(tenant=estate.tenant, saved_by=user, software=estate.objects["Software"])
        made.StageFactory(position=position, title=found.name, deployment=found, sent_at=timezone.now(), **of)


def fill(estate: Estate, rows: int) -> None:
    """Give the customer people, groups, access, computers, tags, scripts and entries."""
    for _ in range(rows):
        tenant = factories.TenantFactory(parent=estate.tenant)
        user = factories.UserFactory(tenant=estate.tenant)
        group = factories.GroupFactory(tenant=estate.tenant)
        role = factories.RoleFactory(permissions=sorted(Permission), tenant=estate.tenant)
        for member in (user, estate.objects["User"]):
            factories.GroupMembershipFactory(group=group, user=member)
            factories.RoleAssignmentFactory(user=member, role=role, scope="tenant", tenant=estate.tenant)
        factories.GroupMembershipFactory(group=estate.objects["Group"], user=user)
        for shared in (group, estate.objects["Group"]):
            factories.RoleAssignmentFactory(group=shared, role=role, scope="own_tenant")
            factories.RoleAssignmentFactory(group=shared, role=role, scope="tenant", tenant=tenant)
        computer = factories.ComputerFactory(tenant=estate.tenant)
        factories.AgentFactory(computer=computer)
        factories.ComputerPersonFactory(computer=computer, person=estate.objects["Person"], is_primary=True)
        factories.EnrolmentFactory(tenant=tenant)
        deploy(estate, computer, user)
        factories.RunFactory(computer=estate.objects["Computer"], asked_by=user)
        made.InventoryFactory(stage__session__computer=computer)
        done = {"state": "done", "finished_at": timezone.now()}
        session = made.MaintenanceSessionFactory(computer=estate.objects["Computer"], asked_by=user, **done)
        carry_out(estate, session, user)
        for bearer in (computer, estate.objects["Computer"]):
            factories.ComputerTagFactory(computer=bearer, tag__tenant=estate.tenant)
        person = factories.PersonFactory(tenant=estate.tenant, user=user, login=user.name)
        factories.ComputerPersonFactory(computer=estate.objects["Computer"], person=person)
        fill_library(estate, user)
        factories.InvitationFactory(tenant=tenant, invited_by=user)
        factories.AccessRequestFactory(user=user)
        factories.IdentityFactory(user=user, provider=estate.objects["IdentityProvider"])
        factories.IdentityProviderFactory(tenant=estate.tenant)
        factories.PendingAssignmentFactory(invitation=estate.objects["Invitation"], role=role)
        estate.objects["Invitation"].groups.add(group)
        for target in (user, computer, *(estate.objects[name] for name in RECORDED)):
            record(Actor(user), "user.edited", target=target, tenant=tenant.pk)


def fill_library(estate: Estate, user: User) -> None:
    factories.ScriptFactory(tenant=estate.tenant)
    script = estate.objects["Script"]
    script.body, script.saved_by = f"exit {user.pk}", user
    script.save()
    software = estate.objects["Software"]
    factories.SoftwareFileFactory(software__tenant=estate.tenant)
    factories.SoftwareFileFactory(software=software, name=user.name)
    factories.LicenseFactory(tenant=estate.tenant, software=software)


def asked(client: Client, visit: Visit, world: World) -> int:
    route = visit.route(world, world.here)
    if visit.container not in (None, "instance"):
        route.setdefault("pk", world.here.objects[visit.container].pk)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(reverse(visit.name, kwargs=route) + visit.query(world, world.here))
        b"".join(answer) if answer.streaming else answer.content  # a stream asks while it is read
    assert answer.status_code == 200, visit
    return len(queries)


@pytest.fixture
def reader(db) -> tuple[Client, World]:
    """The owner of the instance, who was here before: the first visit of a session writes."""
    world, client = World(), Client()
    client.force_login(User.objects.get(role_assignments__role__key="msp_administrator"))
    client.get(reverse("accounts:profile-detail"))
    return client, world


def test_every_page_asks_as_often_as_the_file_says(reader, request):
    client, world = reader
    fill(world.here, FEW)
    few = {visit.name: asked(client, visit, world) for visit in PAGES}
    fill(world.here, MORE)
    many = {visit.name: asked(client, visit, world) for visit in PAGES}
    if request.config.getoption("--update-query-counts"):
        FILE.write_text(json.dumps(many, indent=2, sort_keys=True) + "\n")
    assert few == many
    assert many == json.loads(FILE.read_text())
