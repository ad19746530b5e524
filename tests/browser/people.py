"""People of the demo who use computers, for visits."""

from typing import Any

from accounts.models import Person
from computers.agents.models import Agent
from computers.models import Computer, ComputerPerson
from tenancy.models import Tenant
from tests.browser.agents import server
from tests.browser.visit import Visit
from tests.factories import AgentFactory


def _fabrikam() -> dict[str, Any]:
    return {"pk": Tenant.objects.get(slug="fabrikam").pk}


def grace() -> dict[str, Any]:
    """With an account."""
    return {"pk": Person.objects.get(name="Grace Kim").pk}


def mara() -> dict[str, Any]:
    """Without one."""
    return {"pk": Person.objects.get(name="Mara Lindgren").pk}


def used() -> dict[str, Any]:
    """A computer that somebody uses."""
    here = {"computer__tenant__slug": "fabrikam", "computer__deleted_at": None}
    links = ComputerPerson.objects.filter(**here, is_primary=True)
    return {"pk": links.order_by("computer__name")[0].computer_id}


def reported() -> dict[str, Any]:
    """The same, with an agent that reports its person and somebody whom nobody knows."""
    found = used()
    login = ComputerPerson.objects.get(computer=found["pk"], is_primary=True).person.login
    if not Agent.objects.live().filter(computer=found["pk"]).exists():
        AgentFactory(computer=Computer.objects.get(**found), token="of a desk", people=[login, "jlind", "svc-backup"])
    return found


PEOPLE = [
    Visit("accounts:person-list", "Jonas"),
    Visit("accounts:person-list", "Grace"),
    Visit("accounts:person-list", "Jonas", query="?q=nobody-of-that-name"),
    Visit("accounts:person-detail", "Jonas", grace),
    Visit("accounts:person-detail", "Grace", mara),
    Visit("accounts:person-place", "Jonas"),
    Visit("accounts:person-create", "Jonas", _fabrikam),
    Visit("accounts:person-edit", "Rosa", grace),
    Visit("accounts:person-delete", "Jonas", mara),
    Visit("computers:computer-people", "Rosa", reported),
    Visit("computers:computer-people", "Grace", reported),
    Visit("computers:computer-people", "Jonas", lambda: {"pk": server().pk}),
    Visit("computers:computer-person-add", "Rosa", used),
]
