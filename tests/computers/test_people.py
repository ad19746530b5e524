"""Who uses a computer: people of its own tenant, one of them its primary person; it gives nobody access."""

import pytest
from django.urls import reverse

from accounts.models import Person
from accounts.person_services import delete_person
from computers.models import ComputerPerson
from computers.services import move_computer
from rbac.access import access_for
from rbac.audit import SYSTEM
from rbac.models import AuditEntry, Role
from rbac.permissions import Permission
from tests.computers.conftest import last_entry
from tests.factories import AgentFactory, ComputerPersonFactory, PersonFactory
from tests.grants import deny, end, grant

SET = Permission.COMPUTERS_SET_PRIMARY_PERSON


@pytest.fixture
def mara(story) -> Person:
    return PersonFactory(name="Mara Lindgren", login="mlindgren", tenant=story.fabrikam)


@pytest.fixture
def otto(story) -> Person:
    return PersonFactory(name="Otto Brandt", login="obrandt", tenant=story.fabrikam)


def tab(computer) -> str:
    return reverse("computers:computer-people", args=[computer.pk])


def act(name: str, *args: object) -> str:
    return reverse(f"computers:computer-person-{name}", args=[getattr(each, "pk", each) for each in args])


def people(computer) -> dict[str, bool]:
    return dict(ComputerPerson.objects.filter(computer=computer).values_list("person__name", "is_primary"))


@pytest.mark.django_db
def test_the_permission_is_held_by_the_roles_of_the_catalogue():
    held = Role.objects.filter(permissions__contains=[SET]).values_list("key", flat=True)
    assert set(held) == {"msp_administrator", "msp_user", "tenant_administrator"}


def test_one_of_several_is_the_primary_person(client, story, mara, otto):
    client.force_login(story.rosa)
    assert client.post(act("add", story.laptop), {"person": mara.pk, "is_primary": "on"}).status_code == 302
    assert client.post(act("add", story.laptop), {"person": otto.pk}).status_code == 302
    assert people(story.laptop) == {"Mara Lindgren": True, "Otto Brandt": False}
    assert client.post(act("primary", story.laptop, otto)).status_code == 302
    assert people(story.laptop) == {"Mara Lindgren": False, "Otto Brandt": True}
    entry = last_entry()
    assert (entry.action, entry.tenant, entry.target_label) == (
        "computer.primary_person_set",
        story.fabrikam,
        str(story.laptop),
    )
    assert (entry.before["primary_person"], entry.after["primary_person"]) == ("Mara Lindgren", "Otto Brandt")
    assert client.post(act("remove", story.laptop, otto)).status_code == 302
    assert people(story.laptop) == {"Mara Lindgren": False}


def test_both_pages_tell_of_it_to_who_may_see_it(client, story, mara):
    ComputerPersonFactory(computer=story.laptop, person=mara, is_primary=True)
    client.force_login(story.grace)
    page = client.get(tab(story.laptop)).content.decode()
    assert ("Mara Lindgren" in page, "Make primary" in page, "Remove" in page) == (True, False, False)
    overview = client.get(reverse("computers:computer-detail", args=[story.laptop.pk])).content.decode()
    assert "Primary person" in overview
    assert str(story.laptop) in client.get(reverse("accounts:person-detail", args=[mara.pk])).content.decode()
    client.force_login(story.olivia)
    assert client.get(tab(story.laptop)).status_code == 404


def test_computers_that_the_reader_does_not_see_are_neither_named_nor_counted(client, story, mara):
    ComputerPersonFactory(computer=story.laptop, person=mara)
    deny(story.rosa, Permission.COMPUTERS_VIEW, computer_scope="computer", computer=story.laptop)
    client.force_login(story.rosa)
    assert str(story.laptop) not in client.get(reverse("accounts:person-detail", args=[mara.pk])).content.decode()
    listed = reverse("accounts:person-list")
    assert dict(client.get(listed).context["rows"])[mara] == 0
    assert not client.get(f"{listed}?computers=some").context["listing"].rows


def test_the_list_is_narrowed_to_who_uses_computers(client, story, mara, otto):
    ComputerPersonFactory(computer=story.laptop, person=mara)
    client.force_login(story.marcus)
    for said, name in {"some": "Mara Lindgren", "none": "Otto Brandt"}.items():
        answer = client.get(f"{reverse('accounts:person-list')}?computers={said}")
        assert [person.name for person in answer.context["listing"].rows] == [name]


def test_who_may_not_set_them_finds_no_door(client, story, mara):
    ComputerPersonFactory(computer=story.laptop, person=mara)
    client.force_login(story.grace)
    held = grant(story.grace, SET, scope="tenant", tenant=story.fabrikam)
    assert client.get(act("add", story.laptop)).status_code == 200
    end(held)
    for address in (act("add", story.laptop), act("remove", story.laptop, mara), act("primary", story.laptop, mara)):
        assert client.post(address, {"person": mara.pk}).status_code == 403
    assert people(story.laptop) == {"Mara Lindgren": False}


def test_a_scope_of_servers_reaches_no_laptop(client, story, mara):
    servers = {"computer_scope": "type", "computer_type": "domain_controllers"}
    grant(story.grace, SET, scope="tenant", tenant=story.fabrikam, **servers)
    client.force_login(story.grace)
    assert client.post(act("add", story.laptop), {"person": mara.pk}).status_code == 403
    assert client.post(act("add", story.dc01), {"person": mara.pk}).status_code == 302


def test_people_of_another_tenant_are_not_offered_and_not_taken(client, story, mara):
    pia, ben = PersonFactory(name="Pia", tenant=story.logistics), PersonFactory(name="Ben", tenant=story.adventure)
    client.force_login(story.marcus)
    options = client.get(act("pick", story.laptop)).content.decode()
    assert ("Mara Lindgren" in options, "Pia" in options, "Ben" in options) == (True, False, False)
    for stranger in (pia, ben):
        assert client.post(act("add", story.laptop), {"person": stranger.pk}).status_code == 422
        assert client.post(act("primary", story.laptop, stranger)).status_code == 404
    assert people(story.laptop) == {}


def test_what_is_done_already_is_said(client, story, mara, otto):
    ComputerPersonFactory(computer=story.laptop, person=mara)
    client.force_login(story.rosa)
    assert client.post(act("add", story.laptop), {"person": mara.pk}).status_code == 422
    for name in ("primary", "remove"):
        answer = client.post(act(name, story.laptop, otto))
        assert answer.status_code == 422
        assert "Otto Brandt is not named on this computer any more." in answer.content.decode()


def test_using_a_computer_gives_nothing(story, mara):
    before = [permission for permission in Permission if access_for(story.grace).can(permission, story.laptop)]
    Person.objects.filter(pk=mara.pk).update(user=story.grace)
    ComputerPersonFactory(computer=story.laptop, person=mara, is_primary=True)
    assert [each for each in Permission if access_for(story.grace).can(each, story.laptop)] == before


def test_a_computer_that_moves_leaves_its_people(story, mara):
    ComputerPersonFactory(computer=story.laptop, person=mara, is_primary=True)
    story.laptop.refresh_from_db()
    lost = list(story.laptop.tags.exclude(tenant=None))
    move_computer(
        actor=SYSTEM,
        computer=story.laptop,
        version=story.laptop.updated_at,
        tenant=story.northwind,
        dropping=lost,
    )
    assert people(story.laptop) == {}
    assert last_entry().before["persons"] == [{"id": mara.pk, "name": "Mara Lindgren"}]


def test_somebody_who_is_deleted_is_named_nowhere(story, mara):
    ComputerPersonFactory(computer=story.laptop, person=mara, is_primary=True)
    delete_person(actor=SYSTEM, person=mara, reason="Left")
    assert people(story.laptop) == {}
    assert last_entry().before["computers"] == [{"id": story.laptop.pk, "name": str(story.laptop)}]


def test_whom_the_agent_reports_is_named_or_made(client, story, mara):
    AgentFactory(computer=story.laptop, people=["mlindgren", "new.one"])
    client.force_login(story.rosa)
    assert "Create person and add" in client.get(tab(story.laptop)).content.decode()
    for name in ("mlindgren", "new.one"):
        assert client.post(act("adopt", story.laptop), {"name": name}).status_code == 302
    assert people(story.laptop) == {"Mara Lindgren": True, "new.one": False}
    assert Person.objects.get(name="new.one").login == "new.one"
    assert "named above" in client.get(tab(story.laptop)).content.decode()


def test_a_name_that_no_agent_reports_is_nobody(client, story, mara):
    AgentFactory(computer=story.dc01, people=["mlindgren"])
    client.force_login(story.rosa)
    for name in ("mlindgren", "", "x" * 500, "nul\0"):
        assert client.post(act("adopt", story.laptop), {"name": name}).status_code == 422
    assert people(story.laptop) == {}


def test_somebody_new_is_made_by_who_manages_people_alone(client, story, mara):
    AgentFactory(computer=story.laptop, people=["mlindgren", "new.one"])
    grant(story.grace, SET, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.grace)
    page = client.get(tab(story.laptop)).content.decode()
    assert ("Create person and add" in page, "Add Mara Lindgren" in page) == (False, True)
    assert client.post(act("adopt", story.laptop), {"name": "new.one"}).status_code == 403
    assert client.post(act("adopt", story.laptop), {"name": "mlindgren"}).status_code == 302
    assert people(story.laptop) == {"Mara Lindgren": True}
    assert AuditEntry.objects.filter(action="computer.refused", actor=story.grace).exists()
