"""What the product's services write to the database for one change of access, besides its audit entry, and how long."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from django.db import connection
from django.db.models import Count

from accounts.models import User
from bench.users import MSP, OWNER, TAG, Asker
from computers.models import Computer
from rbac.audit import Actor
from rbac.models import AuditEntry, Role, RoleAssignment
from rbac.services import end_assignments, grant_assignment
from tenancy.models import Tag, Tenant, TenantTag
from tenancy.services import tag_tenant

WRITTEN = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname <> %s
"""


@dataclass
class Write:
    """One kind of change. `guardian`: the rows that the same change means in its tables, for the seven users."""

    name: str
    act: Callable[[], object]
    guardian: int
    times: list[float] = field(default_factory=list)
    rows: int = 0

    def run(self) -> None:
        before, start = _written(), perf_counter()
        self.act()
        self.times.append(perf_counter() - start)
        after = _written()
        self.rows = max(self.rows, sum(count - before.get(table, 0) for table, count in after.items()))


def _written() -> dict[str, int]:
    """Rows that were inserted, changed or deleted so far, by table; what triggers write is counted too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(WRITTEN, [AuditEntry._meta.db_table])
        return dict(cursor.fetchall())


def writes_of(askers: list[Asker]) -> list[Write]:
    """Grant and end, a permission of a role on and off, a tag on a tenant put and taken: each undoes the one before."""
    by_name = {asker.name: asker for asker in askers}
    actor, technician = Actor(by_name[OWNER].user), by_name[MSP]
    assignment = RoleAssignment.objects.get(user=by_name[TAG].user)
    return [*_assignment_writes(actor, technician), *_role_edits(technician), *_taggings(actor, assignment.tag)]


def _assignment_writes(actor: Actor, technician: Asker) -> list[Write]:
    msp, given = technician.user.tenant, list[int]()
    person = User.objects.get_or_create(email="somebody@bench.invalid", defaults={"name": "Somebody", "tenant": msp})[0]
    seen = Computer.objects.filter(technician.ideals[0]).count()

    def grant() -> None:
        draft = RoleAssignment(user=person, role=technician.role, scope="msp", tenant=msp, reason="For the bench")
        given.append(grant_assignment(actor=actor, draft=draft).pk)

    def end() -> None:
        end_assignments(actor=actor, assignments=[given.pop()], reason="For the bench")

    return [Write("grant", grant, seen), Write("end", end, seen)]


def _role_edits(technician: Asker) -> list[Write]:
    """Of a role like the technician's. The bare write, until custom roles can be edited in the product."""
    msp = technician.user.tenant
    role = Role.objects.get_or_create(name="Of the bench", tenant=msp, defaults={"permissions": []})[0]
    listed, seen = technician.role.permissions, Computer.objects.filter(technician.ideals[0]).count()

    def put(permissions: list[str]) -> None:
        role.permissions = permissions
        role.save(update_fields=["permissions"])

    return [
        Write("role gains a permission", lambda: put(listed), seen),
        Write("role loses a permission", lambda: put(listed[1:]), seen),
    ]


def _taggings(actor: Actor, tag: Tag) -> list[Write]:
    """On a customer of usual size that does not bear it; one user of the seven has it for a scope."""
    bearing = TenantTag.objects.filter(tag=tag).values("tenant")
    sized = Tenant.objects.filter(is_msp=False).exclude(pk__in=bearing).annotate(size=Count("computers"))
    tenant = sized.order_by("size", "pk")[sized.count() // 2]
    borne = list(tenant.tags.all())
    return [
        Write("tag put on a tenant", lambda: tag_tenant(actor=actor, tenant=tenant, tags=[*borne, tag]), tenant.size),
        Write("tag taken from a tenant", lambda: tag_tenant(actor=actor, tenant=tenant, tags=borne), tenant.size),
    ]
