"""What pages about tenants show: rows of the list and the tree; of one tenant its head, tabs and acts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from computers.models import Computer
from immyrbac.lists import Choice, Total, capped
from immyrbac.markup import when
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.access import Access
from rbac.permissions import Permission
from rbac.tag_uses import tags_that_carry_access
from tenancy.links import tenant_url
from tenancy.lists import Number, Numbers, learn_tags, numbers_of, shown_tags, standing
from tenancy.models import Tag, Tenant
from tenancy.services import tags_of
from tenancy.tree import Branch

CHILDREN = 10
"""How many tenants below one are named on its page."""


# The list and the tree


class Row(NamedTuple):
    tenant: Tenant
    status: Status
    tags: Sequence[Tag]
    numbers: Numbers


class TreeRow(NamedTuple):
    """`address` opens or closes the branch; empty where it has none, or cannot be closed."""

    branch: Branch
    status: Status
    tags: Sequence[Tag]
    numbers: Numbers
    address: str
    beyond: str


def views(request: Request, here: str) -> list[Choice]:
    """The two ways to look at the same tenants; filters go along."""
    kept = request.GET.copy()
    for name in ("sort", "rows", "after", "before", "open"):
        kept.pop(name, None)
    query = f"?{kept.urlencode()}" if kept else ""
    names = (("Tree", "tenancy:tenant-tree"), ("List", "tenancy:tenant-list"))
    return [Choice(words, reverse(name) + query, name == here) for words, name in names]


def rows_of(access: Access, tenants: Sequence[Tenant]) -> list[Row]:
    """The tenants come with their tags."""
    numbers = numbers_of(access, tenants)
    return [Row(tenant, standing(tenant), shown_tags(tenant), numbers[tenant.pk]) for tenant in tenants]


def tree_rows(request: Request, branches: Sequence[Branch], opened: Collection[int] | None) -> list[TreeRow]:
    """`opened`: which branches the address opens, in their order; None where they stay as they are."""
    tenants = [branch.tenant for branch in branches]
    learn_tags(tenants)
    numbers = numbers_of(request.access, tenants)
    return [
        TreeRow(
            branch,
            standing(branch.tenant),
            shown_tags(branch.tenant),
            numbers[branch.tenant.pk],
            "" if opened is None or branch.is_open is None else _toggled(request, opened, branch.tenant.pk),
            f"{reverse('tenancy:tenant-list')}?under={branch.tenant.pk}" if branch.is_cut else "",
        )
        for branch in branches
    ]


def _toggled(request: Request, opened: Collection[int], pk: int) -> str:
    kept: QueryDict = request.GET.copy()
    left = [each for each in opened if each != pk]
    kept.setlist("open", [str(each) for each in (left if pk in opened else [*left, pk])] or [""])
    return f"{request.path}?{kept.urlencode()}"


# One tenant


class Act(NamedTuple):
    """One act of the head's menu; `takes` is set apart in red, `is_dialog` opens over the page."""

    words: str
    icon: str
    url: str
    takes: bool = False
    is_dialog: bool = False


class Tab(NamedTuple):
    words: str
    address: str
    number: int | None
    current: bool


def tenant_page(request: Request, tenant: Tenant, tab: str) -> dict[str, Any]:
    """The context of a page about this tenant; `tab` is the URL name of the one that is open."""
    access = request.access
    tags = list(tags_of(tenant))
    return {
        "tenant": tenant,
        "status": standing(tenant),
        "tags": tags,
        "carrying": tags_that_carry_access("tenants", [tag.pk for tag in tags]),
        "parent": access.seen(Tenant).filter(pk=tenant.parent_id).first(),
        "msp": _msp(access, tenant),
        "acts": list(_acts(access, tenant)),
        "tabs": [Tab(words, address, None, current) for words, address, current in _tabs(access, tenant, tab)],
    }


def _msp(access: Access, tenant: Tenant) -> tuple[str, str] | None:
    """To whom it belongs, by name, with their page where the reader may see it; None for an MSP itself."""
    if tenant.msp is None or tenant.msp_id == tenant.pk:
        return None
    return str(tenant.msp), tenant_url(access, tenant.msp)


def _tabs(access: Access, tenant: Tenant, here: str) -> Iterator[tuple[str, str, bool]]:
    def tab(words: str, name: str) -> tuple[str, str, bool]:
        return words, reverse(name, args=[tenant.pk]), name == here

    yield tab("Details", "tenancy:tenant-detail")
    for words, name, view in (
        ("Computers", "computers:computer-list", Computer.VIEW),
        ("People", "accounts:user-list", User.VIEW),
    ):
        if access.holds(view):
            yield words, f"{reverse(name)}?tenant={tenant.pk}", False
    for words, permission, name in TABS:
        if access.can(permission, tenant):
            yield tab(words, name)


TABS = (
    ("Preferences", Permission.PREFERENCES_VIEW_TENANT, "tenancy:tenant-preferences"),
    ("Branding", Permission.BRANDING_VIEW, "tenancy:tenant-branding"),
    ("Single sign-on", Permission.USERS_MANAGE, "accounts:provider-index"),
    ("Who can touch it", Permission.GOVERNANCE_EXPLAIN_ACCESS, "tenancy:tenant-who"),
    ("History", Permission.AUDIT_VIEW, "tenancy:tenant-history"),
)
"""Those that take a permission on the tenant."""


def _acts(access: Access, tenant: Tenant) -> Iterator[Act]:
    def offered(words: str, icon: str, verb: str, **more: bool) -> Act:
        return Act(words, icon, reverse(f"tenancy:tenant-{verb}", args=[tenant.pk]), **more)

    manages = access.can(Permission.TENANTS_MANAGE, tenant)
    if manages:
        yield offered("Rename…", "edit", "edit", is_dialog=True)
    if access.can(Permission.TAGS_MANAGE, tenant):
        yield offered("Change tags…", "tags", "tags")
    if manages:
        yield offered("New tenant below…", "plus", "create")
        yield offered("Move…", "move", "move")
        yield offered("No longer an MSP…" if tenant.is_msp else "Make it an MSP…", "tenants", "msp")
    if access.can(Permission.TENANTS_CONTROL_ACTIVATION, tenant):
        if tenant.is_active:
            yield offered("Deactivate…", "suspended", "deactivate", takes=True)
        else:
            yield offered("Activate…", "play", "activate")
    if manages:
        yield offered("Delete…", "trash", "delete", takes=True, is_dialog=True)


def details(request: Request, tenant: Tenant) -> dict[str, Any]:
    """What the first tab adds: numbers with the lists that count them, what stands below, facts."""
    access = request.access
    below = _below(access, tenant)
    return {
        "figures": [(words, str(total), address, "") for words, total, address in _figures(access, tenant, below)],
        "children": list(access.seen(Tenant).filter(parent=tenant).order_by("name", "pk")[:CHILDREN]),
        "below_url": f"{reverse('tenancy:tenant-list')}?under={tenant.pk}",
        "tree_url": f"{reverse('tenancy:tenant-tree')}?{urlencode([('open', pk) for pk in tenant.path])}",
        "facts": [("Short name", tenant.slug), ("Created", when(tenant.created_at))],
    }


def held(access: Access, tenant: Tenant) -> list[tuple[str, str]]:
    """What keeps the tenant from being deleted, as far as the reader sees it: words and the list that shows it."""
    numbers = numbers_of(access, [tenant])[tenant.pk]
    below = capped(access.seen(Tenant).filter(parent=tenant))
    found: list[tuple[Number | None, str, str]] = [
        (Number(below, f"{reverse('tenancy:tenant-list')}?under={tenant.pk}"), "tenant below", "tenants below"),
        (numbers.people, "person", "people"),
        (numbers.computers, "computer", "computers"),
    ]
    return [
        (f"{number.total} {one if number.total == Total(1, capped=False) else many}", number.address)
        for number, one, many in found
        if number and number.total.count
    ]


def _below(access: Access, tenant: Tenant) -> QuerySet[Any]:
    return access.seen(Tenant).filter(path__contains=[tenant.pk]).exclude(pk=tenant.pk)


def _figures(access: Access, tenant: Tenant, below: QuerySet[Any]) -> Iterator[tuple[str, Total, str]]:
    yield "Tenants below", capped(below), f"{reverse('tenancy:tenant-list')}?under={tenant.pk}"
    whole = {"tenant__path__contains": [tenant.pk]}
    for words, model, name, live in (
        ("People", User, "accounts:user-list", {"removed_at": None}),
        ("Computers", Computer, "computers:computer-list", {"deleted_at": None}),
    ):
        if access.holds(model.VIEW):
            total = capped(access.seen(model).filter(**whole, **live))
            yield f"{words}, with all below", total, f"{reverse(name)}?tenant={tenant.pk}"
