"""*Contains*, *disjoint* (design 3) and *covers* (design 6) written down a second time, over the rows of a world.

A tenant scope or a computer scope is the part of an assignment that has its columns. Own tenant is left out: for a
known holder it is a specific tenant.
"""

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from tests.oracle.naive import (
    counts_for,
    covers_computer,
    covers_tenant,
    effect_of,
    gives,
    may_act,
    suspended,
)
from tests.oracle.world import (
    COMPUTER_TYPES,
    Assignment,
    World,
    below,
    reference,
    tenant_of,
    user_of,
)

TENANT_COLUMNS = ("scope", "tenant", "tag", "include_children")
COMPUTER_COLUMNS = ("computer_scope", "computer", "computer_tag", "computer_type")
TYPES = ("workstations_and_portables", "servers", "domain_controllers")


def tenant_scopes(world: World) -> list[Assignment]:
    """Every tenant scope that can be written in this world."""
    slugs = [tenant["slug"] for tenant in world["tenants"]]
    found: list[Assignment] = [{"scope": "owner"}]
    found += [{"scope": "msp", "tenant": slug} for slug in slugs if tenant_of(world, slug).get("is_msp")]
    found += [{"scope": "tag", "tag": reference(tag)} for tag in world["tags"]]
    found += [{"scope": "tenant", "tenant": slug} for slug in slugs]
    found += [{"scope": "tenant", "tenant": slug, "include_children": True} for slug in slugs]
    return found


def computer_scopes(world: World) -> list[Assignment]:
    """Every computer scope that can be written in this world."""
    found: list[Assignment] = [{"computer_scope": "all"}]
    found += [{"computer_scope": "computer", "computer": reference(computer)} for computer in world["computers"]]
    found += [{"computer_scope": "tag", "computer_tag": reference(tag)} for tag in world["tags"]]
    found += [{"computer_scope": "type", "computer_type": kind} for kind in TYPES]
    return found


def tenants_in(world: World, scope: Assignment) -> set[str | None]:
    """What a tenant scope covers; the instance is None."""
    nobody = world["users"][0]
    every = [None, *(tenant["slug"] for tenant in world["tenants"])]
    return {slug for slug in every if covers_tenant(world, scope, nobody, slug)}


def computers_in(world: World, scope: Assignment) -> set[str]:
    """What a computer scope covers."""
    return {reference(computer) for computer in world["computers"] if covers_computer(scope, computer)}


def grown(world: World) -> World:
    """The world with what anybody may add at no gain (design 6): a plain tenant everywhere, computers of all types."""
    later = copy.deepcopy(world)
    for tenant in world["tenants"]:
        later["tenants"].append({"slug": f"new-{tenant['slug']}", "name": "New", "parent": tenant["slug"]})
        for kind in COMPUTER_TYPES:
            later["computers"].append({"name": f"new-{kind}", "tenant": tenant["slug"], "type": kind})
    return later


def tenants_contain(world: World, outer: Assignment, inner: Assignment) -> bool:
    """Does the outer tenant scope hold all of the inner one, now and by what it is?"""
    if outer["scope"] == "owner":
        return True
    if inner["scope"] == "owner":
        return False
    by_outer: dict[str, Callable[[World, Assignment, Assignment], bool]] = {
        "msp": _msp_contains,
        "tag": _tag_contains,
        "tenant": _tenant_contains,
    }
    return by_outer[outer["scope"]](world, outer, inner)


def _msp_contains(world: World, outer: Assignment, inner: Assignment) -> bool:
    """The tenants that belong to it, its tags while every bearer does, subtrees of it without another MSP."""
    belonging = tenants_in(world, outer)
    if inner["scope"] == "msp":
        return inner == outer
    if inner["scope"] == "tag":
        owner = next(tag.get("tenant") for tag in world["tags"] if reference(tag) == inner["tag"])
        return owner == outer["tenant"] and tenants_in(world, inner) <= belonging
    slug = str(inner["tenant"])
    if slug not in belonging:
        return False
    others = [
        other for other in below(world, slug) if other != outer["tenant"] and tenant_of(world, other).get("is_msp")
    ]
    return not (inner.get("include_children") and others)


def _tag_contains(world: World, outer: Assignment, inner: Assignment) -> bool:
    """Itself and, now, its bearers."""
    if inner["scope"] == "tag":
        return inner["tag"] == outer["tag"]
    return (
        inner["scope"] == "tenant" and not inner.get("include_children") and inner["tenant"] in tenants_in(world, outer)
    )


def _tenant_contains(world: World, outer: Assignment, inner: Assignment) -> bool:
    """Itself; children contain what stands below: tenants, subtrees, MSPs, and tags owned there."""
    if not outer.get("include_children"):
        return inner["scope"] == "tenant" and not inner.get("include_children") and inner["tenant"] == outer["tenant"]
    place = inner.get("tenant")
    if inner["scope"] == "tag":
        place = next(tag.get("tenant") for tag in world["tags"] if reference(tag) == inner["tag"])
    return place in tenants_in(world, outer)


def tenants_disjoint(world: World, one: Assignment, other: Assignment) -> bool:
    """Two fixed places that do not meet, or a tag that a fixed tenant does not bear now."""
    kinds = {one["scope"], other["scope"]}
    if "owner" in kinds:
        return False
    if "tag" in kinds:
        fixed = other if one["scope"] == "tag" else one
        if fixed["scope"] != "tenant" or fixed.get("include_children"):
            return False
    return not tenants_in(world, one) & tenants_in(world, other)


def computers_contain(world: World, outer: Assignment, inner: Assignment) -> bool:
    """Everything holds all; otherwise itself and, for a tag or a type, the one computer that is in it now."""
    if outer["computer_scope"] == "all" or outer == inner:
        return True
    return inner["computer_scope"] == "computer" and inner["computer"] in computers_in(world, outer)


def computers_disjoint(world: World, one: Assignment, other: Assignment) -> bool:
    """Two types, two computers, or one computer that is not in the tag or type now."""
    kinds = {one["computer_scope"], other["computer_scope"]}
    if "all" in kinds or kinds in ({"tag"}, {"tag", "type"}):
        return False
    return one != other and not computers_in(world, one) & computers_in(world, other)


def half(scope: Assignment, columns: tuple[str, ...]) -> Assignment:
    """The tenant half or the computer half of a whole scope, without what says nothing."""
    found: Any = {key: value for key, value in scope.items() if key in columns and value}
    return cast("Assignment", found)


def contained(world: World, outer: Assignment, inner: Assignment) -> bool:
    """Whole scopes: tenants **and** computers."""
    tenants = tenants_contain(world, half(outer, TENANT_COLUMNS), half(inner, TENANT_COLUMNS))
    return tenants and computers_contain(world, half(outer, COMPUTER_COLUMNS), half(inner, COMPUTER_COLUMNS))


def apart(world: World, one: Assignment, other: Assignment) -> bool:
    """Whole scopes: tenants **or** computers."""
    tenants = tenants_disjoint(world, half(one, TENANT_COLUMNS), half(other, TENANT_COLUMNS))
    return tenants or computers_disjoint(world, half(one, COMPUTER_COLUMNS), half(other, COMPUTER_COLUMNS))


def scope_of(assignment: Assignment, home: str) -> Assignment:
    """The whole scope of an assignment for a holder with this home."""
    scope = half({"computer_scope": "all", **assignment}, TENANT_COLUMNS + COMPUTER_COLUMNS)
    return {**scope, "scope": "tenant", "tenant": home} if scope["scope"] == "own_tenant" else scope


def covers(world: World, email: str, permission: str, scope: Assignment, t: datetime) -> bool:
    """Design 6, rule 2: one grant contains the whole scope, and no deny may overlap it."""
    user = user_of(world, email)
    if not may_act(world, user, t):
        return False
    given = [a for a in world["assignments"] if gives(world, a, user, permission, t)]
    for deny in given:
        if effect_of(deny) == "deny" and not apart(world, scope_of(deny, user["tenant"]), scope):
            return False
    for allow in given:
        if effect_of(allow) == "deny" or not counts_for(world, user, permission):
            continue
        if any(suspended(world, allow, permission, place) for place in {None, *tenants_in(world, scope)}):
            continue
        if contained(world, scope_of(allow, user["tenant"]), scope):
            return True
    return False
