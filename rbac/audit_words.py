"""What audit entries say, in words: one table of all actions, so that no template knows a code (design 9).

A saying names parts of its entry in braces: `{target}`, or a key of what was before or after, as in `{after.tenant}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from immyrbac.words import counted
from rbac.agent_words import BY_AGENTS
from rbac.grants import SCOPE_COLUMNS
from rbac.models import AuditEntry, Effect
from rbac.permissions import Permission
from rbac.sentences import behind_role
from tenancy.scopes import Word

MISSING = "something"
"""What stands where an entry does not say what its words ask for."""


GRANTED, ENDED = "role_assignment.granted", "role_assignment.ended"


class Saying(NamedTuple):
    """`past` tells what was done, `plain` what was tried and refused."""

    icon: str
    past: str
    plain: str


ACTIONS: dict[str, Saying] = {
    "access_request.approved": Saying("allow", "Approved the request of {target}", "approve the request of {target}"),
    "access_request.made": Saying("mail", "Asked for access as {target}", "ask for access"),
    "access_request.turned_down": Saying("deny", "Refused the request of {target}", "refuse the request of {target}"),
    "change_request.approved": Saying("allow", "Approved change request {target}", "approve change request {target}"),
    "change_request.commented": Saying(
        "edit", "Commented on change request {target}", "comment on change request {target}"
    ),
    "change_request.denied": Saying("deny", "Denied change request {target}", "deny change request {target}"),
    "change_request.edited": Saying("edit", "Edited change request {target}", "edit change request {target}"),
    "change_request.returned": Saying(
        "restore", "Sent back change request {target}", "send back change request {target}"
    ),
    "change_request.submitted": Saying("reviews", "Sent change request {target}", "send change request {target}"),
    "change_request.withdrawn": Saying(
        "trash", "Took back change request {target}", "take back change request {target}"
    ),
    "computer.deleted": Saying("trash", "Deleted computer {target}", "delete computer {target}"),
    "computer.edited": Saying("computers", "Edited computer {target}", "edit computer {target}"),
    "computer.moved": Saying(
        "move", "Moved computer {target} from {before.tenant} to {after.tenant}", "move computer {target}"
    ),
    "computer.noted": Saying("edit", "Wrote notes on computer {target}", "write notes on computer {target}"),
    "computer.person_added": Saying(
        "user", "Named {after.person} on computer {target}", "name somebody on computer {target}"
    ),
    "computer.person_removed": Saying(
        "user", "Took {before.person} off computer {target}", "take somebody off computer {target}"
    ),
    "computer.primary_person_set": Saying(
        "user", "Made {after.person} the primary person of {target}", "set the primary person of {target}"
    ),
    "computer.reported_person_added": Saying(
        "user",
        "Named {after.person} on computer {target}, as its agent reports",
        "name whom the agent of {target} reports",
    ),
    "computer.restored": Saying("restore", "Restored computer {target}", "restore computer {target}"),
    "computer.tagged": Saying("tags", "Changed the tags of computer {target}", "change the tags of computer {target}"),
    "computer.type_changed": Saying(
        "computers", "Made computer {target} a {after.type}", "change the type of computer {target}"
    ),
    "deployment.created": Saying("deployments", "Created deployment {target}", "create deployment {target}"),
    "deployment.deleted": Saying("trash", "Deleted deployment {target}", "delete deployment {target}"),
    "deployment.edited": Saying("deployments", "Edited deployment {target}", "edit deployment {target}"),
    "factor.added": Saying("key", "Added a second factor: {after.factor}", "add a second factor"),
    "factor.codes_renewed": Saying("key", "Made new recovery codes", "make new recovery codes"),
    "factor.renamed": Saying("key", "Named a passkey {after.name}", "name a passkey"),
    "factor.removed": Saying("key", "Removed a second factor: {before.factor}", "remove a second factor"),
    "group.created": Saying("groups", "Created group {target}", "create group {target}"),
    "group.edited": Saying("groups", "Edited group {target}", "edit group {target}"),
    "group.member_added": Saying("groups", "Added {after.user} to {target}", "add somebody to {target}"),
    "group.members_removed": Saying("groups", "Removed members from {target}", "remove members from {target}"),
    "group.removed": Saying("groups", "Removed group {target}", "remove group {target}"),
    "identity.linked": Saying("key", "Linked {after.provider} as a way to sign in", "link a way to sign in"),
    "identity.unlinked": Saying("key", "Unlinked {before.provider} as a way to sign in", "unlink a way to sign in"),
    "identity_provider.activated": Saying(
        "allow", "Activated single sign-on {target}", "activate single sign-on {target}"
    ),
    "identity_provider.created": Saying("key", "Set up single sign-on {target}", "set up single sign-on {target}"),
    "identity_provider.deactivated": Saying(
        "deny", "Deactivated single sign-on {target}", "deactivate single sign-on {target}"
    ),
    "identity_provider.deleted": Saying("trash", "Deleted single sign-on {target}", "delete single sign-on {target}"),
    "identity_provider.edited": Saying("edit", "Edited single sign-on {target}", "edit single sign-on {target}"),
    "import.applied": Saying("user", "Brought over {after.people} from {target}", "bring people over from {target}"),
    "import.undone": Saying("restore", "Took back what came from {target}", "take back what came from {target}"),
    "impersonation.ended": Saying("user", "Stopped acting as {target}", "stop acting as {target}"),
    "impersonation.started": Saying("user", "Began to act as {target}", "act as {target}"),
    "invitation.accepted": Saying(
        "user", "Accepted an invitation to {after.tenant}", "accept the invitation of {target}"
    ),
    "invitation.link_made": Saying("key", "Made the link of the invitation of {target}", "make a link for {target}"),
    "invitation.revoked": Saying("trash", "Revoked the invitation of {target}", "revoke the invitation of {target}"),
    "invitation.sent": Saying("user", "Invited {target}", "invite {target}"),
    "invitation.sent_again": Saying("user", "Invited {target} again", "invite {target} again"),
    "license.created": Saying("licenses", "Created license {target}", "create license {target}"),
    "license.deleted": Saying("trash", "Deleted license {target}", "delete license {target}"),
    "license.edited": Saying("licenses", "Edited license {target}", "edit license {target}"),
    "license.revealed": Saying("licenses", "Read the key of license {target}", "read the key of license {target}"),
    "owner.created": Saying("crown", "Created {target} as an owner of the system", "create an owner of the system"),
    "person.created": Saying("user", "Created person {target}", "create person {target}"),
    "person.deleted": Saying("trash", "Deleted person {target}", "delete person {target}"),
    "person.edited": Saying("user", "Edited person {target}", "edit person {target}"),
    "role_assignment.ended": Saying("clock", "Ended access of {target}", "end access of {target}"),
    "role_assignment.granted": Saying("allow", "Gave {after.role} to {target}", "give a role to {target}"),
    "role.created": Saying("roles", "Created role {target}", "create role {target}"),
    "role.deleted": Saying("trash", "Deleted role {target}", "delete role {target}"),
    "role.edited": Saying("roles", "Edited role {target}", "edit role {target}"),
    "role.restored": Saying(
        "restore", "Brought role {target} back to version {after.number}", "bring role {target} back to a version"
    ),
    "script.created": Saying("scripts", "Created script {target}", "create script {target}"),
    "script.deleted": Saying("trash", "Deleted script {target}", "delete script {target}"),
    "script.edited": Saying("scripts", "Edited script {target}", "edit script {target}"),
    "script.restored": Saying(
        "restore", "Brought script {target} back to version {after.number}", "bring script {target} back to a version"
    ),
    "share.ended": Saying("clock", "Ended a share of {target} with {before.user}", "end a share of {target}"),
    "share.given": Saying("allow", "Shared {target} with {after.user}", "share {target}"),
    "software.created": Saying("software", "Created software {target}", "create software {target}"),
    "software.deleted": Saying("trash", "Deleted software {target}", "delete software {target}"),
    "software.edited": Saying("software", "Edited software {target}", "edit software {target}"),
    "software.file_added": Saying("software", "Added a file to software {target}", "add a file to software {target}"),
    "software.file_removed": Saying(
        "trash", "Removed a file of software {target}", "remove a file of software {target}"
    ),
    "session.ended": Saying("sign-out", "Signed out", "sign out"),
    "session.refused": Saying("key", "Failed sign-in of {target}: {after.why}", ""),
    "session.started": Saying("key", "Signed in", "sign in as {target}"),
    "switch.set": Saying("preferences", "Turned {after.enabled} {target}", "turn {target} on or off"),
    "tag.created": Saying("tags", "Created tag {target}", "create tag {target}"),
    "tag.edited": Saying("tags", "Edited tag {target}", "edit tag {target}"),
    "tag.removed": Saying("tags", "Removed tag {target}", "remove tag {target}"),
    "tenant.activated": Saying("tenants", "Activated tenant {target}", "activate tenant {target}"),
    "tenant.branding_set": Saying("mail", "Set the branding of {target}", "set the branding of {target}"),
    "tenant.created": Saying("tenants", "Created tenant {target}", "create tenant {target}"),
    "tenant.deactivated": Saying("tenants", "Deactivated tenant {target}", "deactivate tenant {target}"),
    "tenant.deleted": Saying("trash", "Deleted tenant {target}", "delete tenant {target}"),
    "tenant.moved": Saying("tenants", "Moved tenant {target}", "move tenant {target}"),
    "tenant.msp_flag_set": Saying("tenants", "Set whether {target} is an MSP", "set whether {target} is an MSP"),
    "tenant.preferences_set": Saying("preferences", "Set preferences of {target}", "set preferences of {target}"),
    "tenant.renamed": Saying("tenants", "Renamed tenant {target}", "rename tenant {target}"),
    "tenant.tagged": Saying("tags", "Changed the tags of tenant {target}", "change the tags of tenant {target}"),
    "user.access_expiry_set": Saying("clock", "Set when access of {target} ends", "set when access of {target} ends"),
    "user.activated": Saying("user", "Activated {target}", "activate {target}"),
    "user.created": Saying("user", "Created user {target}", "create user {target}"),
    "user.deactivated": Saying("user", "Deactivated {target}", "deactivate {target}"),
    "user.edited": Saying("user", "Edited user {target}", "edit user {target}"),
    "user.factors_reset": Saying("key", "Reset the second factor of {target}", "reset the second factor of {target}"),
    "user.identities_unlinked": Saying(
        "key", "Unlinked {target} from {before.providers}", "unlink the single sign-on of {target}"
    ),
    "user.left": Saying("sign-out", "Saw {target} off, and ended all that they held", "see {target} off"),
    "user.password_set": Saying("key", "Set the password of {target}", "set the password of {target}"),
    "user.password_link_issued": Saying("key", "Made a set-password link for {target}", "make a link for {target}"),
    "user.password_link_mailed": Saying(
        "key", "Mailed {target} a link to set a new password", "mail a link to {target}"
    ),
    "user.removed": Saying("user", "Removed user {target}", "remove user {target}"),
    "world.loaded": Saying("preferences", "Loaded {target}", "load {target}"),
    **{action: Saying(*said) for action, said in BY_AGENTS.items()},
}
"""Every action of every service. A test finds one that has no words."""

REFUSED = ".refused"
"""How the action of a refused act ends; the entry's `after` says which act it was, or which permission it lacked."""

KINDS = {
    "accessrequest": "Access request",
    "agent": "Agent",
    "changerequest": "Change request",
    "computer": "Computer",
    "crosstenantdeployment": "Cross-tenant deployment",
    "enrolment": "Enrolment",
    "group": "Group",
    "license": "License",
    "identityprovider": "Single sign-on",
    "person": "Person",
    "maintenancesession": "Maintenance session",
    "role": "Role",
    "run": "Run",
    "schedule": "Schedule",
    "script": "Script",
    "software": "Software",
    "switch": "Preference",
    "tenantdeployment": "Deployment",
    "tag": "Tag",
    "tenant": "Tenant",
    "user": "User",
}
"""What entries can be about, by the model's name."""

_FIELDS = {
    "access_expires_at": "Access ends",
    "act": "Tried to",
    "by": "Signed in by",
    "client_id": "Client ID",
    "closed": "Ended with it",
    "handed": "Handed over",
    "is_active": "Active",
    "is_msp": "MSP",
    "msp": "MSP",
    "os": "Operating system",
    "number": "Back to version",
    "offers": "What they get",
    "into": "Groups",
    "gains": "For people: gains",
    "persons": "People who use computers",
    "license_shares": "Shares of licenses",
    "script_shares": "Shares of scripts",
    "software_shares": "Shares of software",
    "ripple": "For people",
    "sha256": "SHA-256",
}
_SCOPE_COLUMNS = frozenset({"id", *SCOPE_COLUMNS})
_REACHED = (
    "users",
    "reached",
    "groups",
    "memberships",
    "assignments",
    "tenants",
    "computers",
    "invitations",
    "access_requests",
    "enrolments",
    "deployments",
    "tenant_deployments",
    "schedules",
    "maintenance",
    "runs",
)
_ELSEWHERE = (*_REACHED, "key")  # said by whom it reached, and by its target
_BRACES = re.compile(r"\{([a-z_.]+)\}")


def icon_of(entry: AuditEntry) -> str:
    if _denies(entry):
        return "deny"
    if entry.action in ACTIONS:
        return ACTIONS[entry.action].icon
    return "deny" if entry.action.endswith(REFUSED) else "audit"


def tone_of(entry: AuditEntry) -> str:
    """The class of its icon: what gives access and what was refused stand out."""
    if entry.action.endswith(REFUSED):
        return "c-deny"
    return "c-allow" if entry.action == GRANTED and not _denies(entry) else ""


def sentence_of(entry: AuditEntry) -> list[Word]:
    """What happened, without who and when."""
    if told := _of_assignments(entry):
        return told
    if entry.action in ACTIONS:
        return _said(ACTIONS[entry.action].past, entry)
    if entry.action.endswith(REFUSED):
        return [Word("Refused: "), *_refused(entry)]
    return [Word(f"{entry.action}: "), Word(entry.target_label, strong=True)]


def _denies(entry: AuditEntry) -> bool:
    return entry.action == GRANTED and _mapping(entry.after).get("effect") == Effect.DENY


def _of_assignments(entry: AuditEntry) -> list[Word]:
    """Giving and ending say which role, to whom and where, in the words of the assignment sentence."""
    ended = _mapping(entry.before).get("assignments") or []
    if entry.action == GRANTED and entry.after:
        opening, joint = ("Denied ", " to ") if _denies(entry) else ("Gave ", " to ")
        return _about_one(opening, joint, _mapping(entry.after), entry)
    if entry.action == ENDED and len(ended) == 1:
        is_deny = ended[0].get("effect") == Effect.DENY
        return _about_one(*(("Ended the deny of ", " to ") if is_deny else ("Ended ", " of ")), ended[0], entry)
    if entry.action == ENDED and ended:
        return [Word(f"Ended {counted(len(ended), 'assignment')} of "), _target(entry)]
    return []


def _about_one(opening: str, joint: str, row: Mapping[str, Any], entry: AuditEntry) -> list[Word]:
    role = str(row.get("role") or "")
    scope = behind_role(str(row.get("sentence", "")), str(row.get("effect", "")), role)
    named = Word(role, strong=True) if role else Word(MISSING)
    return [Word(opening), named, Word(joint), _target(entry), *([Word(scope)] if scope else [])]


def _refused(entry: AuditEntry) -> list[Word]:
    after = _mapping(entry.after)
    if after.get("permission") in Permission:
        label = Permission(after["permission"]).label
        return [Word(f"{label} on "), _target(entry)] if entry.target_label else [Word(label)]
    saying = ACTIONS.get(str(after.get("act")))
    return _said(saying.plain, entry) if saying else [Word(entry.action.removesuffix(REFUSED))]


def _said(template: str, entry: AuditEntry) -> list[Word]:
    """The template's words, with what it names in bold."""
    pieces = _BRACES.split(template)
    return [Word(piece) if index % 2 == 0 else _named(piece, entry) for index, piece in enumerate(pieces) if piece]


def _named(path: str, entry: AuditEntry) -> Word:
    if path == "target":
        return _target(entry)
    side, _, key = path.partition(".")
    value = _mapping(getattr(entry, side)).get(key)
    if isinstance(value, bool):
        return Word("on" if value else "off", strong=True)
    return Word(MISSING) if value in (None, "") else Word(in_words(value), strong=True)


def _target(entry: AuditEntry) -> Word:
    if entry.target_label:
        return Word(entry.target_label, strong=True)
    return Word("an unknown account" if entry.action.startswith("session.") else MISSING)


def _mapping(said: object) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {}


# Before and after


class Change(NamedTuple):
    """One field as it was and as it became, each as a list of words; `kept` is how many of a list stayed."""

    label: str
    before: list[str]
    after: list[str]
    kept: int
    is_changed: bool


def changes_of(entry: AuditEntry) -> list[Change]:
    """Each field that the entry speaks of, those that changed first."""
    before, after = _mapping(entry.before), _mapping(entry.after)
    both = {**before, **after}
    keys = [key for key in both if key not in _ELSEWHERE and not ("sentence" in both and key in _SCOPE_COLUMNS)]
    return sorted((_change(key, before, after) for key in keys), key=lambda change: not change.is_changed)


def reached_by(entry: AuditEntry) -> list[str]:
    """Whom an act on several reached, by name; empty where its target says it."""
    sides = (_mapping(entry.before), _mapping(entry.after))
    return [*dict.fromkeys(in_words(item) for side in sides for key in _REACHED for item in side.get(key, ()))]


def reaches_people(entry: AuditEntry) -> bool:
    """Whether what `reached_by` names are people and groups, not things or assignments."""
    sides = map(_mapping, (entry.before, entry.after))
    return any(side.get(key) for side in sides for key in ("users", "reached", "groups", "memberships"))


def _change(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    label = _FIELDS.get(key, key.replace("_", " ").capitalize())
    old, new = _items(before.get(key)), _items(after.get(key))
    if not (isinstance(before.get(key), list) and isinstance(after.get(key), list)):
        return Change(label, old, new, 0, old != new)
    gone = [item for item in old if item not in new]
    come = [item for item in new if item not in old]
    return Change(label, gone, come, len(old) - len(gone), bool(gone or come))


def _items(value: object) -> list[str]:
    if value in (None, "", [], {}):
        return []
    return [in_words(item) for item in value] if isinstance(value, list) else [in_words(value)]


def in_words(value: object) -> str:
    """A value of before or after, as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return next(
            (str(value[key]) for key in ("sentence", "name", "label") if value.get(key)),
            ", ".join(f"{key} {in_words(item)}" for key, item in value.items()),
        )
    if isinstance(value, list):
        return counted(len(value), "entry", "entries") if len(value) > 3 else ", ".join(map(in_words, value))
    text = str(value)
    return Permission(text).label if text in Permission else text
