"""Which computers a deployment reaches, and whether its author may still have it happen (design 3 and 4).

Both are asked anew each time, of the rights that the author has then: nothing here is remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, Func, OuterRef, Q, QuerySet

from computers.agents.models import Agent
from computers.deployments.models import (
    OF_ONE_TENANT,
    Aimed,
    CrossTenantDeployment,
    Deployment,
    DeploymentComputer,
    State,
    Target,
    TenantDeployment,
)
from computers.models import Computer, Script, ScriptVersion
from computers.scopes import AllScope, rows_covering
from immyrbac.arrays import any_of
from rbac.access import INSTANCE, Access, access_for
from rbac.crowds import accesses_for
from rbac.objects import Facts
from rbac.permissions import Permission
from rbac.regions import Estate, Region
from tenancy.models import Tenant
from tenancy.scopes import TenantColumns

COMPUTERS = TenantColumns("tenant", "msp")
NEEDS = ("tenant", "tag", "computer_tag", "software__tenant", "script_version__script__tenant", "saved_by__tenant")
"""What words and rights of a deployment read besides its row."""

CROSSING = Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT
MANAGE = {
    Target.INDIVIDUAL: Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL,
    Target.TENANT: Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT,
}


def managing(target: str) -> Permission:
    """What saving a deployment with such a target takes."""
    return MANAGE[Target(target)] if target in OF_ONE_TENANT else CROSSING


def is_open_to(access: Access, deployment: Deployment, estate: Estate | None = None) -> bool:
    """Whether the permission of its kind is held on all that it may reach."""
    return is_held_on(access, managing(deployment.target), deployment, estate)


def is_held_on(access: Access, permission: Permission, aimed: Aimed, estate: Estate | None = None) -> bool:
    """Whether it is held where this belongs, and on all that what is for many tenants may reach."""
    if not access.can(permission, aimed.tenant or INSTANCE):
        return False
    return aimed.target in OF_ONE_TENANT or access.covers(permission, _whole(aimed), estate)


def _whole(aimed: Aimed) -> Region:
    return Region.of(aimed.tenants, AllScope())


def barrier(access: Access, deployment: Deployment, estate: Estate | None = None) -> str:
    """Why this access may not have it happen, as a sentence; empty where it may.

    A script is code of anybody's choice: it takes the right to run scripts, on each computer (`reached`).
    """
    if not is_open_to(access, deployment, estate):
        return f"This takes {managing(deployment.target).label} on all that it is for."
    if deployment.script_version and not access.holds(Permission.SCRIPTS_RUN):
        return f"This takes {Permission.SCRIPTS_RUN.label}."
    return names_what_is_seen(access, deployment)


def names_what_is_seen(access: Access, deployment: Deployment) -> str:
    """What of the things that it names this access does not see, as a sentence; empty where it sees them all."""
    version = deployment.script_version
    if deployment.software and not access.can(Permission.SOFTWARE_VIEW, deployment.software):
        return f"This takes {Permission.SOFTWARE_VIEW.label} on its software."
    if version and not access.can(Permission.SCRIPTS_VIEW, version.script):
        return f"This takes {Permission.SCRIPTS_VIEW.label} on its script."
    return names_seen_tags(access, deployment)


def names_seen_tags(access: Access, aimed: Aimed) -> str:
    """Which of its tags this access does not see, as a sentence; empty where it sees them all."""
    if not all(access.can(Permission.TAGS_VIEW, tag) for tag in (aimed.tag, aimed.computer_tag) if tag):
        return f"This takes {Permission.TAGS_VIEW.label} on its tag, which has to be in use."
    return ""


def reached(access: Access, deployment: Deployment, chosen: Collection[Computer] | None = None) -> QuerySet[Computer]:
    """The computers that it reaches by this access. `chosen` are the single ones of a deployment before it is saved."""
    return Computer.objects.none() if barrier(access, deployment) else within(access, deployment, chosen)


def within(access: Access, deployment: Deployment, chosen: Collection[Computer] | None = None) -> QuerySet[Computer]:
    """The computers of its target that this access sees, and where its script may run: whoever may have it happen."""
    runs = deployment.state == State.RUN and access.holds(Permission.SCRIPTS_RUN)
    rows = aimed_at(access, deployment, *([Permission.SCRIPTS_RUN] if runs else []))
    return rows.filter(_singled_out(deployment, chosen)) if deployment.target == Target.INDIVIDUAL else rows


def aimed_at(access: Access, aimed: Aimed, *needed: Permission) -> QuerySet[Computer]:
    """The live computers of its target that this access sees, and on which it holds each of these permissions."""
    rows = access.scope(Computer.objects.live(), Permission.COMPUTERS_VIEW)
    for permission in needed:
        rows = access.scope(rows, permission)
    return rows.filter(aimed.tenants.rows(COMPUTERS), aimed.narrowing.rows())


def _singled_out(deployment: Deployment, chosen: Collection[Computer] | None) -> Q:
    kept = DeploymentComputer.objects.filter(deployment=deployment.pk).values("computer_id")
    ids: Any = kept if chosen is None else [computer.pk for computer in chosen]
    used = Agent.objects.live().filter(computer=OuterRef("pk"), people__overlap=deployment.people)
    return Q(pk__in=ids) | Q(Exists(used)) if deployment.people else Q(pk__in=ids)


def deployments_on(computer: Computer, rows: QuerySet[Deployment] | None = None) -> list[Deployment]:
    """The enabled deployments, of these or all, that reach this computer by the rights that their authors have now.

    By name. What `reached` has as rows is asked here of one computer and in memory: at most eighteen queries, whatever
    the number of deployments and of authors.
    """
    facts = Facts()
    facts.learn_computers([computer.pk])
    if computer.deleted_at is not None or computer.pk not in facts.computers:
        return []
    every = Deployment.objects.all() if rows is None else rows
    found = list(every.filter(_aimed_to(computer, facts), is_enabled=True).select_related(*NEEDS))
    return [each for each, author in happening(found, facts) if _sees(author, each, computer)]


def happening(deployments: Collection[Deployment], facts: Facts | None = None) -> list[tuple[Deployment, Access]]:
    """Those of these whose authors may now have them happen, each with what its author may do.

    They come with what `NEEDS` names. At most ten queries, whatever the number of deployments and of authors.
    """
    facts, estate = facts or Facts(), Estate()
    facts.learn_tenants(_places(deployments))
    authors = accesses_for({each.saved_by_id for each in deployments}, facts)
    crossing = [each for each in deployments if each.target not in OF_ONE_TENANT]
    grants = {grant for each in crossing for grant in authors[each.saved_by_id].grants}
    held = (grant.region for grant in grants if CROSSING in grant.permissions)
    estate.learn([*map(_whole, crossing), *held] if crossing else [])
    return [
        (each, authors[each.saved_by_id])
        for each in deployments
        if not barrier(authors[each.saved_by_id], each, estate)
    ]


def _aimed_to(computer: Computer, facts: Facts) -> Q:
    """The deployments whose target this live computer is, whoever their authors are: `aimed_at` from its side."""
    tenant, computer_facts = facts.of(computer)
    if tenant is None:
        raise ValueError(f"A computer without a tenant: {computer.pk}")
    named = DeploymentComputer.objects.filter(computer=computer.pk).values("deployment_id")
    people = [
        name
        for names in Agent.objects.live().filter(computer=computer.pk).values_list("people", flat=True)
        for name in names
    ]
    singled = Q(pk__in=named) | (Q(people__overlap=people) if people else Q(pk__in=()))
    reaching = (
        Q(target=Target.OWNER)
        | Q(target=Target.MSP, tenant=tenant.msp_id or 0)
        | Q(target=Target.TAG) & any_of("tag_id", tenant.tag_ids)
        | Q(target=Target.CHILDREN) & any_of("tenant_id", tenant.path)
        | Q(target=Target.TENANT, tenant=tenant.id)
        | Q(target=Target.INDIVIDUAL, tenant=tenant.id) & singled
    )
    return reaching & rows_covering(computer_facts)


def _places(deployments: Iterable[Deployment]) -> set[int]:
    """The owners of these, and of what they name."""
    scripts = [each.script_version.script for each in deployments if each.script_version]
    named = [thing for each in deployments for thing in (each.software, each.tag, each.computer_tag) if thing]
    return {each.tenant_id for each in (*deployments, *scripts, *named) if each.tenant_id is not None}


def _sees(author: Access, deployment: Deployment, computer: Computer) -> bool:
    """Whether it reaches this computer of its target by the access of who may have it happen, as `within` has it."""
    runs = [Permission.SCRIPTS_RUN] if deployment.state == State.RUN else []
    return all(author.can(permission, computer) for permission in (Permission.COMPUTERS_VIEW, *runs))


def may_preview(access: Access, owner: Tenant | None) -> bool:
    """Whether the reader may be told which computers those of this owner reach."""
    return access.can(Permission.DEPLOYMENTS_PREVIEW_TARGETS, owner or INSTANCE)


def seen_by(access: Access) -> Q:
    """What leaves of deployments those that the reader sees, of both kinds."""
    kinds = (TenantDeployment, CrossTenantDeployment)
    one, many = (Q(pk__in=access.seen(kind).order_by().values("pk")) for kind in kinds)
    return one | many


def is_for(deployment: Deployment, computer: Computer) -> bool:
    """Whether it reaches this computer now, by the rights that its author has now; a paused one reaches none."""
    return deployment.is_enabled and _is_in(reached(author_of(deployment), deployment), computer)


def _is_in(rows: QuerySet[Computer], computer: Computer) -> bool:
    return rows.filter(pk=computer.pk).exists()


def author_of(deployment: Deployment) -> Access:
    """What whoever last saved it may do now."""
    return access_for(deployment.saved_by)


# What a deployment may name


def chosen_in(access: Access, tenant: Tenant, names: Collection[str]) -> list[Computer]:
    """Of these names the live computers of the tenant that the reader sees."""
    rows = access.scope(Computer.objects.live(), Permission.COMPUTERS_VIEW)
    return list(rows.filter(tenant=tenant, name__in=names))


def people_in(access: Access, tenant: Tenant, names: Collection[str]) -> set[str]:
    """Of these names those that agents report on computers of the tenant that the reader sees."""
    rows = access.scope(Computer.objects.live(), Permission.COMPUTERS_VIEW).filter(tenant=tenant).order_by()
    agents = Agent.objects.live().filter(computer__in=rows.values("pk"), people__overlap=list(names))
    return set(agents.annotate(person=Func("people", function="unnest")).values_list("person", flat=True)) & set(names)


def versions_for(access: Access, owner: Tenant | None) -> QuerySet[ScriptVersion]:
    """Every version of the scripts that a deployment of this owner may name: its own, or of the instance."""
    scripts = access.seen(Script).filter(Q(tenant=None) | Q(tenant=owner)).order_by().values("pk")
    rows = ScriptVersion.objects.filter(script__in=scripts).select_related("script__tenant")
    return rows.order_by("script__name", "-number")


def singles_of(deployment: Deployment) -> QuerySet[Computer]:
    """The live computers that it names one by one."""
    ids = DeploymentComputer.objects.filter(deployment=deployment.pk).values("computer_id")
    return Computer.objects.live().filter(pk__in=ids).order_by("name", "pk")
