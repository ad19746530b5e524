"""Every service that exists is tried."""

from tests.acts.services import services
from tests.escalation.plays import INVITING, TRICKS


def test_every_service_is_tried():
    assert {trick.service for trick in TRICKS + INVITING} == set(services().values())
