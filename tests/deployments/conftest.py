"""Who asks for deployments, and who decides; tests of other deployments have people of their own."""

import pytest

from rbac.switches import SwitchKey
from tests import factories
from tests.people import People, give


@pytest.fixture
def people() -> People:
    """Dana asks at Contoso; Marcus owns the instance, and reviews."""
    found = People()
    give(found.dana, "msp_user", scope="msp", tenant=found.contoso)
    factories.SwitchFactory(key=SwitchKey.CHANGE_REQUESTS, enabled=True)
    factories.ComputerFactory(name="LIT-01", tenant=found.litware)
    factories.SoftwareFactory(name="Backup Agent")
    return found
