"""Bringing people over from the old system, and taking that back: each one act through the gate (design 6).

A run is known by its audit entry, which names everything that it made. So there is nothing else to keep, and what is
taken back is what the log says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import GroupMembership, PasswordLink, User
from accounts.opening import account_described, close_accounts
from accounts.persons import unlink_people
from immyrbac.words import counted, listed
from rbac.access import INSTANCE
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, Refused, act
from rbac.drafts import check_draft, described, tenants_named
from rbac.flips import flipped, stands
from rbac.legacy.abilities import Preferences
from rbac.legacy.parity import parity_of
from rbac.legacy.people import OldFile
from rbac.legacy.plan import Plan, plan_of
from rbac.models import AuditEntry, RoleAssignment, Switch
from rbac.permissions import Permission
from rbac.sentences import SENTENCE_RELATIONS
from rbac.shares import users_with_shares
from rbac.switches import SwitchKey
from tenancy.models import Tenant

IMPORTED = "import.applied"
BATCH = 2000


def import_people(
    *, actor: Actor, file: OldFile, preferences: Preferences, expected_count: int | None = None
) -> AuditEntry | None:
    """Bring over everybody of the file, all or nobody; the entry is the run, None where nothing was left to do.

    `expected_count` is how many people the actor was told would gain great power. Raises ValidationError for what
    is wrong in the file, what differs without an explanation and another count; `Refused` for what this actor may not.
    """
    with act(actor, "import.applied", label=file.name) as gate:
        plan = plan_of(file.users, preferences)
        _check(file, plan, expected_count)
        if plan.is_empty:
            return None
        switches = [_flip(gate, key, enabled=preferences[key]) for key in plan.flips]
        _require(gate, plan)
        made, lapsed = _open_accounts(plan), described_all(row for person in plan.people for row in person.lapsed)
        rows = _give(gate, plan)
        gate.keeping(*made)
        after = {
            "people": counted(len(plan.people), "person", "people"),
            "sha256": file.checksum,
            "users": [_account(user) for user in made],
        }
        after |= {"assignments": described_all(rows), **_said(switches=[now for _, now in switches])}
        before = _said(assignments=lapsed, switches=[then for then, _ in switches])
        place = _place(made, rows, flips=plan.flips)
        gate.record(label=file.name, tenant=place, reason="Brought over", before=before, after=after)
    return gate.entry


def undo_import(*, actor: Actor, run: int) -> tuple[AuditEntry | None, list[str]]:
    """Take back what this run made and nobody changed since; the entry, and what is left, in sentences.

    The entry is None where nothing was left to take back. Raises ValidationError where there is no such run.
    """
    entry = AuditEntry.objects.filter(pk=run, action=IMPORTED).first()
    if entry is None:
        raise ValidationError(f"There is no run {run}.")
    with act(actor, "import.undone", label=entry.target_label, tenant=entry.tenant_id) as gate:
        left: list[str] = []
        rows, users = _rows_of(gate, entry, left), _users_of(gate, entry, left)
        switches = [_flip(gate, key, enabled=to) for key, to in _switches_of(entry, left)]
        if not (rows or users or switches):
            return None, left
        before = _said(assignments=described_all(rows), users=named(users), switches=[then for then, _ in switches])
        place = _place(users, rows, flips=switches)
        before |= unlink_people(users)
        _take(gate, rows, users)
        after = {"run": run, **_said(left=left, switches=[now for _, now in switches])}
        gate.record(label=entry.target_label, tenant=place, reason="Taken back", before=before, after=after)
    return gate.entry, left


def described_all(rows: Iterable[RoleAssignment]) -> list[dict[str, Any]]:
    return [described(row) for row in rows]


def _said(**lists: Sequence[Any]) -> dict[str, Any]:
    """What there is something of."""
    return {name: found for name, found in lists.items() if found}


def _place(users: Iterable[User], rows: Iterable[RoleAssignment], *, flips: Collection[Any]) -> int | None:
    named_by = {pk for row in rows for pk in tenants_named(row)} | {user.tenant_id for user in users}
    return place_of_entry({*named_by, None} if flips else named_by)


def _flip(gate: Gate, key: SwitchKey, *, enabled: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put the switch where it does not stand; as it was and as it is, for audit."""
    gate.require(Permission.PREFERENCES_MANAGE_SYSTEM, INSTANCE)
    gate.flipping(flipped(key, gate.now, enabled=enabled))
    Switch.objects.update_or_create(key=key, tenant=None, defaults={"enabled": enabled, "set_by": gate.actor.user})
    then, now = ({"key": key.value, "name": f"{key.label}: {'on' if on else 'off'}"} for on in (not enabled, enabled))
    return then, {**now, "enabled": enabled}


# Bringing over


def _check(file: OldFile, plan: Plan, expected_count: int | None) -> None:
    if problems := [*file.problems, *plan.problems]:
        raise ValidationError([str(problem) for problem in problems])
    if unexplained := parity_of(plan).unexplained:
        raise ValidationError([f"Differs without an explanation: {each}" for each in unexplained])
    count = len(plan.empowered)
    if count != (expected_count or 0):
        raise ValidationError(f"{counted(count, 'person', 'people')} would gain great power: --expected-count {count}.")


def _require(gate: Gate, plan: Plan) -> None:
    """The homes of newcomers are the actor's to manage users in; whoever else gets something is theirs to see."""
    homes = list({person.user.tenant_id: person.user.tenant for person in plan.newcomers}.values())
    known = [person.user.pk for person in plan.people if person.drafts and not person.is_new]
    if gate.access is None:
        return
    seen = gate.access.seen(Tenant).filter(pk__in=[home.pk for home in homes]).count()
    if seen < len(homes) or gate.access.seen(User).filter(pk__in=known).count() < len(known):
        raise Refused(["One of these tenants or people is no longer there."])
    gate.access.know(homes)
    for home in homes:
        gate.require(Permission.USERS_MANAGE, home)


def _open_accounts(plan: Plan) -> list[User]:
    """Accounts without a password; their columns were checked as the file was read."""
    made = [person.user for person in plan.newcomers]
    for user in made:
        user.password = make_password(None)
    return User.objects.bulk_create(made, batch_size=BATCH)


def _give(gate: Gate, plan: Plan) -> list[RoleAssignment]:
    drafts = plan.drafts
    for draft in drafts:
        draft.user, draft.granted_by = draft.user, gate.actor.user  # the number of a newcomer is known only now
        check_draft(draft)
    over = [row.pk for person in plan.people for row in person.lapsed]
    with gate.touching(users={draft.user_id for draft in drafts if draft.user_id is not None}):
        RoleAssignment.objects.unended().filter(pk__in=over).update(ended_at=Now(), end_reason="lapsed")
        rows = RoleAssignment.objects.bulk_create(drafts, batch_size=BATCH)
    gate.granting(rows)
    return rows


def _account(user: User) -> dict[str, object]:
    """The account as the run made it, which undoing compares with what it is then."""
    return {"id": user.pk, **account_described(user)}


# Taking back


def _rows_of(gate: Gate, entry: AuditEntry, left: list[str]) -> list[RoleAssignment]:
    """The assignments of the run that nobody ended since; Refused unless the actor sees them all."""
    made = {row["id"]: row for row in _list(entry, "assignments")}
    unended = RoleAssignment.objects.unended().filter(pk__in=made).select_for_update(of=("self",), no_key=True)
    found = list(unended.select_related("user", "group", *SENTENCE_RELATIONS).order_by("pk"))
    if gate.access:
        seen = gate.access.scope(RoleAssignment, Permission.USERS_VIEW).order_by().filter(pk__in=made).values("pk")
        shown = RoleAssignment.objects.unended().filter(Q(pk__in=seen) | Q(user=gate.access.user_id), pk__in=made)
        if shown.count() < len(found):
            raise Refused(["Some of these are not yours to see."])
    gone = made.keys() - {row.pk for row in found}
    left.extend(f"{made[pk]['principal']}: “{made[pk]['sentence']}” has ended already." for pk in sorted(gone))
    return found


def _users_of(gate: Gate, entry: AuditEntry, left: list[str]) -> list[User]:
    """The accounts of the run that are as it made them, and that nobody ever used."""
    made = {row["id"]: row for row in _list(entry, "users")}
    users = list(
        User.objects.filter(pk__in=made)
        .select_for_update(of=("self",), no_key=True)
        .select_related("tenant")
        .order_by("pk")
    )
    used = _used_since({user.pk for user in users}, {row["id"] for row in _list(entry, "assignments")})
    found = []
    for user in users:
        if why := _changed(user, made[user.pk]) or used.get(user.pk):
            left.append(f"{made[user.pk]['email']}: {why}")
        else:
            found.append(user)
    if gate.access:
        if gate.access.seen(User).filter(pk__in=[user.pk for user in found]).count() < len(found):
            raise Refused(["Some of these are not yours to see."])
        gate.access.know(found)
    for user in found:
        gate.require(Permission.USERS_MANAGE, user)
    return found


_TELLING = {"name": "name", "email": "address", "tenant_id": "tenant", "access_expires_at": "end", "is_active": "state"}
"""What shows that somebody changed an account, as a sentence names it."""


def _changed(user: User, made: Mapping[str, Any]) -> str:
    if user.removed_at is not None:
        return "The account was removed already."
    if user.last_login is not None or user.last_seen_at is not None or user.has_usable_password():
        return "The account stays: it was signed in to, or has a password."
    now = _account(user) | {"access_expires_at": _plain(user.access_expires_at)}
    changed = [label for name, label in _TELLING.items() if now[name] != made[name]]
    return f"The account stays: its {listed(changed)} changed since." if changed else ""


def _plain(moment: Any) -> str | None:
    """As the log holds it."""
    return None if moment is None else moment.isoformat()


def _used_since(users: Collection[int], made: Collection[int]) -> dict[int, str]:
    """Why these accounts stay: others gave them something since."""
    rows = RoleAssignment.objects.unended().filter(user__in=users).exclude(pk__in=made)
    inside = GroupMembership.objects.unended().filter(user__in=users)
    links = PasswordLink.objects.filter(user__in=users)
    said = {
        "The account stays: a link to set its password was made.": links,
        "The account stays: it is a member of a group.": inside,
        "The account stays: it was given more since.": rows,
    }
    shared = dict.fromkeys(users_with_shares(users), "The account stays: something was shared with it since.")
    return shared | {pk: why for why, found in said.items() for pk in found.values_list("user_id", flat=True)}


def _switches_of(entry: AuditEntry, left: list[str]) -> Iterator[tuple[SwitchKey, bool]]:
    """The switches that stand where the run put them, and where they stood before."""
    for said in _list(entry, "switches"):
        key = SwitchKey(said["key"])
        if stands(key) == said["enabled"]:
            yield key, not said["enabled"]
        else:
            left.append(f"“{key.label}” stands as it did before already.")


def _take(gate: Gate, rows: Sequence[RoleAssignment], users: Sequence[User]) -> None:
    gate.ending(rows)
    with gate.touching(users={row.user_id for row in rows if row.user_id is not None}):
        gate.sending_home([user.pk for user in users])
        ended = RoleAssignment.objects.unended().filter(pk__in=[row.pk for row in rows])
        ended.update(ended_at=Now(), ended_by=gate.actor.user, end_reason="Taken back")
    close_accounts(users)


def _list(entry: AuditEntry, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (entry.after or {}).get(name, [])
    return found
