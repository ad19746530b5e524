"""Change requests: a cross-tenant deployment is proposed, talked about, and applied by somebody else (design 7).

Whoever approves one saves it: it takes all that saving takes of them, and they are its author.

What waits for review is mailed to whoever may review it, what came of it to whoever sent it, if the act holds. `site`
is where the link in the mail leads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from procrastinate.contrib.django import app as jobs

from computers.deployments.models import (
    PENDING,
    ChangeRequest,
    ChangeRequestNote,
    CrossTenantDeployment,
    Deployment,
    RequestState,
)
from computers.deployments.services import check_deployment, described, put_deployment, values_of
from computers.deployments.targets import names_what_is_seen
from computers.models import ScriptVersion, Software
from immyrbac.versions import check_version, version_of
from rbac.access import INSTANCE
from rbac.audit import Actor, named
from rbac.delegation import Gate, Refused, act
from rbac.permissions import Permission
from tenancy.models import Tag

TOLD_JOB = "deployments.mail_change_request"
REQUEST, REVIEW = Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS, Permission.DEPLOYMENTS_REVIEW_CHANGE_REQUESTS
OWN = "It is your own request: somebody else reviews it."
DECIDED = "It was decided meanwhile."
MOVED = "The deployment has changed since. Send the request back, so that it is looked at again."
LOST = "Something that it names is no longer there. Send the request back."
PLAIN = ("name", "is_enabled", "state", "target", "computer_scope", "computer_type")
RELATED: Mapping[str, Any] = {
    "software": Software,
    "script_version": ScriptVersion,
    "tag": Tag,
    "computer_tag": Tag,
}


def submit_change_request(
    *, actor: Actor, draft: Deployment, note: str, version: str | None = None, site: str = ""
) -> ChangeRequest:
    """`draft` is the deployment as it shall be: one that is there, of which the form showed `version`, or new."""
    label, place = draft.name, draft.tenant_id
    with act(actor, "change_request.submitted", label=label, tenant=place) as gate:
        asked_by = _somebody(gate)
        owner = gate.lock(draft.tenant) if draft.tenant else INSTANCE
        gate.require(REQUEST, owner)
        request = ChangeRequest(tenant_id=place, asked_by=asked_by)
        if draft.pk:
            check_version(version, values_of(gate.lock(draft), ()), values_of(draft, ()))
        _propose(gate, request, draft)
        if twin := gate.twin("change_request.submitted", _alike(request)):
            return twin
        request.save(force_insert=True)
        _tell(_say(gate, request, "submitted", note), site)
        gate.keeping(request)
        gate.record(target=request, tenant=place, reason=note, before=request.before, after=request.after)
    return request


def edit_change_request(
    *, actor: Actor, request: ChangeRequest, draft: Deployment, note: str, site: str = ""
) -> ChangeRequest:
    """Propose something else in its place, as whoever does; it then waits for review again."""
    with _acting(actor, "change_request.edited", request, REQUEST) as (gate, found):
        before, found.asked_by = found.after, _somebody(gate)
        draft.pk = found.changes
        _propose(gate, found, draft)
        found.state = RequestState.OPEN
        found.save(
            update_fields=("name", "changes", "stood", "proposed", "before", "after", "state", "asked_by", "updated_at")
        )
        _tell(_say(gate, found, "edited", note), site)
        gate.record(target=found, tenant=found.tenant_id, reason=note, before=before, after=found.after)
    return found


def comment_on_change_request(*, actor: Actor, request: ChangeRequest, note: str) -> None:
    """By whoever may send such requests or review them."""
    with _acting(actor, "change_request.commented", request) as (gate, found):
        reviews = gate.access is not None and gate.access.can(REVIEW, found)
        gate.require(REVIEW if reviews else REQUEST, found)
        _say(gate, found, "commented", note)
        gate.record(target=found, tenant=found.tenant_id, reason=note)


def withdraw_change_request(*, actor: Actor, request: ChangeRequest, note: str) -> None:
    with _acting(actor, "change_request.withdrawn", request, REQUEST) as (gate, found):
        _end(gate, found, RequestState.WITHDRAWN, note)


def return_change_request(*, actor: Actor, request: ChangeRequest, note: str, site: str = "") -> None:
    """It needs attention: whoever sent it changes it, or takes it back."""
    with _acting(actor, "change_request.returned", request, REVIEW) as (gate, found):
        found.state = RequestState.ATTENTION
        found.save(update_fields=("state", "updated_at"))
        _tell(_say(gate, found, "returned", note), site)
        gate.record(target=found, tenant=found.tenant_id, reason=note)


def deny_change_request(*, actor: Actor, request: ChangeRequest, note: str, site: str = "") -> None:
    with _acting(actor, "change_request.denied", request, REVIEW) as (gate, found):
        _tell(_end(gate, found, RequestState.DENIED, note), site)


def approve_change_request(*, actor: Actor, request: ChangeRequest, note: str = "", site: str = "") -> Deployment:
    """The actor saves what is proposed, by their own rights, if it still changes what it was to change."""
    with _acting(actor, "change_request.approved", request, REVIEW) as (gate, found):
        draft = draft_of(found)
        if draft is None:
            raise ValidationError(LOST)
        if found.changes:
            stands = (
                CrossTenantDeployment.objects.select_for_update(of=("self",), no_key=True)
                .filter(pk=found.changes)
                .first()
            )
            if stands is None or version_of(values_of(stands, ())) != found.stood:
                raise ValidationError(MOVED)
        put_deployment(gate, draft)
        said = _end(gate, found, RequestState.APPROVED, note, deployments=named([draft]), **found.after)
        _tell(said, site)
    return draft


def columns_of(draft: Deployment) -> dict[str, Any]:
    """What a request keeps of a deployment: its columns, relations by number."""
    plain = {name: getattr(draft, name) for name in PLAIN}
    return {**plain, **{name: getattr(draft, f"{name}_id") for name in RELATED}}


def draft_of(request: ChangeRequest) -> CrossTenantDeployment | None:
    """The deployment as it is proposed, unsaved; None where something that it names is gone."""
    related = {name: _found(model, request.proposed.get(name)) for name, model in RELATED.items()}
    if any(request.proposed.get(name) and found is None for name, found in related.items()):
        return None
    plain = {name: request.proposed.get(name) for name in PLAIN}
    return CrossTenantDeployment(pk=request.changes, tenant=request.tenant, **plain, **related)


def _alike(request: ChangeRequest) -> QuerySet[ChangeRequest]:
    """Those that wait and propose the same."""
    said = {name: getattr(request, name) for name in ("name", "tenant_id", "changes", "stood", "proposed")}
    return ChangeRequest.objects.filter(state__in=PENDING, **said)


def _found(model: Any, pk: int | None) -> Any:
    rows = model.objects.select_related("script") if model is ScriptVersion else model.objects.all()
    return rows.filter(pk=pk).first() if pk else None


def _propose(gate: Gate, request: ChangeRequest, draft: Deployment) -> None:
    """What the request says from now on. Raises ValidationError and Refused."""
    check_deployment(draft, ())
    if draft.tenant_id != request.tenant_id:
        raise ValidationError("It belongs to somebody else.")
    if gate.access and (why := names_what_is_seen(gate.access, draft)):
        raise Refused([why])
    found = gate.lock(draft) if draft.pk else None
    if found is not None and found.tenant_id != request.tenant_id:
        raise ValidationError("It belongs to somebody else.")
    request.name, request.changes = draft.name, found.pk if found else None
    request.stood = version_of(values_of(found, ())) if found else ""
    request.before = described(found, ()) if found else {}
    request.after = described(draft, ())
    if request.before == request.after:
        raise ValidationError("It stands like this already.")
    request.proposed = columns_of(draft)


@contextmanager
def _acting(
    actor: Actor, action: str, request: ChangeRequest, permission: Permission | None = None
) -> Iterator[tuple[Gate, ChangeRequest]]:
    """Round an act on a request that is not decided yet; nobody reviews their own."""
    with act(actor, action, target=request, tenant=request.tenant_id) as gate:
        found = gate.lock(request)
        if permission:
            gate.require(permission, found)
        if permission == REVIEW and _somebody(gate).pk == found.asked_by_id:
            raise Refused([OWN])
        if found.state not in PENDING:
            raise ValidationError(DECIDED)
        yield gate, found


def _somebody(gate: Gate) -> Any:
    if gate.actor.user is None:
        raise ValueError("A request counts by the right of somebody: the system has none.")
    return gate.actor.user


def _say(gate: Gate, request: ChangeRequest, did: str, note: str) -> ChangeRequestNote:
    return ChangeRequestNote.objects.create(request=request, author=_somebody(gate), did=did, text=note.strip())


def _tell(said: ChangeRequestNote, site: str) -> None:
    """Mail it to whom it concerns, if the transaction holds."""
    jobs.configure_task(TOLD_JOB, queue="mail").defer(note=said.pk, site=site)


def _end(gate: Gate, request: ChangeRequest, state: RequestState, note: str, **after: Any) -> ChangeRequestNote:
    request.state, request.decided_by = state, gate.actor.user
    request.decided_at = gate.now
    request.save(update_fields=("state", "decided_by", "decided_at", "updated_at"))
    said = _say(gate, request, state.value, note)
    gate.record(target=request, tenant=request.tenant_id, reason=note, after=after or None)
    return said
