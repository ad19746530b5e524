"""Tenants, their place in the tree, their tags; each act passes the gate (design 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain, count
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError, Q, QuerySet, RestrictedError
from django.db.models.functions import Now
from django.utils.text import slugify

from accounts.models import GroupMembership, User
from accounts.sessions import end_sessions
from computers.models import ComputerTag
from immyrbac.arrays import any_of
from immyrbac.versions import check_version
from immyrbac.words import counted, listed
from rbac.access import INSTANCE
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, act
from rbac.moves import Moving
from rbac.outcomes import EXACT
from rbac.permissions import Permission
from rbac.services import is_in_use
from tenancy.models import Tag, Tenant, TenantTag
from tenancy.prospects import strange_members, strangers


def create_tenant(
    *, actor: Actor, parent: Tenant | None, name: str, slug: str, tags: Collection[Tag] = (), is_msp: bool = False
) -> Tenant:
    """A tenant below another, or a root. What it bears beyond a plain tenant is judged as if it were put on later.

    Without a `slug` it gets one of its name; one that is taken is refused without a word of whose it is.
    """
    with act(actor, "tenant.created", label=name, tenant=parent.pk if parent else None) as gate:
        parent = _container(gate, parent)
        gate.require(Permission.TENANTS_MANAGE, parent or INSTANCE)
        alike = Tenant.objects.filter(parent=parent, name=name.strip())
        if twin := gate.twin("tenant.created", alike.filter(slug=slug) if slug else alike):
            return twin
        tenant = Tenant(parent=parent, name=name.strip(), slug=slug or _free_slug(name))
        tenant.clean_fields(exclude=("path", "msp"))
        if Tenant.objects.filter(slug=tenant.slug).exists():
            raise ValidationError({"slug": "This short name cannot be used. Choose another."})
        tenant.save(force_insert=True)
        tenant.refresh_from_db()
        with gate.moving(Moving(tenants=[tenant.pk])):
            Tenant.objects.filter(pk=tenant.pk).update(is_msp=is_msp)
            _put_tags(gate, tenant, tags)
        tenant.refresh_from_db()
        gate.keeping(tenant)
        gate.record(target=tenant, tenant=tenant.pk, after=_described(tenant))
    return tenant


def rename_tenant(*, actor: Actor, tenant: Tenant, name: str, version: str | None = None) -> Tenant:
    """`version` is that of the name which the actor was shown."""
    with act(actor, "tenant.renamed", target=tenant, tenant=tenant.pk) as gate:
        tenant = _managed(gate, tenant)
        before, said = {"name": tenant.name}, {"name": name.strip()}
        check_version(version, before, said)
        tenant.name = name.strip()
        tenant.clean_fields(exclude=("path", "msp"))
        tenant.save(update_fields=("name",))
        gate.record(target=tenant, tenant=tenant.pk, before=before, after=said)
    return tenant


def move_tenant(
    *, actor: Actor, tenant: Tenant, parent: Tenant | None, reason: str = "", shown: str | None = None
) -> Tenant:
    """Hang the tenant and all below it under another; tags and memberships that no longer fit end in the same act.

    `shown`, here and below: what the actor saw (Gate.showing).
    """
    with act(actor, "tenant.moved", target=tenant, tenant=tenant.pk) as gate:
        gate.showing(shown)
        tenant, parent = _managed(gate, tenant), _container(gate, parent)
        gate.require(Permission.TENANTS_MANAGE, parent or INSTANCE)
        if parent is not None and tenant.pk in parent.path:
            raise ValidationError({"parent": f"{parent} stands below {tenant}."})
        before, subtree, path = _described(tenant), _subtree(tenant), parent.path if parent else []
        left = _leave_groups(gate, subtree, path)
        with _uprooting(gate, subtree, path) as lost:
            Tenant.objects.filter(pk=tenant.pk).update(parent=parent)
        tenant.refresh_from_db()
        gate.keeping(tenant)
        place = place_of_entry((tenant.pk, before["parent_id"], parent.pk if parent else None))
        gone = {name: rows for name, rows in {**lost, "memberships": left}.items() if rows}
        gate.record(target=tenant, tenant=place, reason=reason, before=before | gone, after=_described(tenant))
    return tenant


def set_msp_flag(*, actor: Actor, tenant: Tenant, is_msp: bool, reason: str = "", shown: str | None = None) -> Tenant:
    """Make the tenant an MSP or not: whoever belongs to it changes with it, and so do MSP-only permissions at home."""
    with act(actor, "tenant.msp_flag_set", target=tenant, tenant=tenant.pk) as gate:
        gate.showing(shown)
        tenant = _managed(gate, tenant)
        before = {"is_msp": tenant.is_msp}
        people = _people(tenant) if tenant.is_msp != is_msp else set()
        gate.covering(people if tenant.is_msp else ())
        with gate.moving(Moving(tenants=_subtree(tenant))):
            Tenant.objects.filter(pk=tenant.pk).update(is_msp=is_msp)
        gate.awakening(people if is_msp else ())
        tenant.refresh_from_db()
        gate.keeping(tenant)
        gate.record(target=tenant, tenant=tenant.pk, reason=reason, before=before, after={"is_msp": is_msp})
    return tenant


def tag_tenant(
    *, actor: Actor, tenant: Tenant, tags: Collection[Tag], reason: str = "", shown: str | None = None
) -> Tenant:
    """Let the tenant bear exactly these tags; a tag that carries access moves that access with it."""
    with act(actor, "tenant.tagged", target=tenant, tenant=tenant.pk) as gate:
        gate.showing(shown)
        tenant = gate.lock(tenant)
        gate.require(Permission.TAGS_MANAGE, tenant)
        before = named(tags_of(tenant))
        with gate.moving(Moving(tenants=[tenant.pk])):
            TenantTag.objects.filter(tenant=tenant).exclude(tag__in=[tag.pk for tag in tags]).delete()
            _put_tags(gate, tenant, tags)
        gate.keeping(tenant)
        after = {"tags": named(tags_of(tenant))}
        gate.record(target=tenant, tenant=tenant.pk, reason=reason, before={"tags": before}, after=after)
    return tenant


def deactivate_tenant(*, actor: Actor, tenant: Tenant, reason: str) -> Tenant:
    """Its users are out at their next request, and their sessions end; its objects stay as they are.

    Nobody holds less by it, so that the gate has nothing to tell; the entry names who is out.
    """
    with act(actor, "tenant.deactivated", target=tenant, tenant=tenant.pk) as gate:
        tenant = gate.lock(tenant)
        gate.require(Permission.TENANTS_CONTROL_ACTIVATION, tenant)
        if people := _people(tenant):
            gate.require(Permission.USERS_MANAGE, tenant)
            gate.sending_home(people)
        Tenant.objects.filter(pk=tenant.pk).update(is_active=False)
        end_sessions(list(User.objects.filter(pk__in=people)))
        tenant.refresh_from_db()
        gate.record(target=tenant, tenant=tenant.pk, reason=reason, after=_opened(people, is_active=False))
    return tenant


def activate_tenant(*, actor: Actor, tenant: Tenant, reason: str = "") -> Tenant:
    """An act on the account of each of its users (design 6)."""
    with act(actor, "tenant.activated", target=tenant, tenant=tenant.pk) as gate:
        tenant = gate.lock(tenant)
        gate.require(Permission.TENANTS_CONTROL_ACTIVATION, tenant)
        people = _people(tenant)
        gate.covering(people, as_long=True)
        Tenant.objects.filter(pk=tenant.pk).update(is_active=True)
        tenant.refresh_from_db()
        gate.record(target=tenant, tenant=tenant.pk, reason=reason, after=_opened(people, is_active=True))
    return tenant


def delete_tenant(*, actor: Actor, tenant: Tenant, reason: str) -> None:
    """Only an empty one: no children, people, computers, scripts, groups, roles, tags, and nothing that names it."""
    with act(actor, "tenant.deleted", target=tenant, tenant=tenant.parent_id) as gate:
        tenant = _managed(gate, tenant)
        before, parent = _described(tenant), tenant.parent_id
        gone = Tenant(pk=tenant.pk, name=tenant.name)
        try:
            tenant.delete()
        except (ProtectedError, RestrictedError) as used:
            kinds = sorted({str(each._meta.verbose_name_plural) for each in used.args[1]})
            raise ValidationError(f"Only an empty tenant can be deleted. This one still has {listed(kinds)}.") from used
        gate.record(target=gone, tenant=parent, reason=reason, before=before)


# Tags


def create_tag(*, actor: Actor, tenant: Tenant | None, name: str, color: str = "") -> Tag:
    """A tag of a tenant, or of the instance; every customer sees the name of the latter."""
    with act(actor, "tag.created", label=name, tenant=tenant.pk if tenant else None) as gate:
        tenant = _container(gate, tenant)
        gate.require(Permission.TAGS_MANAGE, tenant or INSTANCE)
        tag = Tag(tenant=tenant, name=name.strip(), color=color)
        tag.full_clean()
        tag.save(force_insert=True)
        gate.keeping(tag)
        gate.record(target=tag, tenant=tag.tenant_id, after={"name": tag.name, "color": color})
    return tag


def values_of(tag: Tag) -> dict[str, object]:
    """What a form about the tag shows, for its version."""
    return {"name": tag.name, "color": tag.color}


def edit_tag(*, actor: Actor, tag: Tag, name: str, color: str, version: str | None = None) -> Tag:
    """Rename or recolour; the owner never changes, since what the tag may be put on hangs on it.

    `version` is that of the values which the actor was shown.
    """
    with act(actor, "tag.edited", target=tag, tenant=tag.tenant_id) as gate:
        tag = gate.lock(tag)
        gate.require(Permission.TAGS_MANAGE, tag.tenant or INSTANCE)
        before, said = values_of(tag), {"name": name.strip(), "color": color}
        check_version(version, before, said)
        tag.name, tag.color = name.strip(), color
        tag.full_clean()
        tag.save(update_fields=("name", "color"))
        gate.record(target=tag, tenant=tag.tenant_id, before=before, after=said)
    return tag


def remove_tag(*, actor: Actor, tag: Tag, reason: str) -> None:
    """Take the tag from all its bearers and out of use; refused while an unended assignment names it."""
    with act(actor, "tag.removed", target=tag, tenant=tag.tenant_id) as gate:
        tag = gate.lock(tag)
        gate.require(Permission.TAGS_MANAGE, tag.tenant or INSTANCE)
        if is_in_use(tag=tag.pk) or is_in_use(computer_tag=tag.pk):
            raise ValidationError("Assignments still use this tag. End them first.")
        bearers = {
            "tenants": _take_off(TenantTag.objects.filter(tag=tag), "tenant"),
            "computers": _take_off(ComputerTag.objects.filter(tag=tag), "computer"),
        }
        Tag.objects.filter(pk=tag.pk).update(removed_at=Now())
        gate.record(target=tag, tenant=tag.tenant_id, reason=reason, before={"name": tag.name, **bearers})


# Which tags


def tags_of(tenant: Tenant) -> QuerySet[Tag]:
    return tenant.tags.order_by("name", "pk")


def offered_tags(tenant: Tenant, seen: QuerySet[Tag]) -> QuerySet[Tag]:
    """What a form offers for the tenant: the tags seen that it may bear (design 2), and those that it bears."""
    usable = seen.filter(Q(tenant=None) | Q(tenant__in=tenant.path)).order_by().values("pk")
    return Tag.objects.filter(Q(pk__in=usable) | Q(pk__in=tags_of(tenant).order_by().values("pk")))


# Pieces


def _leave_groups(gate: Gate, subtree: Collection[int], path: Collection[int]) -> list[dict[str, Any]]:
    """End the memberships that do not outlive a move of the subtree below `path`; as an entry names them.

    Before anything moves: what a group denied its members, it denied where things stood then.
    """
    members = strange_members(GroupMembership.objects.unended(), subtree, path)
    with gate.touching(users=set(members.values_list("user_id", flat=True))):
        return named(members.end())


@contextmanager
def _uprooting(gate: Gate, subtree: Collection[int], path: Collection[int]) -> Iterator[dict[str, Any]]:
    """Round a move of a subtree below `path`: tags that cannot be used there fall off, and all of it is judged.

    What it gives is filled on leaving with what fell off, for audit.
    """
    lost: dict[str, Any] = {}
    strange = strangers(subtree, path)
    tagged = ComputerTag.objects.filter(strange, computer__tenant__in=subtree)
    with gate.moving(Moving(tenants=subtree, computers=set(tagged.values_list("computer_id", flat=True)))):
        yield lost
        lost["tenants"] = _take_off(TenantTag.objects.filter(strange, tenant__in=subtree), "tenant")
        lost["computers"] = _take_off(tagged, "computer")


def _take_off(links: QuerySet[Any], bearer: str) -> list[dict[str, Any]]:
    """Delete these rows of tags on bearers; each bearer by number and name, with the tags that were taken from it."""
    found: dict[int, dict[str, Any]] = {}
    columns = (f"{bearer}_id", f"{bearer}__name", "tag_id", "tag__name")
    for pk, name, tag_id, tag in links.order_by(*columns).values_list(*columns):
        lost = found.setdefault(pk, {"id": pk, "name": name, "taken": []})
        lost["taken"].append({"id": tag_id, "name": tag})
    links.delete()
    return [*found.values()]


def _free_slug(name: str) -> str:
    """Nobody else takes it before the act ends: the access lock is held."""
    slug = slugify(name)[:70].strip("-") or "tenant"
    taken = set(Tenant.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(each for each in chain([slug], (f"{slug}-{number}" for number in count(2))) if each not in taken)


def _container(gate: Gate, tenant: Tenant | None) -> Tenant | None:
    """As it stands now, or the instance."""
    return None if tenant is None else gate.lock(tenant)


def _managed(gate: Gate, tenant: Tenant) -> Tenant:
    tenant = gate.lock(tenant)
    gate.require(Permission.TENANTS_MANAGE, tenant)
    return tenant


def _subtree(tenant: Tenant) -> list[int]:
    return list(Tenant.objects.at_or_below(tenant.pk).values_list("pk", flat=True))


def _people(tenant: Tenant) -> set[int]:
    """Who has their home exactly here."""
    return set(User.objects.present().filter(tenant=tenant).values_list("pk", flat=True))


def _opened(people: Collection[int], *, is_active: bool) -> dict[str, Any]:
    """Who is out by it, or may come back, as an entry names them."""
    few = people if len(people) <= EXACT else ()
    found = User.objects.filter(any_of("pk", few)).order_by("pk")
    label = f"{counted(len(people), 'person', 'people')} may act {'again' if is_active else 'no more'}"
    told = {"ripple": {"label": label, "people": len(people)}, "reached": named(found)} if people else {}
    return {"is_active": is_active, **told}


def _put_tags(gate: Gate, tenant: Tenant, tags: Collection[Tag]) -> None:
    """Those that come must be seen by the actor; what is there may stay, whoever put it."""
    held = set(TenantTag.objects.filter(tenant=tenant).values_list("tag_id", flat=True))
    come = [tag for tag in tags if tag.pk not in held]
    for tag in come:
        gate.require(Permission.TAGS_VIEW, tag)
        if tag.tenant_id is not None and tag.tenant_id not in tenant.path:
            raise ValidationError({"tags": f"{tag} cannot be put on {tenant}."})
    TenantTag.objects.bulk_create(TenantTag(tenant=tenant, tag=tag) for tag in come)


def _described(tenant: Tenant) -> dict[str, Any]:
    return {
        "name": tenant.name,
        "slug": tenant.slug,
        "parent": str(tenant.parent) if tenant.parent else None,
        "parent_id": tenant.parent_id,
        "is_msp": tenant.is_msp,
        "tags": named(tags_of(tenant)),
    }
