"""The no that explains itself: a 403 names the permission and what came closest (design 4), and is audited."""

from __future__ import annotations

from typing import NoReturn

from django.db.models import Model

from accounts.models import User
from immyrbac.http import Refusal, Refused
from immyrbac.requests import Request
from rbac.access import INSTANCE, Access, Decision, who_can
from rbac.access_requests import may_ask_for_access
from rbac.audit import record
from rbac.deeds import ON_ITS_OWN, deed
from rbac.explain_pages import page_of
from rbac.explanation import Break
from rbac.models import RoleAssignment
from rbac.objects import KINDS, Subject
from rbac.permissions import Permission
from rbac.sentences import plain, sentence
from rbac.smallest import smallest_grant
from rbac.stations import Drawing
from rbac.subjects import ask_url, asked_about, explain_url
from rbac.verdicts import barrier_of
from rbac.ways import ways_of
from tenancy.customs import preferences_of

SAFE = ("GET", "HEAD")
HELPERS = 3
"""So many of those who could do it are named."""


def refuse(request: Request, permission: Permission, obj: Subject | None) -> NoReturn:
    """Raise the 403. An unsafe method leaves an audit entry: it was an attempt to change something (safety 6)."""
    unsafe = request.method not in SAFE
    if unsafe:
        target = obj if isinstance(obj, Model) else None
        tenant_id = None if obj is None else getattr(obj, KINDS[obj.__class__].tenant_id)
        record(request.actor, "door.refused", target=target, tenant=tenant_id, after={"permission": permission.value})
    if request.actor.impersonator is not None:
        raise Refused(_as_another(request, permission, obj, recorded=unsafe))
    back = _back(obj)
    obj = obj and asked_about(obj)
    decision = request.access.explain(permission, obj)
    drawing = Drawing(request.access, decision, request.user, obj or INSTANCE)
    raise Refused(
        Refusal(
            title=f"You cannot {deed(permission, obj)}",
            why=_denied(decision)
            or _nearest(decision)
            or f"No assignment of yours gives {permission.label}{_on(obj)}.",
            back=back,
            paths=_closest(drawing),
            may=_possible(request, obj),
            helpers=_helpers(request, permission, obj),
            needed=permission.label,
            change=_change(request.access, drawing, permission, obj),
            ask_url=ask_url(permission=permission, on=obj) if may_ask_for_access(request.access, request.actor) else "",
            explanation=explain_url(user=request.user, permission=permission, on=obj) if obj else "",
            codename=permission.value,
            great_power=permission.spec.great_power,
            support=preferences_of(request.user.tenant).support,
            request_id=request.id,
            recorded=unsafe,
        )
    )


AS_ANOTHER = (
    "While you act as somebody you have only what you both hold, nothing about people’s access, "
    "and nothing that would go on in their name afterwards."
)


def _as_another(request: Request, permission: Permission, obj: Subject | None, *, recorded: bool) -> Refusal:
    """What somebody may as another no single path decides: it is what two people share."""
    return Refusal(
        title=f"You cannot {deed(permission, obj)} as {request.user}",
        why=AS_ANOTHER,
        back=_back(obj),
        needed=permission.label,
        codename=permission.value,
        great_power=permission.spec.great_power,
        request_id=request.id,
        recorded=recorded,
    )


def _on(obj: Subject | None) -> str:
    return "" if obj is None else f" on {obj}"


def _closest(drawing: Drawing) -> list[dict[str, object]]:
    """What decided or else came nearest, as one path; one's own assignments need no permission to see."""
    lines = drawing.lines()
    return [line._asdict() for line in [*lines.matching, *lines.missing][:1]]


def _change(access: Access, drawing: Drawing, permission: Permission, obj: Subject | None) -> str:
    """What would turn the no into a yes; where more access would, the smallest grant of a role that the reader sees."""
    if barrier := barrier_of(drawing):
        return barrier
    home = drawing.person.tenant
    if permission.spec.msp_only and not home.is_msp:
        return "Only somebody whose home tenant is an MSP can use this."
    draft = smallest_grant(access, permission, obj, home)
    if draft is None:
        return f"The smallest grant that would do: a role that holds {permission.label}{_on(obj)}."
    return f"The smallest grant that would do: “{_as_read(drawing, draft)}”."


def _as_read(drawing: Drawing, draft: RoleAssignment) -> str:
    """The sentence of one's own; a tenant that the reader may not know is named as its paths name it."""
    unknown = draft.tenant if draft.tenant and drawing.place != str(draft.tenant) else None
    said = (drawing.place if unknown and word.target == unknown else word.text for word in sentence(draft))
    return "".join(said).replace("their own tenant", "your own tenant", 1)


def _back(obj: Subject | None) -> tuple[str, str] | None:
    """The object's own page: a door fetches what its reader may see."""
    address = page_of(obj) if isinstance(obj, Model) else ""
    return (f"Back to {obj}", address) if address else None


def _possible(request: Request, obj: Subject | None) -> list[str]:
    """What the reader may do to the object now; in memory but for where it stands."""
    mine = (permission for permission, kind in ON_ITS_OWN if kind is type(obj))
    words = (deed(each, obj) for each in mine if obj is not None and request.access.can(each, obj))
    return [f"{said[:1].upper()}{said[1:]}" for said in words]


def _helpers(request: Request, permission: Permission, obj: Subject | None) -> list[tuple[str, str]]:
    """People whom the reader may see and who could do it, each with the way as far as the reader may see that."""
    if not isinstance(obj, Model) or not request.access.holds(User.VIEW):
        return []
    able = who_can(permission, obj).filter(pk__in=request.access.seen(User).order_by().values("pk"))
    people = list(able.select_related("tenant").order_by("name", "pk")[:HELPERS])
    ways = ways_of(request.access, permission, obj, people) if people else {}
    return [(person.name, ways.get(person.pk) or str(person.tenant)) for person in people]


def _denied(decision: Decision) -> str:
    denies = [path.assignment for path in decision.deciding if path.denies]
    return f"A deny takes it from you: {plain(sentence(denies[0]))}." if denies else ""


def _nearest(decision: Decision) -> str:
    for nearest in decision.near_misses:
        if nearest.breaks not in (None, Break.ROLE):
            return f"Closest is “{plain(sentence(nearest.assignment))}”, but {nearest.breaks.label}."
    return ""
