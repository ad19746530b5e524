"""Do what a row of a table says, as its persona, through HTTP, and say what came of it."""

import copy
import html
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from rbac.models import Switch
from tests.mission.estates import Mission
from tests.mission.table import SWITCHES, Row
from tests.mission.visits import BY_NAME
from tests.outcomes import mark_of
from tests.restore import undone
from tests.walk.table import VISITS
from tests.walk.test_walk import body
from tests.walk.visit import Visit
from tests.walk.world import Estate

EVERY, PAGES = "every page", [visit for visit in VISITS if visit.method == "GET"]
FEW = 16
"""Of every page one in so many, where the slower variant is not asked for."""


class Acting:
    """Rows of the tables in one world; a page that was asked for is not asked for again. `full`: under every switch."""

    def __init__(self, world: Mission, *, full: bool) -> None:
        self.world, self.full = world, full
        self._known: dict[tuple[object, ...], Answer] = {}

    def faults_of(self, row: Row) -> list[str]:
        """Where what comes of the row is something else than it says."""
        found = []
        for switches, expected in row.outcomes(full=self.full).items():
            for visit in self._visits(row):
                came = self._came_of(row, visit, switches)
                if came != expected:
                    found.append(f"{row} ({visit}, {switches}): {expected}, but {came}")
        return found

    def _visits(self, row: Row) -> list[Visit]:
        if row.parts["visit"] == EVERY:
            return PAGES if self.full else PAGES[::FEW]
        return [BY_NAME[str(row.parts["visit"])]]

    def _came_of(self, row: Row, visit: Visit, switches: tuple[str, ...]) -> str:
        key = (row.persona, row.parts["visit"], str(visit), row.parts["object"], switches)
        if key not in self._known:
            with undone():
                for name in switches:
                    flipped, enabled = SWITCHES[name]
                    Switch.objects.update_or_create(key=flipped, tenant=None, defaults={"enabled": enabled})
                self._known[key] = _answer(row, visit, self.world)
        return self._known[key].said(row.parts["asks"], str(row.parts["words"]))


@dataclass(frozen=True)
class Answer:
    """What came of one visit: the page where it is one."""

    status: int
    page: str

    def said(self, asks: str | None, words: str) -> str:
        """A status, `yes` where it is one of success; for what the page is asked for, yes or no."""
        if asks is None:
            return "yes" if 200 <= self.status < 400 else str(self.status)
        return "yes" if (words if asks == "shows" else f'value="{words}"') in html.unescape(self.page) else "no"


def _answer(row: Row, visit: Visit, world: Mission) -> Answer:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[row.persona]
    answer = _visited(client, visit, world, *_about(row, visit, world))
    content = b"".join(answer) if answer.streaming else answer.content  # read to its end, a file is closed
    return Answer(answer.status_code, content.decode(errors="replace") if answer.status_code == 200 else "")


def _about(row: Row, visit: Visit, world: Mission) -> tuple[Estate, Any]:
    """The estate of the object that the row names, and the object, read anew; without a name the estate's own."""
    place, _, name = (row.parts["object"] or "Here").partition(" ")
    estate = copy.copy(world.estates.get(place, world.here))
    if visit.container in (None, "instance"):
        return estate, None
    own = estate.objects[visit.container]
    model = type(own)
    is_named = name not in ("", "Estate", visit.container) and "name" in {field.name for field in model._meta.fields}
    found = model.objects.get(name=f"{place} {name}") if is_named else model.objects.get(pk=own.pk)
    estate.objects = {**estate.objects, visit.container: found}
    return estate, found


def _visited(client: Client, visit: Visit, world: Mission, estate: Estate, about: Any) -> Any:
    route = visit.route(world, estate)
    address = reverse(visit.name, kwargs=({"pk": about.pk} | route) if about else route) + visit.query(world, estate)
    if visit.name == "rbac:switch-change" and visit.method == "POST" and not visit.data(world, estate):
        return client.post(address, _read(client, address))
    if visit.name == "accounts:user-leave" and visit.method == "POST":
        return client.post(address, visit.data(world, estate) | _seen(client, address))
    return client.generic(visit.method, address, **body(visit, world, estate))


def _seen(client: Client, address: str) -> dict[str, str]:
    """The fingerprint of what leaving does, as far as this reader sees it."""
    page = client.get(address)
    return {"expected": page.context["preview"].expected} if page.status_code == 200 else {}


def _read(client: Client, address: str) -> dict[str, str]:
    """What the form before a flip carries once it was read, with what it wants to be typed."""
    page = client.get(address)
    if page.status_code != 200:
        return {}
    touched = page.context["change"].ripple.touched
    people = f"{touched} person" if touched == 1 else f"{touched} people"
    return {"expected": str(touched), "reason": "For once", "shown": mark_of(page), "confirmation": people}
