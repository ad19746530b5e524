"""What the database itself holds of deployments, also against raw SQL (design 8)."""

import pytest

from computers.deployments.models import Deployment
from tests import factories
from tests.deployments.factories import (
    CrossTenantDeploymentFactory,
    DeploymentComputerFactory,
    TenantDeploymentFactory,
)
from tests.integrity.sql import copy, refused_by, run

pytestmark = pytest.mark.django_db

SET = "UPDATE deployments_deployment SET"


def test_a_target_has_what_its_kind_asks_for():
    made = CrossTenantDeploymentFactory()
    tag = factories.TagFactory()
    for wrong in ("target = 'tag'", f"tag_id = {tag.pk}"):
        with refused_by("deployment_target_fits"):
            run(f"{SET} {wrong}")
    run(f"{SET} target = 'tag', tag_id = {tag.pk}")
    one = TenantDeploymentFactory()
    with refused_by("deployment_target_fits"):
        run(f"{SET} target = 'nowhere' WHERE id = {one.pk}")
    same = {"state": "absent", "software": made.software, "saved_by": made.saved_by}
    with refused_by("deployment_target_fits"):
        copy(Deployment(name="Everywhere", target="owner", tenant=made.tenant, **same))


def test_it_installs_software_or_runs_a_script():
    TenantDeploymentFactory()
    version = factories.ScriptVersionFactory()
    for wrong in ("state = 'run'", "state = 'gone'", "software_id = NULL", f"script_version_id = {version.pk}"):
        with refused_by("deployment_item_fits"):
            run(f"{SET} {wrong}")
    run(f"{SET} state = 'run', software_id = NULL, script_version_id = {version.pk}")


def test_single_computers_and_people_are_of_individual_ones():
    TenantDeploymentFactory()
    computer = factories.ComputerFactory()
    for wrong in (
        "people = ARRAY['mara']",
        "target = 'individual', computer_scope = 'type', computer_type = 'servers'",
        f"computer_scope = 'computer', computer_id = {computer.pk}",
    ):
        with refused_by("deployment_individual_fits"):
            run(f"{SET} {wrong}")
    with refused_by("deployment_computer_scope_fits"):
        run(f"{SET} computer_scope = 'tag'")
    run(f"{SET} target = 'individual', people = ARRAY['mara']")


def test_it_keeps_its_owner_and_its_kind():
    one = TenantDeploymentFactory()
    for wrong in (f"tenant_id = {factories.TenantFactory().pk}", "target = 'children'"):
        with refused_by("deployment_keeps_its_owner"):
            run(f"{SET} {wrong} WHERE id = {one.pk}")
    with refused_by("deployments_deployment_id_is_for_ever"):
        run(f"{SET} id = id + 1000")


def test_a_computer_is_named_once():
    row = DeploymentComputerFactory()
    with refused_by("deployment_computer_once"):
        run(
            "INSERT INTO deployments_deploymentcomputer (deployment_id, computer_id) VALUES (%s, %s)",
            row.deployment_id,
            row.computer_id,
        )
