"""Who else may do something: the rule of `rbac.access`, asked from the object's side (design 4, `who_can`)."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from accounts.models import Group, GroupMembership, User
from computers import scopes as computer_scopes
from computers.models import Computer, ComputerScopeKind, Script
from rbac.models import AuditEntry, Effect, Role, RoleAssignment, Switch
from rbac.objects import INSTANCE, KINDS, Facts, Subject
from rbac.permissions import Permission, Scoping
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import GOVERNING, keeps
from tenancy import scopes as tenant_scopes
from tenancy.models import Tag, Tenant, TenantScopeKind

NO_USER = Q(pk__in=())


def who_can(permission: str, obj: Subject, at: datetime | None = None) -> QuerySet[User]:
    """The users for whom `access_for(user, at).can(permission, obj)` says yes; unordered.

    A bounded number of queries to look up where the object stands, then one.
    """
    if permission not in Permission or obj.__class__ not in KINDS or isinstance(obj, RoleAssignment):
        return User.objects.none()
    if isinstance(obj, (Group, Tag)) and obj.removed_at is not None:
        return User.objects.none()
    question = _Question(Permission(permission), at)
    return User.objects.able_to_act(at).filter(_readers(question, obj) or question.bare(obj))


def _readers(question: _Question, obj: Subject) -> Q | None:
    """Where reading goes beyond the bare rule (design 3, "Objects", last column); None where it does not."""
    match question.permission, obj:
        case (
            (Permission.TAGS_VIEW | Permission.SCRIPTS_VIEW | Permission.ROLES_VIEW),
            (Tag() | Script() | Role()),
        ) if obj.tenant_id is None and question.permission == type(obj).VIEW:
            return question.holds()
        case Permission.ROLES_VIEW, Role():
            return reduce(or_, (question.bare(tenant) for tenant in Tenant.objects.at_or_below(obj.tenant_id or 0)))
        case Permission.GROUPS_VIEW, Group(tenant_id=None):
            members = GroupMembership.objects.live(question.at).filter(group=obj.pk)
            return question.bare(obj) | (question.holds() & Q(pk__in=members.values("user_id")))
        case Permission.AUDIT_VIEW, AuditEntry(tenant_id=None):
            return question.holds() & _Question(Permission.AUDIT_VIEW_SYSTEM, question.at).bare(INSTANCE)
    return None


class _Question:
    """One permission at one instant, as conditions on users."""

    def __init__(self, permission: Permission, at: datetime | None) -> None:
        self.permission = permission
        self.at = at
        self.facts = Facts()

    def bare(self, obj: Subject) -> Q:
        """Who the bare rule of design 3 lets do this on the object."""
        tenant_id = getattr(obj, KINDS[obj.__class__].tenant_id)
        computer = None
        if isinstance(obj, Computer):
            self.facts.learn_computers([obj.pk])
            computer = self.facts.computers.get(obj.pk)
        elif tenant_id is not None:
            self.facts.learn_tenants([tenant_id])
        place = tenant_scopes.rows_covering(
            None if tenant_id is None else self.facts.tenants[tenant_id], "home"
        ) & computer_scopes.rows_covering(computer)
        return self._allowed(place, tenant_id) & ~self._reached(Effect.DENY, place)

    def holds(self) -> Q:
        """Whose `Access.holds` says yes."""
        everywhere = Q(scope=TenantScopeKind.OWNER, computer_scope=ComputerScopeKind.ALL)
        return self._allowed(Q(), None) & ~self._reached(Effect.DENY, everywhere)

    def _allowed(self, place: Q, tenant_id: int | None) -> Q:
        allowed = self._reached(Effect.ALLOW, place & self._unsuspended(tenant_id))
        return allowed & Q(tenant__is_msp=True) if self.permission.spec.msp_only else allowed

    def _reached(self, effect: str, condition: Q) -> Q:
        """Users whom a live, not inert assignment of this effect with this permission reaches."""
        groups = GroupMembership.objects.live(self.at).filter(user=OuterRef(OuterRef("pk"))).values("group_id")
        home = ExpressionWrapper(OuterRef("tenant_id"), output_field=BigIntegerField())
        return Q(
            Exists(
                RoleAssignment.objects.live(self.at)
                .filter(Q(user=OuterRef("pk")) | Q(group__in=groups))
                .filter(effect=effect, role__permissions__contains=[self.permission.value])
                .annotate(home=home)
                .filter(condition, self._not_inert())
            )
        )

    def _not_inert(self) -> Q:
        match self.permission.spec.scoping:
            case Scoping.SYSTEM:
                return Q(scope=TenantScopeKind.OWNER, computer_scope=ComputerScopeKind.ALL)
            case Scoping.TENANT:
                return Q(computer_scope=ComputerScopeKind.ALL)
        return Q(computer_scope__in=ComputerScopeKind.values)

    def _unsuspended(self, tenant_id: int | None) -> Q:
        """Roles through which the permission flows as the switches stand, of the instance and of the tenant."""
        condition = Q(role__isnull=False)
        for key in GOVERNING.get(self.permission, ()):
            rows = Switch.objects.filter(Q(tenant=None) | Q(tenant=tenant_id), key=key)
            stands: dict[int | None, bool] = dict(rows.values_list("tenant_id", "enabled"))
            states = {stands.get(None, key.spec.default)}
            if tenant_id is not None and key.spec.tenant_may_tighten and stands.get(tenant_id) is False:
                states.add(False)
            for enabled in states:
                if not keeps(None, self.permission, key, enabled=enabled):
                    keepers = [
                        role.key for role in BUILT_IN_ROLES if keeps(role.key, self.permission, key, enabled=enabled)
                    ]
                    condition &= Q(role__key__in=keepers)
        return condition
