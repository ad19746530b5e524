"""What somebody sees who means to try something: whom they conspire with, and things that are worth a try."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from accounts.models import Group, GroupMembership, User
from rbac.access import access_for
from rbac.models import Effect, Role, RoleAssignment
from rbac.objects import rows_of
from rbac.permissions import ASSIGN_PERMISSIONS, Permission
from tenancy.models import Tag, Tenant, TenantScopeKind
from tests.escalation.worlds import ENDS

RESILIENT = "script_manager"
"""A small role that keeps what a switch takes from the roles of most (design 7)."""

AnyModel = TypeVar("AnyModel", bound=Model)


class NothingToTry(Exception):  # noqa: N818  no error: the world has nothing for such an act
    """There is nothing of the kind."""


class Scene:
    """One moment of a sequence, as its actor finds it. Nothing here decides: it only makes good guesses likely."""

    def __init__(self, dice: Random, actor: User, coalition: Sequence[int], at: datetime, number: int) -> None:
        self.dice = dice
        self.actor = actor
        self.coalition = coalition
        self.at = at
        self.access = access_for(actor)
        self.fresh = f"new-{number}"

    # Chance

    def one_in(self, sides: int) -> bool:
        return self.dice.randrange(sides) == 0

    def one_of(self, options: Sequence[Any]) -> Any:
        if not options:
            raise NothingToTry
        return self.dice.choice(options)

    def some(self, options: Sequence[Any], most: int) -> list[Any]:
        return self.dice.sample(options, self.dice.randint(min(1, len(options)), min(most, len(options))))

    def end(self) -> datetime | None:
        return self.at + self.dice.choice(ENDS) if self.one_in(3) else None

    # Things

    def pick(self, source: type[AnyModel] | QuerySet[AnyModel], permission: Permission) -> AnyModel:
        """Mostly one on which the actor may do this."""
        rows = rows_of(source) if self.one_in(12) else self.access.scope(source, permission)
        return self.one_of(list(rows.order_by("pk")))

    def owner(self, permission: Permission) -> Tenant | None:
        return None if self.one_in(8) else self.pick(Tenant, permission)

    def person(self, within: Group | None = None) -> User:
        """Whom the actor manages, one of the coalition where there is one; with a home that the group allows."""
        people = User.objects.present()
        if within is not None and within.tenant_id is not None:
            people = people.filter(tenant__path__contains=[within.tenant_id])
        friends = people.filter(pk__in=self.coalition)
        near = self.access.scope(friends, Permission.USERS_VIEW)
        return self.pick(friends if near.exists() and not self.one_in(3) else people, Permission.USERS_VIEW)

    def somebody_else(self) -> User:
        """Mostly somebody who manages people too: whoever takes them over has won something."""
        others = User.objects.present().exclude(pk__in=self.coalition)
        rows = RoleAssignment.objects.unended().filter(role__permissions__contains=[Permission.USERS_MANAGE])
        strong = others.filter(pk__in=rows.values("user"))
        return self.pick(others if self.one_in(3) else strong, Permission.USERS_MANAGE)

    def group(self) -> Group:
        return self.pick(Group, Permission.GROUPS_MANAGE if self.one_in(2) else Permission.GROUPS_VIEW)

    def members_in(self, group: Group) -> list[User]:
        members = GroupMembership.objects.unended().filter(group=group).values("user")
        return list(User.objects.filter(pk__in=members).order_by("pk"))

    def tags_for(self, tenant: Tenant, held: Sequence[Tag]) -> list[Tag]:
        """Those that it bears, with one more or one less."""
        usable = list(Tag.objects.live().filter(Q(tenant=None) | Q(tenant__in=tenant.path)).order_by("pk"))
        changed = self.one_of(usable)
        return [tag for tag in held if tag != changed] if changed in held else [*held, changed]

    # Assignments

    def draft(self) -> RoleAssignment:
        """Mostly a piece of what the actor holds, for somebody near."""
        given = [grant.assignment_id for grant in self.access.grants if grant.allows and not grant.item]
        rows = RoleAssignment.objects.filter(pk__in=given).select_related("role").order_by("pk")
        source: RoleAssignment = self.one_of(list(rows))
        group = self.group() if self.one_in(3) else None
        role = self._role_like(source.role)
        effect = Effect.DENY if role.deny_only or self.one_in(6) else Effect.ALLOW
        return RoleAssignment(
            user=None if group else self.person(),
            group=group,
            role=role,
            effect=effect,
            reason="a try",
            expires_at=source.expires_at if self.one_in(2) else self.end(),
            starts_at=self.at + ENDS[0] / 2 if self.one_in(8) else None,
            **self._scope_like(source),
        )

    def denies(self) -> QuerySet[RoleAssignment]:
        """What keeps the coalition from something."""
        groups = GroupMembership.objects.live().filter(user__in=self.coalition).values("group")
        rows = RoleAssignment.objects.unended().filter(effect=Effect.DENY)
        return rows.filter(Q(user__in=self.coalition) | Q(group__in=groups))

    def _role_like(self, role: Role) -> Role:
        if self.one_in(2):
            return role
        if self.one_in(6):
            return Role.objects.get(key=RESILIENT)
        smaller = [each for each in Role.objects.order_by("pk") if set(each.permissions) <= set(role.permissions)]
        return self.one_of(list(Role.objects.order_by("pk"))) if self.one_in(3) else self.one_of(smaller)

    def _scope_like(self, source: RoleAssignment) -> dict[str, Any]:
        narrowed = ("computer_scope", "computer", "computer_tag", "computer_type")
        computers = {} if self.one_in(4) else {column: getattr(source, column) for column in narrowed}
        if source.scope != TenantScopeKind.OWN_TENANT and self.one_in(3):
            same = ("scope", "tenant", "tag", "include_children")
            return {column: getattr(source, column) for column in same} | computers
        kind = self._kind_of_scope()
        return {"scope": kind, **self._named_by(kind), **computers}

    def _kind_of_scope(self) -> str:
        """Mostly one that the actor may give somewhere."""
        may = [kind for kind, permission in ASSIGN_PERMISSIONS.items() if self.access.holds(permission)]
        return self.one_of(TenantScopeKind.values if self.one_in(12) else [TenantScopeKind.OWN_TENANT, *may])

    def _named_by(self, kind: str) -> dict[str, Any]:
        match kind:
            case TenantScopeKind.TENANT:
                tenant = self.pick(Tenant, ASSIGN_PERMISSIONS[kind])
                return {"tenant": tenant, "include_children": self.one_in(2)}
            case TenantScopeKind.TAG:
                return {"tag": self.one_of(list(Tag.objects.live().order_by("pk")))}
            case TenantScopeKind.MSP:
                return {"tenant": self.pick(Tenant.objects.filter(is_msp=True), ASSIGN_PERMISSIONS[kind])}
            case TenantScopeKind.OWN_TENANT:
                return {"include_children": self.one_in(2)}
        return {}
