"""Worlds at random: small, dense, and valid for `load_world` (every constraint of design 8 holds in them).

`build(dice, ...)` makes one world from anything with the interface of `random.Random`; `worlds()` is the same for
Hypothesis, which then shrinks what fails; `build(random.Random(seed))` gives the same world for the same seed.
Everything a rule of design 3 speaks of occurs: nested MSPs and roots without an MSP, tags of the instance and of
tenants, one name in two tenants, homes in MSPs and customers, inactive tenants and users, every scope kind, groups
and memberships that end, deny and deny-only, both kinds of switch, and bounds just before, at and after the instant.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.oracle.catalogue import BUILT_IN, CATALOGUE, PERMISSIONS, closed
from tests.oracle.naive import REQUESTS, TENANT_SWITCHES, TERMINAL
from tests.oracle.world import (
    COMPUTER_TYPES,
    Assignment,
    Computer,
    Group,
    Member,
    Role,
    Script,
    Share,
    Tag,
    Tenant,
    TenantSwitch,
    User,
    World,
    below,
    reference,
    upwards,
)

# Later than any test runs, so that what is written now was granted before it.
INSTANT = datetime(2031, 5, 17, 12, 0, tzinfo=UTC)
BOUNDARY = [
    timedelta(hours=-1),
    timedelta(microseconds=-1),
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(hours=1),
]
LIVE = [timedelta(days=days) for days in (-3, -2, -1, 1, 2)]  # over or not as in BOUNDARY, for as long as a test takes
COARSE = LIVE[1:]

SLUGS = ("alder", "birch", "cedar", "dune", "elm", "fern", "gorse", "heath")
PEOPLE = ("ada", "ben", "cleo", "dev", "eve", "finn")
TYPE_SCOPES = ("workstations_and_portables", "servers", "domain_controllers")

# A role draws from each class alike, or the many plain tenant permissions would crowd out the rest.
COMPUTERS = [p for p in PERMISSIONS if CATALOGUE[p].scoping == "computer"]
SYSTEM = [p for p in PERMISSIONS if CATALOGUE[p].scoping == "system"]
MSP_ONLY = [p for p in PERMISSIONS if CATALOGUE[p].msp_only]
VIEWS = ["groups:view", "roles:view", "scripts:view", "tags:view", "tenants:view", "users:view"]
SWITCHED = ["scripts:manage"]
CLASSES = [COMPUTERS, SYSTEM, MSP_ONLY, VIEWS, SWITCHED, PERMISSIONS]
# A world has a theme from which each of its roles draws, so that an allow and a deny of one permission meet.
THEMES = [COMPUTERS, COMPUTERS, COMPUTERS, SWITCHED, SWITCHED, VIEWS, VIEWS, MSP_ONLY, SYSTEM, PERMISSIONS]


def worlds(
    at: datetime = INSTANT, near: list[timedelta] = BOUNDARY, *, sharing: bool = False
) -> st.SearchStrategy[World]:
    """Worlds whose bounds lie at `at` plus one of `near`; with shares or without."""
    return st.randoms(use_true_random=False).map(lambda dice: build(dice, at, near, sharing=sharing))


LATER = {
    "agents:install",
    "agents:manage",
    "agents:view",
    "deployments:manage_change_requests",
    "deployments:manage_cross_tenant",
    "deployments:manage_individual",
    "deployments:manage_single_tenant",
    "deployments:preview_targets",
    "deployments:review_change_requests",
    "deployments:view",
    "deployments:view_cross_tenant",
    *("computers:onboard", "computers:set_primary_person"),
    "computers:use_terminal",
    "scripts:run",
    "computers:reinventory",
    "computers:view_inventory",
    "computers:view_timeline",
    "schedules:manage",
    "schedules:view",
    "sessions:cancel",
    "sessions:postpone",
    "sessions:rerun",
    "sessions:run",
    "sessions:view",
    "sessions:view_logs",
    "audit:export",
    "governance:simulate_changes",
    "branding:manage",
    "branding:view",
    *("preferences:manage_tenant", "preferences:view_tenant", "dashboard:view", "dashboard:view_system"),
    "reports:export",
    "reports:view",
    "reports:view_system",
    "licenses:download",
    "licenses:manage",
    "licenses:view",
    "software:manage",
    "software:share",
    "software:view",
    "roles:manage",
    "roles:manage_public",
    "users:impersonate",
}
"""Permissions that came once seeds had been chosen."""

SHARED = ["scripts:manage", "scripts:view"]
"""What may be shared of one script."""


def seeded(seed: int, *, sharing: bool = False, now: datetime | None = None) -> World:
    """The world of this seed, the same in every run; custom roles draw from what was there when seeds were chosen.

    Shares came later, and the last thing that the dice decide. `now`: the same world, for whoever asks about this time.
    """
    at, near = (INSTANT, BOUNDARY) if now is None else (now, LIVE)
    return build(Random(seed), at, near, without=LATER, sharing=sharing)


def build(
    dice: Random,
    at: datetime = INSTANT,
    near: list[timedelta] = BOUNDARY,
    without: Collection[str] = (),
    *,
    sharing: bool = False,
) -> World:
    """One world; 3-8 tenants, 2-6 users, 1-3 groups, 2-10 computers, 5-12 assignments; no custom role has `without`.

    With `sharing` it has shares.
    """
    builder = _Builder(dice, sorted(at + distance for distance in near), without)
    world = builder.build()
    return world | {"shares": builder.shares()} if sharing else world


def row(**columns: Any) -> Any:
    """A row of the document without the keys that say nothing."""
    return {key: value for key, value in columns.items() if value is not None and value != []}


def _without(listed: list[str], some: Collection[str]) -> list[str]:
    """The same list where none of these are in it: worlds know their theme by it."""
    return listed if not set(listed) & set(some) else [each for each in listed if each not in some]


class _Builder:
    """Adds to `self.world` one list after the other, each from what is there already."""

    def __init__(self, dice: Random, moments: list[datetime], without: Collection[str] = ()) -> None:
        self.dice = dice
        self.moments = [moment.isoformat() for moment in moments]
        self.classes, themes = ([_without(each, without) for each in lists] for lists in (CLASSES, THEMES))
        self.theme = dice.choice(themes)
        self.world: World = {"tags": [], "tenants": [], "users": [], "groups": [], "roles": [], "computers": []}

    def build(self) -> World:
        """The whole document, in the order of its references."""
        self.world["tenants"] = self.tenants()
        self.world["tags"] = self.tags()
        for tenant in self.world["tenants"]:
            tenant["tags"] = self.usable_tags(tenant["slug"])
        self.world["users"] = self.users()
        self.world["groups"] = self.groups()
        self.world["roles"] = self.roles()
        self.world["computers"] = self.computers()
        self.world["scripts"] = self.scripts()
        self.world["assignments"] = self.assignments()
        self.world["switches"] = self.switches()
        self.world["tenant_switches"] = self.tenant_switches()
        return self.world

    def one_in(self, sides: int) -> bool:
        """True once in so many throws; shrinks towards false."""
        return self.dice.randint(1, sides) == sides

    def some(self, options: list[Any], least: int, most: int) -> list[Any]:
        """So many different options."""
        most = min(most, len(options))
        return self.dice.sample(options, self.dice.randint(min(least, most), most))

    def slug(self) -> str:
        """Any tenant."""
        return self.dice.choice([tenant["slug"] for tenant in self.world["tenants"]])

    def owner(self) -> str | None:
        """A tenant, or the instance."""
        return None if self.one_in(2) else self.slug()

    def moment(self, rarity: int) -> str | None:
        """A bound, once in so many throws."""
        return self.dice.choice(self.moments) if self.one_in(rarity) else None

    def tenants(self) -> list[Tenant]:
        """A forest in which MSPs stand below MSPs, below customers, and beside roots without one."""
        made: list[Tenant] = []
        for slug in SLUGS[: self.dice.choice((4, 5, 3, 4, 5, 6, 7, 8))]:
            parent = self.dice.choice(made)["slug"] if made and not self.one_in(6) else None
            made.append(
                row(
                    slug=slug,
                    name=slug.title(),
                    parent=parent,
                    is_msp=(not self.one_in(4)) if not made else self.one_in(3),
                    is_active=False if self.one_in(10) else None,
                )
            )
        return made

    def tags(self) -> list[Tag]:
        """Few names, so that one name has several owners."""
        made: dict[str, Tag] = {}
        for _ in range(self.dice.randint(2, 4)):
            tag: Tag = row(name=self.dice.choice(("gold", "lab")), tenant=self.owner())
            made[reference(tag)] = tag
        return list(made.values())

    def usable_tags(self, slug: str) -> list[str]:
        """Tags that may stand on this tenant and on its computers: the instance's, and those owned at or above it."""
        above = [None, *upwards(self.world, slug)]
        usable = [reference(tag) for tag in self.world["tags"] if tag.get("tenant") in above]
        return self.some(usable, 0, 2)

    def users(self) -> list[User]:
        """People, most of them able to act."""
        return [
            row(
                email=f"{name}@example.test",
                name=name.title(),
                tenant=self.slug(),
                is_active=False if self.one_in(10) else None,
                access_expires_at=self.moment(4),
            )
            for name in PEOPLE[: self.dice.choice((2, 3, 3, 4, 5, 6))]
        ]

    def groups(self) -> list[Group]:
        """Members have their home within the owner."""
        made: dict[str, Group] = {}
        for _ in range(self.dice.randint(1, 3)):
            group: Group = row(name=self.dice.choice(("crew", "desk")), tenant=self.owner())
            made[reference(group)] = group
        for group in made.values():
            owner = group.get("tenant")
            homes = below(self.world, owner) if owner else [tenant["slug"] for tenant in self.world["tenants"]]
            inside = [user["email"] for user in self.world["users"] if user["tenant"] in homes]
            group["members"] = [self.member(email) for email in self.some(inside, 1, 4)]
        return list(made.values())

    def member(self, email: str) -> str | Member:
        """An e-mail, or one with an end."""
        end = self.moment(4)
        return {"user": email, "expires_at": end} if end else email

    def roles(self) -> list[Role]:
        """Custom roles: closed under what they depend on, or for denying only."""
        made: dict[str, Role] = {}
        for name in ("Helper", "Keeper", "Watcher", "Stopper")[: self.dice.choice((2, 3, 3, 4))]:
            permissions = {self.dice.choice(self.dice.choice(self.classes)) for _ in range(self.dice.randint(0, 3))}
            permissions |= {self.dice.choice(self.theme) for _ in range(self.dice.randint(1, 3))}
            deny_only = self.one_in(4)
            role: Role = row(
                name=name,
                tenant=self.owner(),
                deny_only=True if deny_only else None,
                permissions=sorted(permissions if deny_only else closed(permissions)),
            )
            made[reference(role)] = role
        return list(made.values())

    def computers(self) -> list[Computer]:
        """A name is unique in its tenant only."""
        made: dict[str, Computer] = {}
        for _ in range(self.dice.randint(2, 10)):
            slug = self.slug()
            computer: Computer = row(
                name=f"pc-{self.dice.randint(1, 3)}",
                tenant=slug,
                type=self.dice.choice(COMPUTER_TYPES),
                tags=self.usable_tags(slug),
            )
            made[reference(computer)] = computer
        return list(made.values())

    def scripts(self) -> list[Script]:
        """Library items of tenants and of the instance."""
        made: dict[str, Script] = {}
        for _ in range(self.dice.randint(1, 4)):
            script: Script = row(name=self.dice.choice(("clean", "report")), tenant=self.owner(), body="exit 0")
            made[reference(script)] = script
        return list(made.values())

    def assignments(self) -> list[Assignment]:
        """Assignments over few roles, so that allows and denies of one permission meet."""
        pool: list[Role] = [*self.world["roles"]]
        keepers = ("msp_administrator", "script_manager") if self.theme is SWITCHED else ("msp_administrator",)
        pool += [{"name": BUILT_IN[key]} for key in keepers]
        pool += [{"name": name} for name in self.some(list(BUILT_IN.values()), 0, 2)]
        made: dict[tuple[object, ...], Assignment] = {}
        for _ in range(self.dice.choice((5, 6, 8, 9, 10, 11, 12))):
            assignment = self.assignment(self.dice.choice(pool))
            columns = {key: value for key, value in assignment.items() if not key.endswith("_at")}
            made[tuple(sorted(columns.items()))] = assignment
        return list(made.values())

    def assignment(self, role: Role) -> Assignment:
        """One assignment of this role."""
        effect = "deny" if role.get("deny_only") or self.one_in(3) else "allow"
        starts_at, expires_at = self.moment(6), self.moment(6)
        if starts_at and expires_at and starts_at >= expires_at:
            starts_at = None
        assignment: Assignment = row(
            **self.principal(),
            role=reference(role),
            effect=effect,
            **self.tenant_scope(),
            **self.computer_scope(),
            starts_at=starts_at,
            expires_at=expires_at,
            reason="as the dice fell",
        )
        return assignment

    def principal(self) -> dict[str, str]:
        """A user or a group."""
        if self.one_in(3):
            return {"group": reference(self.dice.choice(self.world["groups"]))}
        users = self.world["users"]
        return {"user": self.dice.choice([*users[:2], *users])["email"]}

    def tenant_scope(self) -> dict[str, Any]:
        """The columns of one tenant scope; what the world lacks falls back to a tenant."""
        kind = self.dice.choice(("tenant", "own_tenant", "msp", "tag", "owner"))
        msps = [tenant["slug"] for tenant in self.world["tenants"] if tenant.get("is_msp")]
        if kind == "owner":
            return {"scope": "owner"}
        if kind == "msp" and msps:
            return {"scope": "msp", "tenant": self.dice.choice(msps)}
        if kind == "tag":
            return {"scope": "tag", "tag": reference(self.dice.choice(self.world["tags"]))}
        children = {"include_children": True} if self.one_in(2) else {}
        if kind == "own_tenant":
            return {"scope": "own_tenant", **children}
        return {"scope": "tenant", "tenant": self.slug(), **children}

    def computer_scope(self) -> dict[str, str]:
        """The columns of one computer scope, most of them `all`."""
        everything = ["all"] * (3 if self.theme is COMPUTERS else 9)
        kind = self.dice.choice((*everything, "computer", "tag", "type", "type"))
        if kind == "computer":
            return {"computer_scope": "computer", "computer": reference(self.dice.choice(self.world["computers"]))}
        if kind == "tag":
            return {"computer_scope": "tag", "computer_tag": reference(self.dice.choice(self.world["tags"]))}
        if kind == "type":
            return {"computer_scope": "type", "computer_type": self.dice.choice(TYPE_SCOPES)}
        return {}

    def switches(self) -> dict[str, bool]:
        """The instance's own settings; what the theme is about is there more often."""
        keys = (*TENANT_SWITCHES, REQUESTS, "enable_access_requests", "enable_impersonation")
        stand = {key: self.one_in(2) for key in self.some(list(keys), 0, 5)}
        if self.theme is SWITCHED:
            stand[TERMINAL] = self.one_in(2)
        return stand

    def shares(self) -> list[Share]:
        """Some of each kind for the first people, of few scripts: so that a share and a deny of one thing meet."""
        made: dict[tuple[str, str, str], Share] = {}
        for _ in range(self.dice.randint(1, 5)):
            share: Share = row(
                user=self.dice.choice(self.world["users"])["email"],
                script=reference(self.dice.choice(self.world["scripts"])),
                permission=self.dice.choice(SHARED),
                expires_at=self.moment(3),
            )
            made[share["user"], share["script"], share["permission"]] = share
        return list(made.values())

    def tenant_switches(self) -> list[TenantSwitch]:
        """What tenants set for their own objects."""
        return [
            {
                "tenant": tenant["slug"],
                "key": self.dice.choice((TERMINAL, TERMINAL, *TENANT_SWITCHES)),
                "enabled": self.one_in(4),
            }
            for tenant in self.world["tenants"]
            if self.one_in(2 if self.theme is SWITCHED else 5)
        ]
