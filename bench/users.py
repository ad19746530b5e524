"""The users whom the benches ask about: one for each kind of scope that costs something of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.text import slugify

from accounts.models import User
from computers.models import Computer, ComputerTag
from immyrbac.arrays import any_of
from rbac.demo.estate import ROUND_THE_CLOCK
from rbac.models import Role, RoleAssignment
from tenancy.models import Tag, Tenant, TenantTag

OWNER, MSP, TAG, THREE, TEN, DENY, CHILDREN = (
    "owner",
    "MSP technician",
    "tag technician",
    "three tenants",
    "ten computers and a tag",
    "allow MSP, deny tag",
    "with children",
)


@dataclass(frozen=True)
class Asker:
    """A user, and the rows of computers that the user sees as conditions on literal ids, looked up beforehand.

    `ideals` are several ways to write the same rows: which is quickest depends on how many there are.
    """

    name: str
    user: User
    role: Role
    ideals: tuple[Q, ...] = field(repr=False)


class Given(NamedTuple):
    """What an asker is made of; `role` is a key."""

    name: str
    home: Tenant
    role: str
    scopes: list[dict[str, Any]]
    ideals: tuple[Q, ...]


def make_askers() -> list[Asker]:
    """The seven, made where they are not there yet; the tag is borne by one tenant in twenty of the demo's crowd.

    Ideals are written without the product's rule, so that the two can be held against each other.
    """
    msp = Tenant.objects.filter(is_msp=True).annotate(size=Count("children")).order_by("-size", "pk")[0]
    tag = Tag.objects.get(name=ROUND_THE_CLOCK, tenant=None)
    owner = Given(OWNER, msp, "msp_administrator", [{"scope": "owner"}], (Q(),))
    given = [owner, *_technicians(msp, tag), _of_three(msp), _of_ten(msp)]
    return [_asker(each) for each in given]


def _technicians(msp: Tenant, tag: Tag) -> list[Given]:
    """Those who see the computers of many tenants."""
    of_msp = set(Tenant.objects.filter(msp=msp).values_list("pk", flat=True))
    tagged = set(TenantTag.objects.filter(tag=tag).values_list("tenant_id", flat=True))
    below = set(Tenant.objects.filter(path__contains=[msp.pk]).values_list("pk", flat=True))
    whole = {"scope": "msp", "tenant": msp}
    but_tagged = (Q(msp=msp) & ~any_of("tenant_id", tagged & of_msp), any_of("tenant_id", of_msp - tagged))
    scopes: dict[str, tuple[list[dict[str, Any]], tuple[Q, ...]]] = {
        MSP: ([whole], (Q(msp=msp), any_of("tenant_id", of_msp))),
        TAG: ([{"scope": "tag", "tag": tag}], (any_of("tenant_id", tagged), Q(tenant__in=sorted(tagged)))),
        DENY: ([whole, {"scope": "tag", "tag": tag, "effect": "deny"}], but_tagged),
        CHILDREN: ([{"scope": "tenant", "tenant": msp, "include_children": True}], (any_of("tenant_id", below),)),
    }
    return [Given(name, msp, "msp_user", *each) for name, each in scopes.items()]


def _of_three(msp: Tenant) -> Given:
    three = list(_with_computers(msp)[:3])
    scopes = [{"scope": "tenant", "tenant": each} for each in three]
    return Given(
        THREE, msp, "msp_user", scopes, (any_of("tenant_id", [each.pk for each in three]), Q(tenant__in=three))
    )


def _of_ten(msp: Tenant) -> Given:
    """Somebody at a customer of the MSP that has ten computers and more, some of them with a tag."""
    borne = ComputerTag.objects.filter(computer__tenant__in=_with_computers(msp).values("pk"), tag__tenant=None)
    first = borne.order_by("computer__tenant_id", "tag_id").select_related("computer__tenant", "tag")[0]
    home, tag = first.computer.tenant, first.tag
    bearing = set(ComputerTag.objects.filter(tag=tag, computer__tenant=home).values_list("computer_id", flat=True))
    ten = list(Computer.objects.live().filter(tenant=home).exclude(pk__in=bearing).order_by("pk")[:10])
    one = {"scope": "tenant", "tenant": home, "computer_scope": "computer"}
    scopes = [
        *({**one, "computer": each} for each in ten),
        {"scope": "own_tenant", "computer_scope": "tag", "computer_tag": tag},
    ]
    return Given(TEN, home, "tenant_user", scopes, (any_of("id", {*bearing, *(each.pk for each in ten)}),))


def _with_computers(msp: Tenant) -> QuerySet[Tenant]:
    customers = Tenant.objects.filter(msp=msp, is_msp=False).annotate(size=Count("computers"))
    return customers.filter(size__gte=10).order_by("pk")


def _asker(given: Given) -> Asker:
    role, email = Role.objects.get(key=given.role), f"{slugify(given.name)}@bench.invalid"
    user, is_new = User.objects.get_or_create(email=email, defaults={"name": given.name, "tenant": given.home})
    if is_new:
        for scope in given.scopes:
            RoleAssignment.objects.create(user=user, role=role, **scope)
    return Asker(given.name, user, role, given.ideals)


@contextmanager
def rolled_back_users() -> Iterator[list[tuple[str, User, list[Computer]]]]:
    """(name, user, fifty computers of what the user sees) each; gone when the block ends."""
    with transaction.atomic():
        found = []
        for asker in make_askers():
            rows = Computer.objects.filter(asker.ideals[0])
            found.append((asker.name, asker.user, list(rows.order_by("?")[:50])))
        yield found
        transaction.set_rollback(True)
