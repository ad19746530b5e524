"""Proposing a cross-tenant deployment and answering it, as the browser does."""

from django.urls import reverse

from accounts.models import User
from computers.deployments.models import ChangeRequest
from computers.models import Software
from tests.people import People


def said(**more) -> dict:
    software = Software.objects.get(name="Backup Agent").pk
    what = {"name": "Backup for all", "state": "installed", "software": software, "is_enabled": "on"}
    return {**what, "target": "msp", "computer_scope": "all", "note": "Everybody asks for it", **more}


def propose(client, who: User, people: People, **more):
    client.force_login(who)
    return client.post(reverse("deployments:change-request-create", args=[people.contoso.pk]), said(**more))


def answer(client, who: User, act: str, note: str = "Because"):
    client.force_login(who)
    asked = ChangeRequest.objects.get()
    return client.post(reverse(f"deployments:change-request-{act}", args=[asked.pk]), {"note": note})
