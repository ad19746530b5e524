"""Every service that exists is tried."""

from itertools import chain

from tests.acts.services import services
from tests.escalation import (  # noqa: F401  they register their own
    agent_plays,
    asking,
    custom_plays,
    deployment_plays,
    import_plays,
    library,
    maintenance_plays,
    people_plays,
    schedule_plays,
    sharing,
    single_sign_on,
)
from tests.escalation.plays import LATER, TRICKS


def test_every_service_is_tried():
    assert {trick.service for trick in chain(TRICKS, *LATER.values())} == set(services().values())
