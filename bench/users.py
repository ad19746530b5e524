"""The users whom the benches ask about: one for each kind of scope that costs something of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from computers.models import Computer
from rbac.models import Role, RoleAssignment
from tenancy.models import Tag, Tenant


@contextmanager
def rolled_back_users() -> Iterator[list[tuple[str, User, list[Computer]]]]:
    """(name, user, fifty computers of the estate) each; gone when the block ends."""
    computers = list(Computer.objects.order_by("?")[:50])
    msp = Tenant.objects.filter(is_msp=True).annotate(size=Count("children")).latest("size")
    tag = Tag.objects.annotate(bearers=Count("tenants")).latest("bearers")
    computer_tag = Tag.objects.annotate(bearers=Count("computers")).latest("bearers")
    kinds = {
        "owner": [{"scope": "owner"}],
        "MSP technician": [{"scope": "msp", "tenant": msp}],
        "tag technician": [{"scope": "tag", "tag": tag}],
        "three tenants": [{"scope": "tenant", "tenant": tenant} for tenant in Tenant.objects.all()[:3]],
        "ten computers and a tag (narrowed)": [
            *(_one(computer) for computer in computers[:10]),
            {"scope": "owner", "computer_scope": "tag", "computer_tag": computer_tag},
        ],
        "allow MSP, deny tag": [{"scope": "msp", "tenant": msp}, {"scope": "tag", "tag": tag, "effect": "deny"}],
        "with children": [{"scope": "tenant", "tenant": msp, "include_children": True}],
    }
    role = Role.objects.get(key="msp_user")
    with transaction.atomic():
        found = []
        for number, (name, scopes) in enumerate(kinds.items()):
            user = User.objects.create(email=f"bench{number}@bench.invalid", name=name, tenant=msp)
            for scope in scopes:
                RoleAssignment.objects.create(user=user, role=role, **scope)
            found.append((name, user, computers))
        yield found
        transaction.set_rollback(True)


def _one(computer: Computer) -> dict[str, object]:
    return {"scope": "tenant", "tenant": computer.tenant, "computer_scope": "computer", "computer": computer}
