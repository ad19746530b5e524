"""Every page with the people of the demo world who look at it. Equal, by name, to the routes that answer GET."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from accounts.links import hash_token
from accounts.models import Group, Invitation, SavedView, User
from computers.models import Computer, Script
from immyrbac.bookmarks import Bookmark
from rbac.audit import Actor, record
from rbac.models import PendingAssignment, Role
from rbac.permissions import Permission, closure
from rbac.switches import SwitchKey
from tenancy.models import Tag, Tenant
from tests.browser.access_requests import ACCESS_REQUESTS
from tests.browser.agents import AGENTS
from tests.browser.customs import CUSTOMS
from tests.browser.deployments import DEPLOYMENTS
from tests.browser.leaving import handed_to, left, letting_act
from tests.browser.library import LIBRARY, former_script, rewritten_script
from tests.browser.maintenance import SESSIONS
from tests.browser.people import PEOPLE
from tests.browser.reports import REPORTS
from tests.browser.schedules import SCHEDULES
from tests.browser.sign_in_visits import SIGN_IN
from tests.browser.single_sign_on import SINGLE_SIGN_ON
from tests.browser.visit import Named, Visit, user
from tests.browser.what_if import WHAT_IF


def role(name: str) -> Named:
    return lambda: {"pk": Role.objects.get(name=name).pk}


def _edited_role() -> dict[str, Any]:
    """One that somebody gave more and that can lose it again."""
    edited = Role.objects.get(name="Inventory Reader")
    if edited.version == 1:
        held = [*edited.permissions, *closure([Permission.SCRIPTS_MANAGE])]
        edited.permissions, edited.edit_reason = sorted(set(held)), "INC-20931: scripts as well"
        edited.save()
    return {"pk": edited.pk}


def _first_version() -> dict[str, Any]:
    return {**_edited_role(), "number": 1}


def roles(*names: str) -> Callable[[], str]:
    """These beside each other."""
    return lambda: "?" + "&".join(f"role={role(name)()['pk']}" for name in names)


def invitation(**said: Any) -> dict[str, Any]:
    """One that Jonas sent: Grace's colleague, who gets a role and a group."""
    jonas, home = User.objects.get(name="Jonas Lindqvist"), Tenant.objects.get(slug="fabrikam")
    token = "a token that only this visit has"
    fields = {"name": "Mara Lindgren", "reason": "INC-20990", "message": "See you on Monday", **said}
    fields |= {"expires_at": timezone.now() + timedelta(days=7), "token_hash": hash_token(token)}
    found, made = Invitation.objects.update_or_create(
        email="mara@fabrikam.example", tenant=home, invited_by=jonas, defaults=fields
    )
    if made:
        give = {"scope": "own_tenant", "include_children": True}
        PendingAssignment.objects.create(invitation=found, role=Role.objects.get(key="tenant_user"), **give)
    return {"pk": found.pk}


def invitation_link() -> dict[str, str]:
    invitation()
    return {"token": "a token that only this visit has"}


def unknown_link() -> dict[str, str]:
    return {"token": "no-such"}


def switch(key: SwitchKey, *, enabled: bool) -> Named:
    return lambda: {"key": key, "enabled": enabled}


def computer(**found: Any) -> Named:
    """The first computer with these columns."""
    return lambda: {"pk": Computer.objects.live().filter(**found).order_by("name", "pk")[0].pk}


def _servers() -> str:
    return f"?{urlencode({'list': Bookmark('computers:computer-list', '?type=server').signed})}"


def _view() -> dict[str, Any]:
    """One of Dana's, shared."""
    dana, desk = User.objects.get(name="Dana Whitfield"), Group.objects.get(name="Service Desk")
    said = {"route": "computers:computer-list", "query": "?type=server", "group": desk}
    return {"pk": SavedView.objects.get_or_create(owner=dana, name="Servers, all of them", defaults=said)[0].pk}


def _with_a_view() -> str:
    _view()
    return ""


def _with_an_invitation() -> str:
    invitation()
    return ""


def _deleted() -> dict[str, Any]:
    found = computer(tenant__slug="fabrikam", type="portable")()
    Computer.objects.filter(**found).update(deleted_at=timezone.now())
    return found


def why(name: str, on: Named) -> Named:
    permission = Permission.COMPUTERS_MANAGE.value
    return lambda: {**on(), "permission": permission, "user_id": user(name)()["pk"]}


def group(name: str) -> Named:
    return lambda: {"pk": Group.objects.get(name=name).pk}


def _unused_group() -> dict[str, Any]:
    return {"pk": Group.objects.get_or_create(name="Old Project", description="Who moved the data centre")[0].pk}


def _group() -> dict[str, Any]:
    group = Group.objects.get(name="Service Desk")
    return {**SERVER(), "group_id": group.pk, "permission": Permission.COMPUTERS_MANAGE.value}


def _group_at_fabrikam() -> dict[str, Any]:
    return {**_group(), **fabrikam()}


def script(**found: Any) -> Named:
    return lambda: {"pk": Script.objects.filter(**found).order_by("name", "pk")[0].pk}


def _entry() -> dict[str, Any]:
    """An entry as services write it: fields, a list, and a reason."""
    said = {"before": {"os": "", "tags": ["HQ"]}, "after": {"os": "Windows Server 2025", "tags": ["Tier 0", "HQ"]}}
    target = Computer.objects.get(pk=SERVER()["pk"])
    actor = Actor(User.objects.get(name="Dana Whitfield"), request_id="5c1e40b7", address="203.0.113.24")
    entry = record(actor, "computer.edited", target=target, tenant=target.tenant_id, reason="INC-20877", **said)
    return {"pk": entry.pk}


def fabrikam() -> dict[str, Any]:
    return {"pk": Tenant.objects.get(slug="fabrikam").pk}


def tenant(slug: str) -> Named:
    return lambda: {"pk": Tenant.objects.get(slug=slug).pk}


def tag(name: str) -> Named:
    return lambda: {"pk": Tag.objects.get(name=name).pk}


def _empty_tenant() -> dict[str, Any]:
    return {"pk": Tenant.objects.create(name="Empty", slug="empty", parent=Tenant.objects.get(slug="contoso")).pk}


SERVER = computer(tenant__slug="fabrikam", type="server")
CONTROLLER = computer(tenant__slug="fabrikam", type="domain_controller")
"""What Dana is denied to change."""
DANA, GRACE = user("Dana Whitfield"), user("Grace Kim")


def asked(whom: Named | None, permission: Permission | None, on: Named) -> Callable[[], str]:
    """A question about a computer, as the address of an explain page has it."""

    def query() -> str:
        who = f"user={whom()['pk']}&" if whom else ""
        return f"?{who}permission={permission or ''}&on=computer:{on()['pk']}"

    return query


def servers_of_fabrikam() -> str:
    return f"?permission={Permission.COMPUTERS_MANAGE}&on=servers:{Tenant.objects.get(slug='fabrikam').pk}"


SCRIPTS_OFF = switch(SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)

DESK, CONTRACTORS = group("Service Desk"), group("Contractors")
"""Of Contoso; of the instance, with people of two providers."""

VISITS = [
    *SIGN_IN,
    *SINGLE_SIGN_ON,
    Visit("accounts:invitation-open", of=unknown_link, status=410),
    Visit("accounts:invitation-open", of=invitation_link),
    Visit("accounts:invitation-open", "Dana", of=invitation_link, status=409),
    Visit("accounts:invitation-accept", status=410),
    *(Visit("start", who) for who in ("Jonas", "Dana", "Leila", "Priya", "Rosa", "Grace", "Hugo")),
    Visit("search", "Jonas", query="?q=fab"),
    Visit("search", "Grace"),
    Visit("search", "Hugo", query="?q=no+such"),
    Visit("accounts:saved-view-list", "Dana", asks=_with_a_view),
    Visit("accounts:saved-view-list", "Grace"),
    Visit("accounts:saved-view-create", "Dana", asks=_servers),
    Visit("accounts:saved-view-edit", "Dana", _view),
    Visit("accounts:saved-view-delete", "Dana", _view),
    Visit("accounts:profile-detail", "Dana"),
    Visit("accounts:profile-access", "Dana"),
    Visit("accounts:profile-access", "Jonas"),
    Visit("accounts:profile-access", "Grace"),
    Visit("accounts:password-edit", "Dana"),
    Visit("accounts:user-list", "Jonas", query="?rows=10"),
    Visit("accounts:user-list", "Rosa", query="?q=grace"),
    Visit("accounts:user-list", "Jonas", query="?q=nobody+of+this+name"),
    Visit("accounts:user-detail", "Jonas", DANA),
    Visit("accounts:user-group-list", "Jonas", DANA),
    Visit("accounts:user-group-list", "Rosa", GRACE),
    Visit("accounts:user-place", "Jonas"),
    Visit("accounts:user-create", "Jonas", fabrikam),
    Visit("accounts:user-edit", "Jonas", DANA),
    Visit("accounts:user-remove", "Jonas", DANA),
    Visit("accounts:invitation-list", "Rosa"),
    Visit("accounts:invitation-list", "Jonas", asks=_with_an_invitation),
    Visit("accounts:invitation-list", "Jonas", query="?q=no+such"),
    Visit("accounts:invitation-detail", "Jonas", invitation),
    Visit("accounts:invitation-detail", "Hugo", invitation),
    Visit("accounts:invitation-revoke", "Jonas", invitation),
    Visit("accounts:invitation-place", "Jonas"),
    Visit("accounts:invitation-create", "Jonas", fabrikam),
    Visit("accounts:invitation-create", "Rosa", fabrikam),
    Visit("accounts:invitation-import", "Jonas", fabrikam),
    Visit("accounts:user-leave", "Jonas", DANA, asks=handed_to("Aiko Tanabe")),
    Visit("accounts:user-leave", "Rosa", GRACE),
    Visit("rbac:leaving-detail", "Hugo", left),
    *ACCESS_REQUESTS,
    Visit("accounts:group-list", "Jonas"),
    Visit("accounts:group-list", "Rosa"),
    Visit("accounts:group-list", "Jonas", query="?assignments=none&q=no+such"),
    Visit("accounts:group-detail", "Jonas", DESK),
    Visit("accounts:group-detail", "Hugo", CONTRACTORS),
    Visit("accounts:group-detail", "Jonas", _unused_group),
    Visit("accounts:group-detail", "Hugo", DESK, "?status=over"),
    Visit("accounts:group-place", "Jonas"),
    Visit("accounts:group-create", "Jonas", fabrikam),
    Visit("accounts:group-create-shared", "Jonas"),
    Visit("accounts:group-edit", "Jonas", DESK),
    Visit("accounts:group-delete", "Jonas", CONTRACTORS),
    Visit("accounts:group-delete", "Jonas", _unused_group),
    Visit("accounts:membership-create", "Jonas", CONTRACTORS),
    Visit("rbac:group-assignment-list", "Jonas", CONTRACTORS),
    Visit("rbac:group-assignment-list", "Rosa", group("Fabrikam staff")),
    Visit("rbac:group-assignment-create", "Jonas", CONTRACTORS),
    Visit("rbac:group-assignment-end", "Jonas", CONTRACTORS),
    Visit("rbac:group-history", "Hugo", DESK),
    Visit("rbac:assignment-create", "Jonas", DANA),
    Visit("rbac:assignment-create", "Jonas", DANA, "?effect=deny&scope=tag&computer_scope=type&ends=date"),
    Visit("rbac:assignment-create", "Rosa", GRACE),
    Visit("rbac:assignment-end", "Jonas", DANA),
    Visit("rbac:user-access", "Hugo", DANA),
    Visit("rbac:user-access", "Rosa", GRACE),
    Visit("rbac:user-history", "Hugo", DANA),
    Visit("rbac:assignment-list", "Jonas", DANA),
    Visit("rbac:assignment-list", "Rosa", GRACE),
    Visit("rbac:assignment-list", "Hugo", DANA, "?ended=1"),
    Visit("rbac:explain", "Hugo"),
    Visit("rbac:explain", "Hugo", asks=asked(DANA, Permission.COMPUTERS_MANAGE, CONTROLLER)),
    Visit("rbac:explain", "Hugo", asks=asked(DANA, Permission.SCRIPTS_MANAGE, computer(tenant__slug="litware"))),
    Visit("rbac:explain", "Jonas", asks=asked(GRACE, Permission.COMPUTERS_DELETE, SERVER)),
    Visit("rbac:explain", "Grace", asks=asked(GRACE, Permission.COMPUTERS_VIEW, SERVER)),
    Visit("rbac:explain", "Rosa", asks=asked(GRACE, Permission.SCRIPTS_MANAGE, SERVER)),
    Visit("rbac:explain", "Hugo", asks=asked(DANA, None, CONTROLLER)),
    Visit("rbac:explain-ask", "Hugo", query="?words=can+Dana+Whitfield+fly", status=422),
    Visit("rbac:explain-ask", "Jonas", query="?words=who+can+manage+Service+Desk"),
    Visit("rbac:explain-who", "Hugo", asks=servers_of_fabrikam),
    Visit("rbac:explain-who", "Hugo"),
    Visit("rbac:explain-who", "Hugo", asks=asked(None, Permission.COMPUTERS_MANAGE, SERVER)),
    Visit("rbac:explain-who", "Rosa", asks=asked(None, Permission.COMPUTERS_VIEW, SERVER)),
    Visit("rbac:assignment-index", "Jonas"),
    Visit("rbac:assignment-index", "Rosa"),
    Visit("rbac:assignment-index", "Hugo", query="?mark=redundant"),
    Visit("rbac:assignment-index", "Jonas", query="?mark=orphaned"),
    Visit("rbac:assignment-index", "Jonas", query="?effect=deny&q=nobody+of+this+name"),
    Visit("rbac:assignment-people", "Jonas", query="?rows=10"),
    Visit("rbac:assignment-people", "Rosa"),
    Visit("rbac:preference-list", "Jonas"),
    Visit("rbac:preference-list", "Hugo"),
    Visit("rbac:switch-change", "Jonas", SCRIPTS_OFF),
    Visit("rbac:switch-change", "Jonas", SCRIPTS_OFF, "?view=same"),
    Visit("rbac:switch-change", "Jonas", switch(SwitchKey.IMPERSONATION, enabled=True)),
    Visit("accounts:impersonation-start", "Jonas", DANA, asks=letting_act),
    Visit("rbac:switch-change", "Jonas", switch(SwitchKey.GREAT_POWER_MFA, enabled=True)),
    Visit("rbac:switch-change", "Jonas", switch(SwitchKey.ACCESS_REQUESTS, enabled=True)),
    *AGENTS,
    *CUSTOMS,
    *REPORTS,
    *WHAT_IF,
    *DEPLOYMENTS,
    *SCHEDULES,
    *SESSIONS,
    Visit("computers:computer-list", "Jonas", query="?rows=25"),
    Visit("computers:computer-list", "Grace"),
    Visit("computers:computer-list", "Jonas", query="?type=server&seen=never&q=no+such"),
    Visit("computers:computer-detail", "Jonas", SERVER),
    Visit("computers:computer-detail", "Grace", SERVER),
    Visit("computers:computer-detail", "Jonas", _deleted),
    Visit("computers:computer-detail", "Jonas", computer(notes__gt="")),
    Visit("computers:computer-who", "Jonas", CONTROLLER),
    Visit("computers:computer-who", "Rosa", SERVER),
    Visit("computers:computer-who-people", "Hugo", SERVER),
    Visit("computers:computer-who-people", "Hugo", SERVER, "?q=nobody+of+this+name"),
    Visit("computers:computer-why", "Jonas", why("Dana Whitfield", CONTROLLER)),
    Visit("computers:computer-why", "Jonas", why("Grace Kim", SERVER)),
    Visit("computers:computer-why", "Rosa", why("Rosa Delgado", SERVER)),
    Visit("computers:computer-why-group", "Jonas", _group),
    Visit("computers:computer-history", "Jonas", SERVER),
    *(
        Visit(f"computers:computer-{act}", "Jonas", SERVER)
        for act in ("edit", "type", "notes", "tags", "move", "delete")
    ),
    Visit("computers:computer-restore", "Jonas", _deleted),
    *LIBRARY,
    *PEOPLE,
    Visit("computers:script-list", "Leila"),
    Visit("computers:script-list", "Grace"),
    Visit("computers:script-detail", "Leila", script(tenant=None)),
    Visit("computers:script-start", "Jonas"),
    Visit("computers:script-create", "Jonas", fabrikam),
    Visit("computers:script-create-shared", "Jonas"),
    Visit("computers:script-version-list", "Leila", rewritten_script),
    Visit("computers:script-version-detail", "Leila", former_script),
    Visit("computers:script-compare", "Leila", rewritten_script),
    Visit("computers:script-version-restore", "Jonas", former_script),
    Visit("computers:script-edit", "Jonas", script(tenant=None)),
    Visit("computers:script-delete", "Jonas", script(tenant=None)),
    Visit("tenancy:tenant-list", "Jonas", query="?rows=25"),
    Visit("tenancy:tenant-list", "Rosa"),
    Visit("tenancy:tenant-list", "Jonas", query="?status=inactive&q=no+such"),
    Visit("tenancy:tenant-tree", "Jonas"),
    Visit("tenancy:tenant-tree", "Jonas", query="?q=cycles"),
    Visit("tenancy:tenant-place", "Jonas"),
    Visit("tenancy:tenant-create", "Jonas", fabrikam),
    Visit("tenancy:tenant-create-root", "Jonas"),
    Visit("tenancy:tenant-detail", "Jonas", fabrikam),
    Visit("tenancy:tenant-detail", "Rosa", fabrikam),
    Visit("tenancy:tenant-who", "Jonas", fabrikam),
    Visit("tenancy:tenant-who", "Rosa", fabrikam),
    Visit("tenancy:tenant-who-people", "Hugo", fabrikam),
    Visit("tenancy:tenant-why", "Jonas", why("Dana Whitfield", fabrikam)),
    Visit("tenancy:tenant-why-group", "Jonas", _group_at_fabrikam),
    Visit("tenancy:tenant-history", "Jonas", fabrikam),
    Visit("tenancy:tenant-edit", "Jonas", fabrikam),
    Visit("tenancy:tenant-delete", "Jonas", fabrikam),
    Visit("tenancy:tenant-delete", "Jonas", _empty_tenant),
    Visit("tenancy:tenant-tags", "Jonas", fabrikam),
    Visit("tenancy:tenant-tags", "Jonas", fabrikam, "?chosen=1"),
    Visit("tenancy:tenant-move", "Jonas", fabrikam),
    Visit("tenancy:tenant-move", "Jonas", tenant("tailspin-toys"), "?chosen=1&parent="),
    Visit("tenancy:tenant-msp", "Jonas", fabrikam),
    Visit("tenancy:tenant-msp", "Jonas", tenant("relecloud")),
    Visit("tenancy:tenant-activate", "Jonas", tenant("proseware")),
    Visit("tenancy:tenant-deactivate", "Jonas", fabrikam),
    Visit("tenancy:tenant-deactivate", "Jonas", tenant("proseware")),
    Visit("tenancy:tag-list", "Jonas"),
    Visit("tenancy:tag-list", "Rosa"),
    Visit("tenancy:tag-detail", "Jonas", tag("Gold SLA")),
    Visit("tenancy:tag-detail", "Rosa", tag("Gold SLA")),
    Visit("tenancy:tag-place", "Jonas"),
    Visit("tenancy:tag-create", "Jonas", fabrikam),
    Visit("tenancy:tag-create-shared", "Jonas"),
    Visit("tenancy:tag-edit", "Jonas", tag("Gold SLA")),
    Visit("tenancy:tag-delete", "Jonas", tag("Gold SLA")),
    Visit("tenancy:tag-delete", "Jonas", tag("Seasonal")),
    Visit("rbac:role-list", "Hugo"),
    Visit("rbac:role-list", "Grace", query="?type=custom"),
    Visit("rbac:role-detail", "Hugo", role("MSP User")),
    Visit("rbac:role-detail", "Rosa", role("No computer changes"), "?granted=on&q=computers"),
    Visit("rbac:role-holder-list", "Hugo", role("MSP User")),
    Visit("rbac:role-place", "Jonas"),
    Visit("rbac:role-create", "Jonas", fabrikam),
    Visit("rbac:role-create-shared", "Jonas", asks=lambda: f"?copied_from={role('MSP User')()['pk']}"),
    Visit("rbac:role-edit", "Jonas", role("Field Technician")),
    Visit("rbac:role-delete", "Jonas", role("Field Technician")),
    Visit("rbac:role-version-list", "Hugo", _edited_role),
    Visit("rbac:role-version-detail", "Jonas", _first_version),
    Visit("rbac:role-version-restore", "Jonas", _first_version),
    Visit("rbac:role-compare", "Hugo"),
    Visit("rbac:role-compare", "Hugo", asks=roles("MSP User", "Tenant Administrator")),
    Visit("rbac:role-compare", "Hugo", asks=roles("MSP User", "Auditor", "Tenant User")),
    Visit("rbac:audit-list", "Hugo"),
    Visit("rbac:audit-list", "Rosa", query="?action=refused"),
    Visit("rbac:audit-detail", "Hugo", _entry),
]
