"""Roles, role assignments and switches of the demo world: each kind of scope and each built-in role at least once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rbac.demo.estate import GOLD, PCI, PLACES, ROUND_THE_CLOCK, SILVER, Rows
from rbac.demo.people import KNOWN, email, is_customer
from rbac.permissions import Permission, closure
from rbac.switches import SwitchKey

Columns = dict[str, Any]

NO_CHANGES = "No computer changes"
"""For denying only: whoever is denied it still sees the computers."""


def roles() -> Rows:
    field_work = {Permission.COMPUTERS_MANAGE, Permission.COMPUTERS_MANAGE_NOTES, Permission.COMPUTERS_MANAGE_TAGS}
    changes = field_work | {Permission.COMPUTERS_DELETE, Permission.COMPUTERS_CHANGE_TENANT}
    return [
        _role("Field Technician", "Edits computers, their notes and tags.", field_work, tenant="contoso"),
        _role("Script Author", "Writes scripts.", {Permission.SCRIPTS_MANAGE}),
        _role("Inventory Reader", "Reads and exports the inventory.", {Permission.COMPUTERS_EXPORT}),
        _role("Warehouse Lead", "Keeps notes on scanners.", {Permission.COMPUTERS_MANAGE_NOTES}, tenant="fabrikam"),
        _role(NO_CHANGES, "Leaves computers as they are.", changes, deny_only=True),
        _role("No scripts", "Keeps hands off scripts.", {Permission.SCRIPTS_MANAGE}, tenant="contoso", deny_only=True),
    ]


def _role(
    name: str, description: str, permissions: set[Permission], *, tenant: str | None = None, deny_only: bool = False
) -> dict[str, Any]:
    held = permissions if deny_only else closure(permissions)
    return {
        "name": name,
        "description": description,
        "tenant": tenant,
        "deny_only": deny_only,
        "permissions": sorted(map(str, held)),
    }


def assignments(now: datetime, users: Rows) -> Rows:
    return [*_of_the_msps(now), *_for_a_time(now), *_of_customers(users)]


EVERYWHERE: Columns = {"scope": "owner"}
CONTOSO: Columns = {"scope": "msp", "tenant": "contoso"}
RELECLOUD: Columns = {"scope": "msp", "tenant": "relecloud"}
FABRIKAM: Columns = {"scope": "tenant", "tenant": "fabrikam"}


def _tag(name: str) -> Columns:
    return {"scope": "tag", "tag": name}


def _type(kind: str) -> Columns:
    return {"computer_scope": "type", "computer_type": kind}


def _give(to: str, role: str, reason: str, scope: Columns, computers: Columns | None = None, **more: Any) -> Columns:
    """To one of the known people, or to a group."""
    homes = {name: email(name, PLACES[slug]) for slug, names in KNOWN.items() for name in names}
    principal = {"user": homes[to]} if to in homes else {"group": to}
    return {**principal, "role": role, "reason": reason, **scope, **(computers or {}), **more}


def _of_the_msps(now: datetime) -> Rows:
    cover = {"scope": "tenant", "tenant": "northwind"}
    return [
        _give("Jonas Lindqvist", "MSP Administrator", "Runs the operation", EVERYWHERE),
        _give("Marcus Oyelaran", "MSP Administrator", "Stands in for Jonas", EVERYWHERE),
        _give("Hugo Marchetti", "Auditor", "Internal audit", EVERYWHERE),
        _give("Nomvula Dlamini", "Inventory Reader", "Licence true-up", EVERYWHERE),
        _give("Leila Haddad", "Script Manager", "Owns the script library", CONTOSO),
        _give("Callum Reid", "MSP User", "Handover of his customers", CONTOSO, expires_at=now + timedelta(days=3)),
        _give("Oskar Nyberg", "Cross-Tenant Deployment Manager", "Patch management", CONTOSO),
        _give("Priya Raman", "MSP Administrator", "Runs Relecloud", RELECLOUD),
        _give("Dana Whitfield", "Deployment Manager", "Cover for Callum", cover, starts_at=now + timedelta(days=9)),
        _give("Dana Whitfield", "Computer Terminal User", "On-site support contract", FABRIKAM, _type("servers")),
        _give("contoso/Service Desk", "MSP User", "Round-the-clock customers", _tag(ROUND_THE_CLOCK)),
        _give("contoso/Night Shift", "Script Author", "Fixes at night", _tag(SILVER)),
        _give("contoso/Fabrikam Onsite", "MSP User", "Seated at Fabrikam", FABRIKAM, include_children=True),
        _give("contoso/Deployment Crew", "Cross-Tenant Deployment Change Requester", "Roll-outs", _tag(GOLD)),
        _give("relecloud/Support", "MSP User", "Relecloud's customers", RELECLOUD),
    ]


def _for_a_time(now: datetime) -> Rows:
    """What ends soon, or has: narrow, with a reason of its own."""
    technician, freeze = "contoso/Field Technician", "Change freeze CHG-4471 until the migration is signed off"
    tier_0 = {"computer_scope": "tag", "computer_tag": "Tier 0"}
    one = {"computer_scope": "computer", "computer": "fabrikam/FAB-SQL02"}
    tonight, tomorrow, week, fortnight = (now + timedelta(hours=hours) for hours in (6, 24, 8 * 24, 14 * 24))
    litware, over = {"scope": "tenant", "tenant": "litware"}, now - timedelta(days=20)
    controllers = {**_type("domain_controllers"), "include_children": True, "effect": "deny"}
    return [
        _give("Dana Whitfield", NO_CHANGES, freeze, FABRIKAM, controllers, expires_at=week),
        _give("Sunniva Berg", technician, "Patch window tonight", CONTOSO, tier_0, expires_at=tonight),
        _give("Tariq Aziz", technician, "Disk replacement INC-20931", FABRIKAM, one, expires_at=tomorrow),
        _give("Tariq Aziz", "MSP User", "Holiday cover", litware, expires_at=over),
        _give(
            *("Contractors", technician, "Laptop refresh INC-20877"),
            *(_tag(GOLD), _type("workstations_and_portables")),
            expires_at=fortnight,
        ),
        _give("Contractors", "Tenant User", "Card terminal survey", _tag(PCI), expires_at=fortnight),
        _give("Contractors", "contoso/No scripts", "Not in the contract", EVERYWHERE, effect="deny"),
    ]


def _of_customers(users: Rows) -> Rows:
    """Everybody is a tenant user at home; the first of each company administers it, with all that stands below."""
    rows: Rows = []
    first: dict[str, str] = {}
    for user in users:
        if user.get("is_active", True) and "access_expires_at" not in user:
            first.setdefault(user["tenant"], user["email"])
    for place in filter(is_customer, PLACES.values()):
        staff, reason = f"{place.slug}/{place.name} staff", "Everybody at the company"
        rows.append({"group": staff, "role": "Tenant User", "scope": "own_tenant", "reason": reason})
        administrator = {"user": first[place.slug], "role": "Tenant Administrator", "reason": "Contact of the contract"}
        rows.append({**administrator, "scope": "own_tenant", "include_children": True})
    warehouse = {"computer_scope": "tag", "computer_tag": "fabrikam/Warehouse", "reason": "Runs the warehouse"}
    lead = {"user": first["fabrikam-logistics"], "role": "fabrikam/Warehouse Lead", "scope": "own_tenant"}
    return [*rows, {**lead, **warehouse}]


def tenant_switches() -> Rows:
    """Litware lets none but script managers edit its scripts."""
    return [{"tenant": "litware", "key": SwitchKey.TERMINAL_AND_SCRIPTS.value, "enabled": False}]
