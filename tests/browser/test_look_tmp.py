import pytest
from tests.browser import test_every_page as t
from tests.browser.test_every_page import look_at, keep  # noqa
t.VISITS[:] = [v for v in t.VISITS if v.name.startswith("tenancy")]
pytestmark = pytest.mark.browser

@pytest.mark.parametrize("look", ["light-1440"], indirect=True)
def test_light(look_at):
    faults = [f for v in t.VISITS for f in look_at(v, {1440: True, 390: True, 320: False})]
    assert not faults, "\n".join(faults)

@pytest.mark.parametrize("look", ["dark-1440"], indirect=True)
def test_dark(look_at):
    faults = [f for v in t.VISITS for f in look_at(v, {1440: True, 390: False})]
    assert not faults, "\n".join(faults)
