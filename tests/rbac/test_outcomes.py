"""What moves under assignments is shown before, done as it was shown, and told as it happened (issue 4, item 6)."""

import pytest
from django.urls import reverse

from accounts.models import User
from computers.models import Computer
from rbac import outcomes
from rbac.models import AuditEntry
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from rbac.power import Claim, Difference, reaches_of
from tenancy.models import Tenant
from tests.factories import ComputerFactory, ComputerTagFactory, TagFactory, UserFactory
from tests.grants import grant
from tests.outcomes import mark_of
from tests.people import People, give, person

pytestmark = pytest.mark.django_db

SERVERS = {"computer_scope": "type", "computer_type": "servers"}


class Estate(People):
    """Dana manages Fabrikam's servers, Max the computers with a tag; neither computer is covered yet."""

    def __init__(self) -> None:
        super().__init__()
        self.max = person("Max Lindqvist", self.contoso)
        self.tag = TagFactory(name="Migration")
        everything = {"scope": "tenant", "tenant": self.fabrikam}
        grant(self.dana, Permission.COMPUTERS_MANAGE, **everything, **SERVERS)
        grant(self.max, Permission.COMPUTERS_VIEW, **everything, computer_scope="tag", computer_tag=self.tag)
        self.pc = ComputerFactory(name="FAB-1", tenant=self.fabrikam, type="workstation")
        self.other = ComputerFactory(name="LIT-1", tenant=self.litware, type="server")


START = Estate


@pytest.fixture
def estate(start: Estate, client) -> Estate:
    client.force_login(start.marcus)
    return start


def send(client, route: str, thing, **said):
    return client.post(reverse(route, args=[thing.pk]), said)


def of_computer(computer: Computer, **said):
    computer.refresh_from_db()
    return {"version": computer.updated_at.isoformat(), **said}


def twice(client, route: str, thing, said, **more) -> str:
    """Send it, see what it does, send it as shown; returns what was seen."""
    answer = send(client, route, thing, **said)
    assert answer.status_code == 422, answer.content.decode()
    done = send(client, route, thing, **said, shown=mark_of(answer), **more)
    assert done.status_code == 302, done.content.decode()
    return answer.content.decode()


def acts(estate: Estate):
    """Route, thing, what is sent, and the words that it is shown with."""
    return {
        "type": ("computers:computer-type", estate.pc, of_computer(estate.pc, type="server"), "Dana Whitfield gains"),
        "tag": (
            "computers:computer-tags",
            estate.pc,
            of_computer(estate.pc, tags=estate.tag.pk),
            "Max Lindqvist gains",
        ),
        "move": (
            "computers:computer-move",
            estate.other,
            of_computer(estate.other, tenant=estate.fabrikam.pk),
            "Dana Whitfield gains",
        ),
        "home": (
            "accounts:user-edit",
            estate.sam,
            {"name": estate.sam.name, "email": estate.sam.email, "tenant": estate.contoso.pk, "access_expires_at": ""},
            "Olivia Novak loses",
        ),
    }


@pytest.mark.parametrize("act", ["type", "tag", "move", "home"])
def test_it_is_shown_first_and_the_entry_tells_what_was_shown(client, estate, act):
    route, thing, said, words = acts(estate)[act]
    before = AuditEntry.objects.count()
    if act == "home":
        said |= {"version": client.get(reverse(route, args=[thing.pk])).context["form"]["version"].value()}
    assert words in twice(client, route, thing, said)
    assert AuditEntry.objects.count() == before + 1
    told = AuditEntry.objects.latest("pk").after
    who, verb = words.rsplit(" ", 1)
    assert who in [each["name"] for each in told["reached"]]
    assert told["ripple"]["gained" if verb == "gains" else "lost"]


def test_it_says_on_how_many_tenants_and_computers(client, estate):
    said = of_computer(estate.pc, type="server")
    assert "On 1 tenant and 1 computer" in twice(client, "computers:computer-type", estate.pc, said)
    told = AuditEntry.objects.latest("pk").after["ripple"]
    assert (told["tenants"], told["computers"], told["exact"]) == (1, 1, True)
    assert told["label"] == "0 people lost and 1 person gained something on 1 tenant and 1 computer"


def spread_of(*people) -> dict:
    """What an entry of the instance would say if these lost all that reaches them."""
    claims = [Claim(reach, reach.permissions, reach.region, None) for reach in reaches_of([each.pk for each in people])]
    told = Outcome.of(Difference([], claims)).told(None)["ripple"]
    return {name: told[name] for name in ("tenants", "computers", "exact")}


def test_what_scopes_are_narrowed_by_counts(estate):
    assert spread_of(estate.max) == {"tenants": 0, "computers": 0, "exact": True}
    ComputerTagFactory(computer=estate.pc, tag=estate.tag)
    assert spread_of(estate.max) == {"tenants": 1, "computers": 1, "exact": True}
    narrow = UserFactory(tenant=estate.litware)
    grant(narrow, Permission.COMPUTERS_VIEW, scope="owner", computer_scope="computer", computer=estate.other)
    assert spread_of(narrow) == {"tenants": 1, "computers": 1, "exact": True}
    assert spread_of(narrow, estate.max) == {"tenants": 2, "computers": 2, "exact": True}
    grant(narrow, Permission.TENANTS_VIEW, scope="owner")
    assert spread_of(narrow) == {"tenants": Tenant.objects.count(), "computers": 1, "exact": True}


def test_of_too_many_people_it_is_at_most_what_their_tenants_hold(estate, monkeypatch):
    monkeypatch.setattr(outcomes, "EXACT", 0)
    ComputerFactory(name="FAB-2", tenant=estate.fabrikam)
    held = Computer.objects.filter(tenant=estate.fabrikam).count()
    assert spread_of(estate.max) == {"tenants": 1, "computers": held, "exact": False}


def test_what_touches_nobody_is_done_at_once(client, estate):
    answer = send(client, "computers:computer-type", estate.pc, **of_computer(estate.pc, type="portable"))
    assert answer.status_code == 302
    assert "ripple" not in AuditEntry.objects.latest("pk").after


def test_what_has_changed_since_is_shown_again_and_nothing_is_lost(client, estate):
    said = of_computer(estate.pc, type="server")
    seen = mark_of(send(client, "computers:computer-type", estate.pc, **said))
    grant(
        estate.olivia,
        Permission.COMPUTERS_VIEW,
        scope="tenant",
        tenant=estate.fabrikam,
        computer_scope="type",
        computer_type="servers",
    )
    again = send(client, "computers:computer-type", estate.pc, **said, shown=seen)
    assert again.status_code == 422
    for words in ("has changed since you saw it", "Olivia Novak gains"):
        assert words in again.content.decode()
    assert again.context["form"]["type"].value() == "server"
    estate.pc.refresh_from_db()
    assert estate.pc.type == "workstation"


def test_great_power_is_confirmed_by_typing(client, estate):
    give(estate.sam, "msp_user", scope="own_tenant")
    route, said = "accounts:user-edit", {"name": "Sam", "email": estate.sam.email, "tenant": estate.fabrikam.pk}
    said |= {"version": client.get(reverse(route, args=[estate.sam.pk])).context["form"]["version"].value()}
    seen = send(client, route, estate.sam, **said)
    assert "gains great power" in seen.content.decode()
    assert mark_of(seen).endswith("!")
    for typed in ("", "Somebody"):
        wrong = send(client, route, estate.sam, **said, shown=mark_of(seen), confirmation=typed)
        assert "This is not Sam Okafor." in wrong.content.decode()
    bare = mark_of(seen).removesuffix("!")
    assert send(client, route, estate.sam, **said, shown=bare).status_code == 422
    assert User.objects.get(pk=estate.sam.pk).tenant == estate.litware
    assert send(client, route, estate.sam, **said, shown=mark_of(seen), confirmation="sam okafor").status_code == 302


def test_several_computers_are_one_act(client, estate):
    ids = [estate.pc.pk, ComputerFactory(name="FAB-2", tenant=estate.fabrikam).pk]
    said = {"ids": ids, "save": "1", "put": estate.tag.pk}
    address = reverse("computers:computer-batch-tags")
    answer = client.post(address, said)
    assert "Max Lindqvist gains 1 permission" in answer.content.decode()
    assert client.post(address, {**said, "shown": mark_of(answer)}).status_code == 302
    assert Computer.objects.filter(tags=estate.tag).count() == 2


def test_nobody_outside_the_readers_view_is_named(client, estate):
    grant(
        estate.theo,
        Permission.COMPUTERS_VIEW,
        scope="tenant",
        tenant=estate.fabrikam,
        computer_scope="type",
        computer_type="servers",
    )
    give(estate.olivia, "msp_administrator", scope="tenant", tenant=estate.fabrikam)
    client.force_login(estate.olivia)
    answer = send(client, "computers:computer-type", estate.pc, **of_computer(estate.pc, type="server"))
    content = answer.content.decode()
    assert "It reaches people outside your view as well" in content
    assert "Theo" not in content
