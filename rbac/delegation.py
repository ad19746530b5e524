"""The one gate (design 6): every service that writes access passes through `act`, which judges what it makes different.

    with act(actor, "group.member_added", target=group, tenant=group.tenant_id) as gate:
        gate.require(Permission.GROUPS_MANAGE, group)
        with gate.touching(users=[user.pk]):
            ...write...
        gate.record(after={...})

Entering takes the access lock and loads the actor's Access inside the transaction. Leaving judges, looks again whether
a usable owner remains, and writes the audit entry. A refusal rolls everything back and leaves one entry of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction

from accounts.models import User
from rbac.access import Access, Subject, access_for
from rbac.acting import access_of
from rbac.audit import Actor, is_barred, record
from rbac.judgement import Judge
from rbac.locks import take_access_lock
from rbac.models import AuditEntry, Effect, RoleAssignment
from rbac.moves import Moving, Telling, moved, places_of
from rbac.objects import view_of
from rbac.outcomes import Outcome
from rbac.owners import has_usable_owner
from rbac.permissions import Permission
from rbac.power import Difference, Person, Reach, awakened, difference, held_by, reaches_of, reaches_of_draft
from rbac.regions import Estate

AnyModel = TypeVar("AnyModel", bound=models.Model)

NO_OWNER = "Nobody would be left who can administer the whole system. Name another owner first."

AS_ANOTHER = (
    "While you act as somebody else, nothing changes that is about people, their access or their sign-in, "
    "or would go on in their name."
)


class Refused(PermissionDenied):
    """The gate's no. `reasons` are sentences for whoever asked; nothing was changed, and the attempt is audited."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(self.reasons))


class ConflictError(Exception):
    """Somebody else was quicker; `now` is the object as it is now."""

    def __init__(self, now: Any) -> None:
        super().__init__("It has changed meanwhile.")
        self.now = now


class UnseenError(Exception):
    """What the act does to people was not shown, or is no longer what was shown: `outcome`. Nothing was done."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("What this does to people has to be seen first.")
        self.outcome = outcome


TWICE = timedelta(seconds=10)
"""Whoever presses twice does so within this time; whoever wants two alike takes longer."""


class Gate:
    """One guarded act of one actor, inside its transaction. `access` is the actor's as it was before the act.

    `entry` is the audit entry, once the act is settled.
    """

    def __init__(self, actor: Actor, now: datetime, authority: User | None = None) -> None:
        self.actor = actor
        self.now = now
        self.access = access_for(authority) if authority else access_of(actor) if actor.user else None
        self.judge = Judge(self.access) if self.access else None
        self.change = Difference([], [])
        self._flips = Difference([], [])
        self._had_owner = has_usable_owner()
        self._power: dict[Person, list[Reach]] = {}
        self._kept: list[models.Model] = []
        self._entry: dict[str, Any] | None = None
        self._then: list[Callable[[AuditEntry, Actor], None]] = []
        self._shown: str | None = None
        self.entry: AuditEntry | None = None

    # What a service asks and says

    def require(self, permission: Permission, obj: Subject) -> None:
        """The permission that the act itself takes, besides what it makes different."""
        if self.access and not self.access.can(permission, obj):
            raise Refused([f"This takes {permission.label} on {obj}."])

    def lock(self, obj: AnyModel) -> AnyModel:
        """The row as it is now, locked for this act; one that is gone or no longer seen is refused."""
        rows = type(obj)._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=obj.pk)  # noqa: SLF001  any model
        if self.access:
            visible = self.access.scope(type(obj), view_of(type(obj))).order_by().values("pk")
            rows = rows.filter(pk__in=visible)
        found = rows.first()
        if found is None:
            raise Refused(["It is no longer there."])
        return found

    def twin(self, action: str, alike: models.QuerySet[AnyModel]) -> AnyModel | None:
        """Of these the row that the actor made by this act moments ago: a form that is sent twice makes one thing."""
        made = AuditEntry.objects.filter(actor=self.actor.user, action=action, at__gt=self.now - TWICE)
        return alike.filter(pk__in=made.values("target_id")).first() if self.actor.user else None

    @contextmanager
    def touching(self, users: Collection[int] = (), groups: Collection[int] = ()) -> Iterator[None]:
        """Round the writes that change what reaches these users and these groups' members."""
        before = reaches_of(users, groups)
        self._remember(before)
        yield
        after, estate = reaches_of(users, groups), Estate()
        estate.learn(reach.region for reach in (*before, *after))
        self._add(difference(before, after, self.now, estate))

    @contextmanager
    def moving(self, moving: Moving) -> Iterator[None]:
        """Round the writes after which assignments may cover these things that did not, or no more."""
        before = places_of(moving)
        yield
        self._add(moved(before, places_of(moving), self.now, self.judge.telling if self.judge else Telling))

    def granting(self, drafts: Iterable[RoleAssignment]) -> None:
        """These rows are granted: rule 1 for their own scope, and for a deny rule 4 for whom it reaches."""
        for draft in drafts:
            reaches = reaches_of_draft(draft)
            if self.judge:
                self.judge.granted(reaches)
            if draft.effect == Effect.DENY:
                self._covering({reach.person for reach in reaches})

    def sharing(self, reaches: Iterable[Reach]) -> None:
        """These are shared: rules 1 and 2 for each, whatever they make different."""
        if self.judge:
            self.judge.shared(reaches)

    def ending(self, rows: Iterable[RoleAssignment]) -> None:
        """These rows are ended; they come with user and group."""
        if self.judge:
            self.judge.ended(rows)

    def covering(self, users: Iterable[int], *, as_long: bool = False) -> None:
        """Rule 4 for these people; `as_long` for acts on their accounts, one's own included: a later end is a raise."""
        self._covering(map(Person, users), as_long=as_long)

    def sending_home(self, users: Iterable[int]) -> None:
        """Rule 4 for deactivating or removing these people."""
        for reaches in self._power_of(set(map(Person, users)) - {self._own}).values():
            if self.judge:
                self.judge.sends_home(reaches)

    def keeping(self, *objects: models.Model) -> None:
        """These were made, edited or moved: they must still be in the actor's scope at the end (safety 10)."""
        self._kept.extend(objects)

    def awakening(self, users: Collection[int]) -> None:
        """The home of these people becomes an MSP, or they moved to one: MSP-only permissions count from now on."""
        self._add(awakened(reaches_of(users)))

    def differing(self, change: Difference) -> None:
        """A difference that the service has worked out itself."""
        self._add(change)

    def flipping(self, change: Difference) -> None:
        """What flipping a switch makes different, which is excepted from rule 5."""
        self._flips.gains.extend(change.gains)
        self._flips.losses.extend(change.losses)

    def showing(self, shown: str | None) -> None:
        """What the act does to people has to be what the actor saw: `Outcome.mark`, or UnseenError once all is judged.

        None is a caller who was shown nothing. The entry tells it either way.
        """
        self._shown = shown

    def record(self, **entry: Any) -> None:
        """What the audit entry says besides actor and action; it is written last, when all is judged."""
        self._entry = entry

    def then(self, tell: Callable[[AuditEntry, Actor], None]) -> None:
        """What is deferred with the entry, in the transaction of the act."""
        self._then.append(tell)

    # Judgement

    def settle(self, action: str) -> None:
        if self.judge:
            self._judge(self.judge)
        if self._had_owner and not has_usable_owner():
            raise Refused([NO_OWNER])
        self._tell()
        if self._entry is not None:
            self.entry = record(self.actor, action, **self._entry)
            for tell in self._then:
                tell(self.entry, self.actor)

    def _tell(self) -> None:
        """The entry says what the act does to people, where it does not say so in terms of its own."""
        outcome = Outcome.of(self.change, self._flips)
        if self._shown not in (None, outcome.mark):
            raise UnseenError(outcome)
        after = (self._entry or {}).get("after") or {}
        if self._entry is not None and outcome.people and "ripple" not in after:
            self._entry["after"] = {**after, **outcome.told(self._entry.get("tenant"))}

    def _judge(self, judge: Judge) -> None:
        losses = [*self.change.losses, *self._flips.losses]
        gains = [*self.change.gains, *self._flips.gains]
        if self.actor.impersonator and (gains or losses):
            raise Refused([AS_ANOTHER])
        judge.look_again([claim.reach for claim in (*gains, *losses)])
        judge.gains(self.change.gains)
        judge.gains(self._flips.gains, flipping=True)
        judge.losses(losses)
        self._covering({claim.reach.person for claim in losses})
        if judge.objections:
            raise Refused(judge.objections)
        fresh = access_of(self.actor) if self.actor.impersonator else Access(judge.access.holding)
        if len(self._kept) > 1:
            fresh.know(self._kept)
        for obj in self._kept:
            if not fresh.can(view_of(type(obj)), obj):
                raise Refused(["It would lie outside what you may see."])

    def _covering(self, people: Iterable[Person], *, as_long: bool = False) -> None:
        others = set(people) if as_long else set(people) - {self._own}
        held = self._power_of(others)
        if self.judge:
            self.judge.learn([reach for reaches in held.values() for reach in reaches])
            for reaches in held.values():
                self.judge.covers_person(reaches, as_long=as_long)

    @property
    def _own(self) -> Person:
        return Person(self.actor.user.pk if self.actor.user else None)

    def _power_of(self, wanted: Collection[Person]) -> dict[Person, list[Reach]]:
        """What reached these people when the act began to touch them, or now; of a group, the member more."""
        self._power.update(held_by(set(wanted) - self._power.keys()))
        found = {person: self._power[person] for person in wanted}
        if self.judge:
            self.judge.estate.learn({reach.region for reaches in found.values() for reach in reaches})
        return found

    def _remember(self, reaches: Iterable[Reach]) -> None:
        found: defaultdict[Person, list[Reach]] = defaultdict(list)
        for reach in reaches:
            found[reach.person].append(reach)
        self._power = {**found, **self._power}

    def _add(self, change: Difference) -> None:
        self.change.gains.extend(change.gains)
        self.change.losses.extend(change.losses)


@contextmanager
def act(
    actor: Actor,
    action: str,
    *,
    target: models.Model | None = None,
    label: str = "",
    tenant: int | None = None,
    authority: User | None = None,
) -> Iterator[Gate]:
    """One guarded act: all of it happens and is audited as `action`, or nothing does and the refusal is.

    `target` and `tenant` are what a refusal's entry names; the act's own entry says for itself. With `authority` the
    act counts by that person's rights as they are now, not the actor's: an invitation that is accepted.
    Raises `Refused`.
    """
    try:
        with transaction.atomic(durable=True):
            take_access_lock()
            _bar(actor, action)
            gate = Gate(actor, _statement_clock(), authority)
            yield gate
            gate.settle(action)
    except Refused as refusal:
        said = {"act": action, "reasons": refusal.reasons}
        noun = action.partition(".")[0]
        record(actor, f"{noun}.refused", target=target, label=label, tenant=tenant, after=said)
        raise


def _bar(actor: Actor, action: str) -> None:
    if is_barred(actor, action):
        raise Refused([AS_ANOTHER])


def _statement_clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
