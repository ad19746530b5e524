"""What each question is asked about (design 3, "Objects"): where an object stands, and the facts that scopes need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, QuerySet

from accounts.models import AccessRequest, Group, IdentityProvider, Invitation, Person, User
from computers.agents.models import Enrolment
from computers.deployments.models import ChangeRequest, CrossTenantDeployment, TenantDeployment
from computers.models import LIBRARY, Computer, ComputerScopeType, ComputerTag
from computers.schedules.models import Schedule
from computers.scopes import TYPES, ComputerFacts
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.models import AuditEntry, Role, RoleAssignment, Switch
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tenancy.models import Tag, Tenant, TenantTag
from tenancy.scopes import TenantColumns, TenantFacts


class Instance:
    """What belongs to no tenant; covered by scope *owner* alone."""

    pk = None

    def __str__(self) -> str:
        return "the instance"


INSTANCE: Final = Instance()


@dataclass(frozen=True)
class ComputersOf:
    """Any computer of one type in one tenant, whatever else it is: no tag and no scope of one computer counts.

    `type` is one of `ComputerScopeType`. It can be asked about and nothing else: there is no such row.
    """

    tenant: Tenant
    type: str

    def __str__(self) -> str:
        return f"{ComputerScopeType(self.type).label.lower()} of {self.tenant}"

    @property
    def tenant_id(self) -> int:
        return self.tenant.pk

    @property
    def facts(self) -> ComputerFacts:
        """As good as those of any of them: every scope of a type takes all of its computers, or none."""
        return ComputerFacts(0, min(TYPES[self.type]))


Subject = Model | Instance | ComputersOf


BY_TENANT = TenantColumns()


@dataclass(frozen=True, slots=True)
class Kind:
    """How objects of one model name their tenant, in SQL and in memory, whether a removed one is gone,
    whether computer scopes apply to them, and whether they can only be seen (by their own rule in `rbac.access`).
    `item`: the model itself, where one of them may be shared alone.
    """

    columns: TenantColumns = BY_TENANT
    tenant_id: str = "tenant_id"
    gone_when_removed: bool = False
    has_computers: bool = False
    read_only: bool = False
    item: type[Model] | None = None


KINDS: dict[type, Kind] = {
    Tenant: Kind(TenantColumns("pk", "msp"), "pk"),
    User: Kind(),
    Person: Kind(),
    Invitation: Kind(),
    AccessRequest: Kind(TenantColumns("user__tenant")),
    IdentityProvider: Kind(),
    Group: Kind(gone_when_removed=True),
    Role: Kind(gone_when_removed=True),
    Tag: Kind(gone_when_removed=True),
    Computer: Kind(TenantColumns("tenant", "msp"), has_computers=True),
    ComputersOf: Kind(has_computers=True),
    **{model: Kind(item=model) for model in LIBRARY},
    Enrolment: Kind(),
    TenantDeployment: Kind(),
    CrossTenantDeployment: Kind(),
    ChangeRequest: Kind(),
    Schedule: Kind(),
    AuditEntry: Kind(read_only=True),
    RoleAssignment: Kind(read_only=True),
    Instance: Kind(tenant_id="pk"),
}
"""Every kind of object that may be asked about. Anything else: the answer is no."""


def view_of(model: type[Model]) -> Permission:
    """The permission by which objects of the model are seen."""
    view: Permission = model.VIEW  # type: ignore[attr-defined]  # each model of KINDS names its own
    return view


def rows_of(source: type[Model] | QuerySet[Any]) -> QuerySet[Any]:
    """The rows of a model, or of a queryset of it, that exist for the product: without removed groups and tags."""
    queryset = source if isinstance(source, QuerySet) else source._default_manager.all()  # noqa: SLF001  any model
    kind = KINDS[queryset.model]
    return queryset.filter(removed_at=None) if kind.gone_when_removed else queryset


class Facts:
    """Facts of tenants and computers that one Access has looked up; they live as long as it does, one request."""

    def __init__(self) -> None:
        self.tenants: dict[int, TenantFacts] = {}
        self.switched_off: dict[int, frozenset[SwitchKey]] = {}
        self.computers: dict[int, ComputerFacts] = {}

    def learn_tenants(self, ids: Iterable[int]) -> None:
        """One query, none where all are known."""
        if missing := set(ids) - self.tenants.keys():
            for row in _tenants().rows({-1: [*missing]}):
                self._keep_tenant(*row)
            for orphan in missing - self.tenants.keys():
                self.tenants[orphan] = TenantFacts(orphan)
                self.switched_off[orphan] = frozenset()

    def learn_computers(self, ids: Iterable[int]) -> None:
        """One query, which brings their tenants as well; none where all are known."""
        if missing := set(ids) - self.computers.keys():
            for pk, kind, tag_ids, *tenant in _computers().rows({-1: [*missing]}):
                self.computers[pk] = ComputerFacts(pk, kind, frozenset(tag_ids))
                self._keep_tenant(*tenant)

    def of(self, obj: Subject) -> tuple[TenantFacts | None, ComputerFacts | None]:
        """Where the object stands; at most one query."""
        tenant_id = getattr(obj, KINDS[obj.__class__].tenant_id)
        if isinstance(obj, Computer):
            self.learn_computers([obj.pk])
        elif tenant_id is not None:
            self.learn_tenants([tenant_id])
        computer = self.computers.get(obj.pk) if isinstance(obj, Computer) else getattr(obj, "facts", None)
        return None if tenant_id is None else self.tenants[tenant_id], computer

    def _keep_tenant(self, pk: int, msp_id: int | None, path: list[int], tags: list[int], off: list[str]) -> None:
        self.tenants[pk] = TenantFacts(pk, msp_id, tuple(path), frozenset(tags))
        self.switched_off[pk] = frozenset(SwitchKey(key) for key in off)


@cache
def _tenants() -> Statement:
    rows = Tenant.objects.filter(any_of("pk", [-1])).order_by()
    return Statement(rows.values_list(*_tenant_columns("", "pk")), planned_once=True)


@cache
def _computers() -> Statement:
    tags = ArraySubquery(ComputerTag.objects.filter(computer=OuterRef("pk")).values("tag_id"))
    rows = Computer.objects.filter(any_of("pk", [-1])).order_by()
    return Statement(rows.values_list("pk", "type", tags, *_tenant_columns("tenant__", "tenant_id")), planned_once=True)


def _tenant_columns(prefix: str, pk: str) -> tuple[Any, ...]:
    tags = TenantTag.objects.filter(tenant=OuterRef(pk)).values("tag_id")
    off = Switch.objects.filter(tenant=OuterRef(pk), enabled=False).values("key")
    return (pk, f"{prefix}msp_id", f"{prefix}path", ArraySubquery(tags), ArraySubquery(off))
