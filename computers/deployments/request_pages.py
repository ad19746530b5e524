"""What the pages of change requests show: what changes, what was said, and what the reader may do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.urls import reverse

from computers.deployments.models import (
    PENDING,
    ChangeRequest,
    ChangeRequestNote,
    CrossTenantDeployment,
    Deployment,
    RequestState,
)
from computers.deployments.request_services import REQUEST, REVIEW, draft_of
from computers.deployments.targets import barrier, may_preview, within
from immyrbac.lists import capped
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.access import Access
from rbac.lists import days_of, entries_about
from rbac.naming import name_for
from rbac.permissions import Permission

LATEST = 10
LOOKS = {
    RequestState.OPEN: "soon",
    RequestState.ATTENTION: "new",
    RequestState.APPROVED: "live",
    RequestState.DENIED: "ended",
    RequestState.WITHDRAWN: "off",
}
CAPTIONS = {"name": "Name", "does": "Does", "aim": "Target", "enabled": "Enabled"}
DID = {
    "submitted": "sent it",
    "edited": "changed it",
    "commented": "wrote",
    "returned": "sent it back",
    "approved": "approved it",
    "denied": "denied it",
    "withdrawn": "took it back",
}


class Line(NamedTuple):
    """One row of the list."""

    request: ChangeRequest
    kind: str
    asked_by: str
    status: Status


class Change(NamedTuple):
    """One value as it stands and as it shall be; `before` is empty for a new deployment."""

    caption: str
    before: str
    after: str


class Said(NamedTuple):
    note: ChangeRequestNote
    author: str
    did: str


def status_of_request(found: ChangeRequest) -> Status:
    state = RequestState(found.state)
    return Status(LOOKS[state], state.label)


def kind_of(found: ChangeRequest) -> str:
    return "Change" if found.changes else "New"


def lines_of(access: Access, requests: Sequence[ChangeRequest]) -> list[Line]:
    access.know([each.asked_by for each in requests])
    return [
        Line(
            each,
            kind_of(each),
            name_for(access, each.asked_by, each.tenant),
            status_of_request(each),
        )
        for each in requests
    ]


def changes_of(access: Access, found: ChangeRequest) -> list[Change]:
    """What differs; of a new one everything."""
    before, after = _readable(access, found.before), _readable(access, found.after)
    shown = [Change(caption, before.get(name, ""), after[name]) for name, caption in CAPTIONS.items()]
    return [each for each in shown if each.before != each.after]


def _readable(access: Access, said: Mapping[str, Any]) -> dict[str, str]:
    """The words of a proposal; a script is named to its readers alone."""
    words = {name: ("yes" if value else "no") if name == "enabled" else str(value) for name, value in said.items()}
    if words.get("does", "").startswith("Run ") and not access.holds(Permission.SCRIPTS_VIEW):
        words["does"] = "Run a script"
    return words


def notes_of(access: Access, found: ChangeRequest) -> list[Said]:
    notes = list(found.notes.select_related("author__tenant"))
    access.know([note.author for note in notes])
    return [Said(note, name_for(access, note.author, found.tenant), DID[note.did]) for note in notes]


def request_page(request: Request, found: ChangeRequest) -> dict[str, Any]:
    """The context of the page about it."""
    access = request.access
    entries = entries_about(access, "changerequest", found.pk, "change_requests")[:LATEST]
    target = access.seen(CrossTenantDeployment).filter(pk=found.changes).first() if found.changes else None
    return {
        "asked": found,
        "status": status_of_request(found),
        "owner": str(found.tenant or "The instance"),
        "asked_by": name_for(access, found.asked_by, found.tenant),
        "deployment": target,
        "otherwise": "A deployment that is gone" if found.changes else "A new deployment",
        "changes": changes_of(access, found),
        "notes": notes_of(access, found),
        "days": days_of(entries, access) if access.holds(Permission.AUDIT_VIEW) else None,
        "history_url": f"{reverse('rbac:audit-list')}?kind=changerequest",
        **_acts(request, found),
    }


def _acts(request: Request, found: ChangeRequest) -> dict[str, Any]:
    """What the reader may do with it now, and what speaks against approving or would come of it."""
    access, own = request.access, found.asked_by_id == request.user.pk
    is_open = found.state in PENDING and request.impersonation is None
    requests, reviews = access.can(REQUEST, found), access.can(REVIEW, found)
    may_review = is_open and reviews and not own
    objection, reach = approval_of(access, found) if may_review else ("", "")
    return {
        "may_change": is_open and requests,
        "may_comment": is_open and (requests or reviews),
        "may_review": may_review,
        "own": own and is_open and reviews,
        "objection": objection,
        "reach": reach,
    }


def approval_of(access: Access, found: ChangeRequest) -> tuple[str, str]:
    """What keeps the reader from approving it, or else what that would reach; both empty where something is gone."""
    draft = draft_of(found)
    objection = barrier(access, draft) if draft else ""
    return objection, _reach(access, draft) if draft and not objection else ""


def _reach(access: Access, draft: Deployment) -> str:
    """Whoever approves is the author: it reaches what they may reach. Empty for who may not be told."""
    if not may_preview(access, draft.tenant):
        return ""
    total = capped(within(access, draft))
    where = f"{total.of('computer')} as they are now" if total.count else "no computer yet"
    return f"Approved by you it reaches {where}{'' if draft.is_enabled else ', once it is enabled'}."
