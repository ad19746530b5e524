"""How long it takes to say who gains and who loses, before it is saved, at the size of the database it runs on.

    script/setup && .venv/bin/python bench/ripples.py [--rounds N] [--size SIZE] [--only TEXT]

Each form that moves access is asked by the owner for what it would do to as many as possible: computing time of the
process and its database, the least of the rounds. Bar of issue 4, at the large size: 1 s each. Nothing is saved.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immyrbac.settings")
os.environ.setdefault("DJANGO_DEBUG", "1")

from bench.prepared import prepared

SECONDS = 1.0

Ask = Callable[[Any], Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", default="large", help="of the demo, where there is none yet (default: large)")
    parser.add_argument("--only", default="", metavar="TEXT", help="forms with this in their name")
    wanted = parser.parse_args()
    with prepared(wanted.size):
        from django.conf import settings  # noqa: PLC0415  set up by now

        settings.DEBUG = False
        settings.ALLOWED_HOSTS = ["testserver"]
        logging.disable()
        return measure(wanted.rounds, wanted.only)


def measure(rounds: int, text: str) -> int:
    from django.db import connection  # noqa: PLC0415  set up by now
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from bench.clock import cpu_seconds  # noqa: PLC0415
    from bench.visits import reader  # noqa: PLC0415

    client, now, slow = Client(), cpu_seconds(), 0
    client.force_login(reader("owner"))
    for name, ask in ((name, ask) for name, ask in forms() if text in name):
        times = []
        for _ in range(rounds):
            start = now()
            answer = ask(client)
            times.append(now() - start)
        with CaptureQueriesContext(connection) as asked:
            ask(client)
        if answer.status_code not in (200, 409, 422):
            raise SystemExit(f"{answer.status_code} for {name}")
        slow += min(times) > SECONDS
        word = "met" if min(times) <= SECONDS else "NOT MET"
        print(f"{word:<8}{name:<52}{min(times):>7.2f} s, {len(asked)} queries", flush=True)
    client.logout()
    return int(slow > 0)


def forms() -> Iterator[tuple[str, Ask]]:
    """What each asks; the widest of the demo where there is a choice."""
    yield from assignments()
    yield from places()
    yield from things()
    yield from switches()


def switches() -> Iterator[tuple[str, Ask]]:
    from rbac.switches import SwitchKey  # noqa: PLC0415  set up by now

    for key in (SwitchKey.TERMINAL_AND_SCRIPTS, SwitchKey.GREAT_POWER_MFA):
        yield (
            f"switch: {key.value}",
            get("rbac:switch-change", {"key": key, "enabled": key == SwitchKey.GREAT_POWER_MFA}),
        )


def assignments() -> Iterator[tuple[str, Ask]]:
    from django.db.models import Count, Q  # noqa: PLC0415  set up by now

    from accounts.models import Group, User  # noqa: PLC0415
    from rbac.models import Role  # noqa: PLC0415
    from rbac.permissions import Permission  # noqa: PLC0415

    live = Q(memberships__ended_at=None)
    group = Group.objects.filter(removed_at=None).annotate(size=Count("memberships", filter=live)).order_by("-size")[0]
    role = Role.objects.get(key="msp_user")
    said = {
        "role": role.pk,
        "effect": "allow",
        "scope": "owner",
        "computer_scope": "all",
        "starts": "now",
        "ends": "never",
    }
    yield f"assignment for a group of {group.size:,}", get("rbac:group-assignment-create", {"pk": group.pk}, **said)
    person = User.objects.able_to_act().exclude(memberships__group=group).order_by("-pk")[0]
    yield "member of that group", get("accounts:membership-create", {"pk": group.pk}, user=person.pk, ends="never")
    used = Role.objects.filter(key=None).annotate(size=Count("assignments")).order_by("-size")[0]
    more = sorted({*used.permissions, *(each.value for each in Permission if not each.spec.msp_only)})
    body = {"name": used.name, "description": used.description, "permissions": more, "version": used.version}
    yield f"custom role with {used.size:,} assignments", post("rbac:role-edit", {"pk": used.pk}, **body)
    heavy = User.objects.able_to_act().annotate(size=Count("role_assignments")).order_by("-size")[0]
    yield (
        f"leaving, with {heavy.size} assignments",
        get("accounts:user-leave", {"pk": heavy.pk}, everything=person.pk, fill=1),
    )


def places() -> Iterator[tuple[str, Ask]]:
    from django.db.models import Count  # noqa: PLC0415  set up by now

    from rbac.models import RoleAssignment  # noqa: PLC0415
    from tenancy.models import Tenant  # noqa: PLC0415

    msp = Tenant.objects.filter(is_msp=True).annotate(size=Count("children")).order_by("-size", "pk")[0]
    other = Tenant.objects.filter(is_msp=True).exclude(path__contains=[msp.pk]).order_by("pk")[0]
    below = Tenant.objects.filter(parent=msp).annotate(size=Count("children")).order_by("-size", "pk")[0]
    named = RoleAssignment.objects.unended().filter(tag__tenant=None).exclude(tag=None).order_by()
    tag = named.values("tag").annotate(size=Count("pk")).order_by("-size")[0]
    of = {"pk": msp.pk}
    yield (
        f"tag on a tenant; {tag['size']} assignments name it",
        get("tenancy:tenant-tags", {"pk": below.pk}, chosen=1, tags=tag["tag"]),
    )
    yield (
        f"move a tenant with {below.size} below",
        get("tenancy:tenant-move", {"pk": below.pk}, chosen=1, parent=other.pk),
    )
    yield f"MSP flag of a tenant with {msp.size:,} below", get("tenancy:tenant-msp", of)
    yield "deactivate that tenant", get("tenancy:tenant-deactivate", of)


def things() -> Iterator[tuple[str, Ask]]:
    from accounts.models import User  # noqa: PLC0415  set up by now
    from accounts.services import values_of  # noqa: PLC0415
    from computers.models import Computer  # noqa: PLC0415
    from immyrbac.versions import version_of  # noqa: PLC0415
    from tenancy.models import Tenant  # noqa: PLC0415

    computer = Computer.objects.live().filter(tenant__name="Fabrikam", type="workstation").order_by("name")[0]
    said = {"version": computer.updated_at.isoformat()}
    yield "type of a computer", post("computers:computer-type", {"pk": computer.pk}, **said, type="server")
    other = Tenant.objects.get(name="Northwind Traders")
    yield "move a computer", post("computers:computer-move", {"pk": computer.pk}, **said, tenant=other.pk)
    user = User.objects.get(email="grace.kim@fabrikam.example")  # by what the bench of load leaves as it is
    body = {"name": user.name, "email": user.email, "tenant": other.pk, "version": version_of(values_of(user))}
    yield "home of a person", post("accounts:user-edit", {"pk": user.pk}, **body)


def get(route: str, of: dict[str, Any], **said: Any) -> Ask:
    from django.urls import reverse  # noqa: PLC0415  set up by now

    address = f"{reverse(route, kwargs=of)}?{urlencode(said, doseq=True)}"
    return lambda client: client.get(address)


def post(route: str, of: dict[str, Any], **said: Any) -> Ask:
    from django.urls import reverse  # noqa: PLC0415  set up by now

    address = reverse(route, kwargs=of)
    return lambda client: client.post(address, said)


if __name__ == "__main__":
    sys.exit(main())
