"""The start page of the people of the demo: to each their own, and every number equal to the list behind it."""

import re

import pytest

from accounts.models import User
from immyrbac.start import Persona, persona_of
from rbac.access import access_for
from rbac.demo.loading import load_demo
from rbac.demo.people import PERSONAS
from tenancy.models import Tenant
from tests.immyrbac.test_start import NUMBER, page, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("start")]

START = load_demo


def test_the_demo_meets_each_with_their_own_page():
    said = {persona.title: persona_of(access_for(user), user) for persona in PERSONAS for user in [of(persona)]}
    assert said == {
        "MSP administrator": Persona.ADMINISTRATOR,
        "MSP technician": Persona.TECHNICIAN,
        "script manager": Persona.TECHNICIAN,
        "administrator of a nested MSP": Persona.ADMINISTRATOR,
        "tenant administrator": Persona.TENANT_ADMINISTRATOR,
        "tenant user": Persona.TENANT_USER,
        "auditor": Persona.AUDITOR,
    }


def of(persona):
    return User.objects.select_related("tenant").get(email=persona.email)


def test_every_number_is_what_its_list_counts():
    for persona in PERSONAS:
        client, shown = page(of(persona))
        numbers = NUMBER.findall(shown)
        assert numbers, persona
        for address, capped, number in numbers:
            listed = client.get(address.replace("&amp;", "&"))
            assert listed.status_code == 200, (persona, address)
            announced = re.search(r'data-announce="(more than )?([\d,]+) ', listed.content.decode())
            assert announced.groups("") == (capped, number), (persona, address)


def test_a_customer_meets_no_other_customer():
    foreign = Tenant.objects.exclude(slug__startswith="fabrikam").exclude(slug="contoso")
    for persona in PERSONAS[4:6]:
        shown = text(of(persona))
        assert not [tenant.name for tenant in foreign if tenant.name in shown], persona
