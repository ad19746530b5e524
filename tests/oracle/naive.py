"""Design section 3 (with 4 for `holds` and 7 for switches), as literal and as dumb as it goes.

Nothing here is shared with the engine. Speed does not matter, only that each line can be held against its sentence.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.catalogue import BUILT_IN, CATALOGUE, permissions_of
from tests.oracle.world import (
    INSTANCE,
    Assignment,
    Computer,
    Group,
    Ref,
    Share,
    User,
    World,
    below,
    msp_of,
    objects,
    reference,
    tenant_of,
    user_of,
)

VIEW = {
    "tenant": "tenants:view",
    "user": "users:view",
    "group": "groups:view",
    "role": "roles:view",
    "tag": "tags:view",
    "computer": "computers:view",
    "script": "scripts:view",
}

# Section 7: (key, default, suspends while, permissions, roles that keep them).
DEPLOYMENTS = "allow_non_admins_to_manage_deployments"
TERMINAL = "allow_non_admins_and_non_msp_users_to_use_terminal_and_edit_scripts"
REQUESTS = "require_change_requests"
SWITCHES = [
    (
        DEPLOYMENTS,
        True,
        False,
        {"deployments:manage_individual", "deployments:manage_single_tenant"},
        {"msp_administrator", "tenant_administrator", "deployment_manager"},
    ),
    (
        TERMINAL,
        True,
        False,
        {"computers:use_terminal", "scripts:run", "scripts:manage"},
        {"msp_administrator", "script_manager", "computer_terminal_user"},
    ),
    (
        REQUESTS,
        False,
        True,
        {"deployments:manage_cross_tenant"},
        {"msp_administrator", "cross_tenant_deployment_manager"},
    ),
    (
        REQUESTS,
        False,
        False,
        {"deployments:manage_change_requests"},
        {"msp_administrator", "cross_tenant_deployment_change_requester"},
    ),
    ("enable_impersonation", False, False, {"users:impersonate"}, set()),
]
TENANT_SWITCHES = (DEPLOYMENTS, TERMINAL)
SWITCHED = {
    permission for key, _, _, permissions, _ in SWITCHES if key in TENANT_SWITCHES for permission in permissions
}
"""What a tenant may stop on its own objects."""


@dataclass(frozen=True)
class Question:
    """One question, already brought to its tenant (none is the instance) and its computer, if it has one."""

    world: World
    user: User
    permission: str
    t: datetime
    tenant: str | None = None
    computer: Computer | None = None


def question(world: World, email: str, permission: str, ref: Ref, t: datetime) -> Question:
    """The objects table: what a question about this object is asked on."""
    user = user_of(world, email)
    if ref is INSTANCE:
        return Question(world, user, permission, t)
    kind, _, name = ref.partition(":")
    computer = next((c for c in world["computers"] if kind == "computer" and reference(c) == name), None)
    return Question(world, user, permission, t, tenant_of_object(world, kind, name), computer)


def can(world: World, email: str, permission: str, ref: Ref, t: datetime) -> bool:
    """May this user do this on this object at this instant?"""
    asked = question(world, email, permission, ref, t)
    if not may_act(world, asked.user, t):
        return False
    if shares_matching(asked, ref) and not denied(asked):
        return True
    kind, _, name = (ref or "").partition(":")
    if ref is INSTANCE or permission != VIEW[kind]:
        return bare(asked)
    if kind == "role" and asked.tenant is not None:
        return any(bare(Question(world, asked.user, permission, t, place)) for place in below(world, asked.tenant))
    if kind in ("role", "tag", "script") and asked.tenant is None:
        return holds_by_role(world, email, permission, t)
    if kind == "group" and asked.tenant is None:
        group = next(g for g in world["groups"] if reference(g) == name)
        if is_member(group, asked.user, t):
            return holds(world, email, permission, t)
    return bare(asked)


def needed_to_see(assignment: Assignment) -> list[tuple[str, Ref]]:
    """The objects table: an assignment is seen with its principal and its scope. All of these must be allowed."""
    found: list[tuple[str, Ref]] = []
    if assignment.get("user"):
        found.append(("users:view", f"user:{assignment['user']}"))
    if assignment.get("group"):
        found.append(("groups:view", f"group:{assignment['group']}"))
    if assignment["scope"] == "owner":
        found.append(("users:view", INSTANCE))
    if assignment.get("tenant"):
        found.append(("tenants:view", f"tenant:{assignment['tenant']}"))
    if assignment.get("computer"):
        found.append(("computers:view", f"computer:{assignment['computer']}"))
    tags = [assignment.get("tag"), assignment.get("computer_tag")]
    return found + [("tags:view", f"tag:{tag}") for tag in tags if tag]


def paths(world: World, email: str, permission: str, ref: Ref, t: datetime) -> tuple[int, int]:
    """How many assignments give this by the bare rule, and how many take it."""
    asked = question(world, email, permission, ref, t)
    if not may_act(world, asked.user, t):
        return 0, 0
    allows = [a for a in world["assignments"] if matches(asked, a, "allow")]
    denies = [a for a in world["assignments"] if matches(asked, a, "deny")]
    return len(allows) + len(shares_matching(asked, ref)), len(denies)


def shares_matching(asked: Question, ref: Ref) -> list[Share]:
    """Live shares of exactly this item with the user, which no switch suspends; a share has no role."""
    return [
        share
        for share in asked.world.get("shares", [])
        if (share["user"], share["permission"]) == (asked.user["email"], asked.permission)
        and f"script:{share['script']}" == ref
        and before(asked.t, share.get("expires_at"))
        and counts_for(asked.world, asked.user, asked.permission)
        and not suspended(asked.world, {"role": "none"}, asked.permission, asked.tenant)
    ]


def scope(world: World, email: str, permission: str, kind: str, t: datetime) -> set[str]:
    """Every object of the kind on which the user may do this."""
    return {ref for ref in objects(world, kind, list(BUILT_IN.values())) if can(world, email, permission, ref, t)}


def who_can(world: World, permission: str, ref: Ref, t: datetime) -> set[str]:
    """Every user who may do this on the object."""
    return {user["email"] for user in world["users"] if can(world, user["email"], permission, ref, t)}


def holds(world: World, email: str, permission: str, t: datetime) -> bool:
    """Design 4: some live, unsuspended, not inert allow of p or share, and no deny of p at owner / all computers."""
    user = user_of(world, email)
    if not may_act(world, user, t) or denied(Question(world, user, permission, t)):
        return False
    return holds_by_role(world, email, permission, t) or any(
        (share["user"], share["permission"]) == (email, permission)
        and before(t, share.get("expires_at"))
        and counts_for(world, user, permission)
        and not suspended(world, {"role": "none"}, permission, None)
        for share in world.get("shares", [])
    )


def holds_by_role(world: World, email: str, permission: str, t: datetime) -> bool:
    """Design 4: some live, unsuspended, not inert allow of p, and no deny of p at owner / all computers."""
    user = user_of(world, email)
    if not may_act(world, user, t) or denied(Question(world, user, permission, t)):
        return False
    for assignment in world["assignments"]:
        if effect_of(assignment) == "allow" and gives(world, assignment, user, permission, t):
            if not counts_for(world, user, permission):
                continue
            if not suspended(world, assignment, permission, None):
                return True
    return False


def may_act(world: World, user: User, t: datetime) -> bool:
    """The user and their home tenant are active, their access has not expired."""
    if not on(user) or not on(tenant_of(world, user["tenant"])):
        return False
    return before(t, user.get("access_expires_at"))


def bare(question: Question) -> bool:
    """At least one allow grant matches, and no deny grant matches."""
    allowed = any(matches(question, assignment, "allow") for assignment in question.world["assignments"])
    return allowed and not denied(question)


def denied(question: Question) -> bool:
    """Some deny grant matches."""
    return any(matches(question, assignment, "deny") for assignment in question.world["assignments"])


def matches(asked: Question, assignment: Assignment, effect: str) -> bool:
    """The five points of the rule for one grant of this effect."""
    if effect_of(assignment) != effect:
        return False
    if not gives(asked.world, assignment, asked.user, asked.permission, asked.t):
        return False
    if not covers_tenant(asked.world, assignment, asked.user, asked.tenant):
        return False
    if not covers_computer(assignment, asked.computer):
        return False
    if effect == "deny":
        return True
    if not counts_for(asked.world, asked.user, asked.permission):
        return False
    return not suspended(asked.world, assignment, asked.permission, asked.tenant)


def effect_of(assignment: Assignment) -> str:
    """Allow, where nothing is said."""
    return assignment.get("effect", "allow")


def gives(world: World, assignment: Assignment, user: User, permission: str, t: datetime) -> bool:
    """The role holds the permission, the assignment is live and reaches the user, the permission is not inert in it."""
    if permission not in permissions_in(world, assignment["role"]):
        return False
    if not live(assignment, t) or not reaches(world, assignment, user, t):
        return False
    return not inert(assignment, permission)


def permissions_in(world: World, name: str) -> AbstractSet[str]:
    """What a role lists."""
    for key, built_in in BUILT_IN.items():
        if name == built_in:
            return permissions_of(key)
    return set(next(role for role in world["roles"] if reference(role) == name)["permissions"])


def live(assignment: Assignment, t: datetime) -> bool:
    """`starts_at <= t < expires_at`, null is no bound."""
    starts_at = assignment.get("starts_at")
    started = starts_at is None or datetime.fromisoformat(starts_at) <= t
    return started and before(t, assignment.get("expires_at"))


def before(t: datetime, end: str | None) -> bool:
    """Null is no bound; at the end itself it is over."""
    return end is None or t < datetime.fromisoformat(end)


def reaches(world: World, assignment: Assignment, user: User, t: datetime) -> bool:
    """Directly, or through a group with a live membership."""
    if assignment.get("user") == user["email"]:
        return True
    for group in world.get("groups", []):
        if reference(group) == assignment.get("group") and is_member(group, user, t):
            return True
    return False


def is_member(group: Group, user: User, t: datetime) -> bool:
    """A membership that has not run out."""
    for member in group.get("members", []):
        if isinstance(member, str):
            if member == user["email"]:
                return True
        elif member["user"] == user["email"] and before(t, member["expires_at"]):
            return True
    return False


def inert(assignment: Assignment, permission: str) -> bool:
    """Points 2 and 3: what a narrowed scope leaves without effect."""
    narrowed = assignment.get("computer_scope", "all") != "all"
    scoping = CATALOGUE[permission].scoping
    if scoping == "system":
        return narrowed or assignment["scope"] != "owner"
    return narrowed and scoping != "computer"


def covers_tenant(world: World, assignment: Assignment, user: User, tenant: str | None) -> bool:
    """The table of tenant scopes; no tenant is the instance."""
    scope_kind = assignment["scope"]
    if scope_kind == "owner":
        return True
    if tenant is None:
        return False
    if scope_kind == "msp":
        return msp_of(world, tenant) == assignment["tenant"]
    if scope_kind == "tag":
        return assignment["tag"] in tenant_of(world, tenant).get("tags", [])
    root = user["tenant"] if scope_kind == "own_tenant" else assignment["tenant"]
    assert scope_kind in ("tenant", "own_tenant")
    assert root is not None
    return tenant in below(world, root) if assignment.get("include_children") else tenant == root


def covers_computer(assignment: Assignment, computer: Computer | None) -> bool:
    """The table of computer scopes; asked without a computer only `all` covers."""
    computer_scope = assignment.get("computer_scope", "all")
    if computer_scope == "all":
        return True
    if computer is None:
        return False
    if computer_scope == "computer":
        return assignment["computer"] == reference(computer)
    if computer_scope == "tag":
        return assignment["computer_tag"] in computer.get("tags", [])
    assert computer_scope == "type"
    wanted = assignment["computer_type"]
    if wanted == "workstations_and_portables":
        return computer["type"] in ("workstation", "portable")
    if wanted == "servers":
        return computer["type"] == "server"
    assert wanted == "domain_controllers"
    return computer["type"] == "domain_controller"


def counts_for(world: World, user: User, permission: str) -> bool:
    """Point 4: an MSP-only permission counts only for users whose home tenant is an MSP."""
    return not CATALOGUE[permission].msp_only or tenant_of(world, user["tenant"]).get("is_msp", False)


def suspended(world: World, assignment: Assignment, permission: str, tenant: str | None) -> bool:
    """Point 5: a switch of the instance, or one that the object's own tenant has tightened."""
    for key, default, suspending, permissions, kept_by in SWITCHES:
        if permission not in permissions or assignment["role"] in {BUILT_IN[role] for role in kept_by}:
            continue
        if world.get("switches", {}).get(key, default) == suspending:
            return True
        for own in world.get("tenant_switches", []):
            if own["tenant"] == tenant and own["key"] == key and key in TENANT_SWITCHES and not own["enabled"]:
                return True
    return False


def tenant_of_object(world: World, kind: str, name: str) -> str | None:
    """The objects table: the tenant that a question about the object is asked on, none for the instance's."""
    if kind == "tenant":
        return name
    if kind == "user":
        return user_of(world, name)["tenant"]
    return name.partition("/")[0] if "/" in name else None


def on(thing: User | object) -> bool:
    """`is_active`, true where nothing is said."""
    assert isinstance(thing, dict)
    return thing.get("is_active") is not False
