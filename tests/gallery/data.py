"""What the gallery shows: the people and numbers of the sketches, in the shapes that the parts take."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Thing

from django import forms
from django.conf import settings
from django.utils.html import format_html

from immyrbac import widgets
from immyrbac.lists import Chip, Choice, Total
from immyrbac.words import Status

NOW = datetime(2026, 11, 24, 9, 40, tzinfo=UTC)

PEOPLE = [
    ("Aiko Tanabe", "aiko.tanabe@contoso.example", "Contoso MSP", "MSP User", 3, "+2", "live", None, 6),
    ("Beatriz Costa", "beatriz.costa@northwind.example", "Northwind Traders", "Tenant Administrator", 0, "", "live", None, 70),
    ("Callum Reid", "callum.reid@contoso.example", "Contoso MSP", "MSP User", 3, "+1", "soon", NOW + timedelta(days=3), 130),
    ("Dana Whitfield", "dana.whitfield@contoso.example", "Contoso MSP", "MSP User", 3, "+3", "live", NOW + timedelta(days=127), 12),
    ("Elena Petrova", "elena.petrova@litware.example", "Litware", "Tenant User", 0, "", "live", None, 1500),
    ("Farid Nasser", "farid.nasser@adventure-works.example", "Adventure Works", "Tenant User", 0, "", "new", None, None),
    ("Grace Kim", "grace.kim@fabrikam.example", "Fabrikam", "Tenant User", 0, "", "live", None, 190),
    ("Hugo Marchetti", "hugo.marchetti@contoso.example", "Contoso MSP", "Auditor", 0, "", "live", NOW + timedelta(days=37), 31),
    ("Ingrid Solberg", "ingrid.solberg@fabrikam.example", "Fabrikam Logistics", "Tenant User", 0, "", "off", None, 110000),
    ("Jonas Lindqvist", "jonas.lindqvist@contoso.example", "Contoso MSP", "MSP Administrator", 3, "", "live", None, 4),
    ("Katarzyna Wojciechowska-Brandt", "katarzyna.wojciechowska-brandt@adventure-works-cycles.example", "Adventure Works Cycles", "Deployment Manager", 0, "+1", "suspended", None, 1500),
    ("Leila Haddad", "leila.haddad@contoso.example", "Contoso MSP", "Script Manager", 1, "+2", "ended", None, 22),
    ("Marcus Oyelaran", "marcus.oyelaran@contoso.example", "Contoso MSP", "MSP Administrator", 3, "", "live", None, 0),
]  # fmt: skip
WORDS = {"live": "Active", "new": "Invited", "soon": "Ends in 3 days", "off": "Disabled", "suspended": "Partly suspended", "ended": "Expired"}  # fmt: skip


class UserFilters(forms.Form):
    default_renderer = widgets.Renderer
    status = forms.ChoiceField(required=False, choices=[("", "Any"), ("active", "Active")])
    group = forms.ChoiceField(required=False, choices=[("", "Any"), ("1", "Service Desk")])


def icons():
    return re.findall(r'symbol id="([^"]+)"', (settings.BASE_DIR / "static" / "icons.svg").read_text())


def users():
    now = datetime.now(UTC)
    rows = [
        Thing(pk=n, name=name, email=email, tenant=tenant, role=role, power=power, more=more, ends=ends,
              status=Status(kind, WORDS[kind]), seen=None if seen is None else now - timedelta(minutes=seen))
        for n, (name, email, tenant, role, power, more, kind, ends, seen) in enumerate(PEOPLE)
    ]  # fmt: skip
    columns = {
        name: Choice(label, f"/users/?sort={name}", current=name == "name")
        for name, label in (("name", "Name"), ("tenant", "Tenant"), ("ends", "Access ends"), ("seen", "Last seen"))
    }
    filters = UserFilters({})
    filters.is_valid()
    filters.fields["q"], filters.cleaned_data["q"] = forms.CharField(required=False), ""
    chips = [
        Chip("Tenant", "Contoso MSP and its customers", "/users/?account=person"),
        Chip("Account", "person", "/users/?tenant=1"),
    ]
    sizes = [Choice(str(n), "/users/", n == 50) for n in (10, 25, 50)]
    return Thing(
        rows=rows, columns=columns, descending=False, filters=filters, chips=chips, path="/users/", sizes=sizes,
        open_fields=[filters["status"], filters["group"]], hidden=[("tenant", "1")], carried=[("tenant", "1")],
        summary="1–50 of 2,314", announcement="2,314 users", previous_url="", next_url="/users/?after=x",
        total=Total(2314, capped=False), export_query="?tenant=1", clear_url="/users/",
        filter_count=2,
    )  # fmt: skip


def describe(value):
    return {
        "1": {"help": "Hands-on work on computers, no tenant settings", "power": 1, "count": 18, "unit": "permissions"},
        "2": {"help": "Terminal and script runs on computers", "power": 2, "count": 5, "unit": "permissions"},
        "3": {"help": "See computers, deploy to one computer or person", "count": 31, "unit": "permissions"},
        "4": {"help": "Everything inside one tenant", "count": 43, "unit": "permissions"},
        "5": {"help": "Deployments that target many tenants", "power": 1, "marks": "msp", "count": 7, "unit": "permissions"},
        "6": {"help": "You need Assign Owner Scoped Roles to give this", "power": 10, "marks": "msp", "count": 90, "disabled": True},
        "7": {"help": "For denying only", "marks": "deny_only", "power": 1, "count": 1, "needs": "effect=deny"},
    }[str(value)]  # fmt: skip


ROLES = ["Field Technician", "Computer Terminal User", "Tenant User", "Tenant Administrator", "Cross-Tenant Deployment Manager", "MSP Administrator", "Terminal Only"]  # fmt: skip
SCOPES = {"owner": "Owner", "msp": "MSP", "tag": "Tag", "tenant": "Specific tenant", "own_tenant": "User’s tenant"}
SCOPE_HELP = {
    "owner": "Every tenant",
    "msp": "An MSP and its customers",
    "tag": "Tenants that bear a tag",
    "tenant": "One tenant you choose",
    "own_tenant": "Dana’s: Contoso MSP",
}
TYPES = [("workstations_and_portables", "Workstations and portable devices"), ("servers", "Servers"), ("domain_controllers", "Domain controllers")]  # fmt: skip
ENDS = [("hour", "1 hour"), ("day", "1 day"), ("three", "3 days"), ("date", "On a date…"), ("never", "Never")]


class AssignmentForm(forms.Form):
    default_renderer = widgets.Renderer
    role = forms.ChoiceField(
        choices=[(str(n), name) for n, name in enumerate(ROLES, 1)],
        widget=widgets.Combobox(describe=describe, noun="roles"),
        help_text=format_html('Custom role of Contoso MSP. <a href="{}">See what it holds</a>', "/parts/"),
        initial="1",
    )
    effect = forms.ChoiceField(
        choices=[("allow", "Allow"), ("deny", "Deny")],
        widget=widgets.RadioCards(denies=["deny"], slim=True),
        initial="allow",
    )
    scope = forms.ChoiceField(
        label="Tenants", choices=SCOPES.items(), widget=widgets.RadioCards(help=SCOPE_HELP), initial="tag"
    )
    computer_scope = forms.ChoiceField(
        label="Computers",
        choices=[("all", "All"), ("computer", "One computer"), ("tag", "Tag"), ("type", "Type")],
        widget=widgets.RadioCards(slim=True, full=True),
        initial="type",
    )
    computer_type = forms.ChoiceField(label="Type", choices=TYPES, widget=forms.RadioSelect, initial="servers")
    starts = forms.ChoiceField(choices=[("now", "Now"), ("date", "On a date…")])
    ends = forms.ChoiceField(choices=ENDS, widget=widgets.Joined, initial="three", help_text="Fri 27 Nov 2026, 09:40")
    reason = forms.CharField(
        initial="Laptop refresh, Gold customers, INC-20931",
        help_text="Shown to auditors and to the customer’s administrators.",
    )


class InviteForm(forms.Form):
    default_renderer = widgets.Renderer
    name = forms.CharField()
    email = forms.EmailField(label="E-mail")
    tenant = forms.ChoiceField(choices=[("1", "Litware")], widget=widgets.Combobox(source="/options/", noun="tenants"))
    access_ends = forms.DateTimeField(
        label="Access ends", widget=forms.DateTimeInput({"type": "datetime-local"}), required=False
    )
    administrator = forms.BooleanField(
        required=False, label="May invite colleagues", help_text="Gives Tenant Administrator."
    )
    message = forms.CharField(required=False, widget=forms.Textarea)


def invite():
    form = InviteForm({"name": "Samuel Okafor", "email": "samuel.okafor@litware.example", "tenant": "1",
                       "access_ends": "2026-11-14T09:00", "message": "Hi Samuel, this is where you see your computers."})  # fmt: skip
    form.add_error("email", "Samuel Okafor already signs in with this address.")
    form.add_error("access_ends", "14 Nov 2026 has passed. Choose tomorrow or later, or leave it empty.")
    return form


EFFECTS = [
    ("gains", "crown", "Gains great power: 1", "Run Scripts, on 1,045 more computers. You will be asked to confirm."),
    ("inert", "dots", "4 permissions stay inert here", "They belong to a tenant, and this assignment is narrowed to a type of computer: View Tenants, View Users, View Scripts, View Tags."),
    ("plain", "check", "Already held on 5 of the 37 tenants", "159 computers, through Service Desk as MSP User."),
    ("loses", "deny", "Dana loses 1 permission", "Use Computer Terminal, on 3 computers."),
    ("warns", "warn", "1 open terminal closes", "On DC01, since 09:22."),
    ("fine", "check", "You may give this", "You hold all 14 on every Gold SLA tenant."),
]  # fmt: skip


def sentences():
    may = "May act as <b>{}</b> {} on <b>{}</b> of {}"
    return [
        Thing(kind="deny", sentence=format_html("May not use anything in <b>{}</b> on <b>domain controllers</b> of <b>Fabrikam</b> and its child tenants", "Terminal Only"), second="Marcus Oyelaran, 18 Nov 2026: Change freeze CHG-4471 until the migration is signed off", status=Status("soon", "Ends in 6 days"), action=("End", "/end/", True)),
        Thing(kind="allow", sentence=format_html(may, "Computer Terminal User", "", "servers", "Fabrikam"), second="Jonas Lindqvist, 3 Aug 2026: On-site support contract", status=Status("live", "Live"), action=("End", "/end/", True)),
        Thing(kind="allow", sentence=format_html(may, "Deployment Manager", "", "all computers", "Northwind Traders"), second="Marcus Oyelaran, 20 Nov 2026: Cover for Callum Reid", status=Status("new", "Starts 1 Dec 2026"), action=("End", "/end/", True)),
        Thing(kind="allow", sentence=format_html(may, "Script Author", "", "all computers", "tenants tagged Silver SLA"), second="Member of Night Shift since 2 Mar 2026. Suspended in 1 of 22 tenants: Litware has switched script editing off", status=Status("suspended", "Partly suspended"), action=("Night Shift", "/parts/", False)),
    ]  # fmt: skip


PATHS = [
    Thing(kind="deny", full=True, title="Deny, decides", note="“Change freeze CHG-4471 until the migration is signed off”, Marcus Oyelaran, 18 Nov 2026", link=("Assignment", "/parts/"), stations=[("Dana Whitfield", "Contoso MSP, active", ""), ("Directly", "until 30 Nov 2026", ""), ("Terminal Only", "holds only this", ""), ("Fabrikam", "and its child tenants", ""), ("DC01", "is a domain controller", "")]),
    Thing(kind="allow", full=True, title="Allow, matches but is overruled", note="", link=None, stations=[("Dana Whitfield", "Contoso MSP, active", ""), ("Service Desk", "group", ""), ("MSP User", "holds it", ""), ("Tagged 24×7", "Fabrikam bears it", ""), ("DC01", "all computers", "")]),
    Thing(kind="near", full=False, title="", note="", link=None, stations=[("Dana Whitfield", "", ""), ("Directly", "no end", ""), ("Computer Terminal User", "holds it", ""), ("Fabrikam", "", ""), ("Servers only", "DC01 is a domain controller", "breaks")]),
    Thing(kind="near", full=False, title="", note="", link=None, stations=[("Dana Whitfield", "", ""), ("Directly", "expired 2 Nov 2026", "breaks"), ("Computer Terminal User", "holds it", "beyond"), ("Tagged Gold SLA", "Fabrikam bears it", "beyond"), ("All computers", "", "beyond")]),
]  # fmt: skip

ACTIONS = [("See", False), ("Run maintenance", False), ("Edit", False), ("Edit notes", False), ("Run scripts", True), ("Terminal", True), ("Move", False), ("Delete", False)]  # fmt: skip
_MATRIX = [
    ("Jonas Lindqvist", "MSP Administrator, every tenant", "aaaaaaaa"),
    ("Service Desk", "38 people, MSP User", "aaaaaa--"),
    ("Dana Whitfield", "in Service Desk, with a deny", "aaaaad--"),
    ("Callum Reid", "MSP User, until 27 Nov", "ssssss--"),
    ("Contractors", "3 people, Field Technician", "aaaau---"),
    ("Hugo Marchetti", "Auditor, every tenant", "a-------"),
]
_STATES = {"a": "allow", "d": "deny", "s": "soon", "u": "suspended", "-": "none"}


def matrix():
    return [
        (name, "/parts/", second, [(_STATES[c], "/parts/", f"{name}: {ACTIONS[n][0]}: {_STATES[c]}") for n, c in enumerate(cells)])
        for name, second, cells in _MATRIX
    ]  # fmt: skip


def _permission(label, granted=True, great=False, msp=False, scoping="tenant"):
    return Thing(label=label, granted=granted, great_power=great, msp_only=msp, scoping=scoping)


SUBJECTS = [
    ("People & Users", 1, 4, [_permission("View Users")], [_permission("Manage Users", False)], [_permission("Impersonate Users", False, True), _permission("Assign Owner Scoped Role Assignments", False, False, False, "system")]),
    ("Tenants", 2, 3, [_permission("View Tenants")], [_permission("Manage Tenants", msp=True)], [_permission("Control Tenant Activation", False, msp=True)]),
    ("API Clients", 0, 1, [], [], [_permission("Manage API Clients", False, True)]),
]  # fmt: skip

TAGS = [Thing(name="Gold SLA", color="orange"), Thing(name="24×7", color="#cc4466"), Thing(name="Silver SLA", color="h5"), Thing(name="EU data", color="purple"), Thing(name="Onboarding", color="")]  # fmt: skip

AUDIT = [
    ("Today, Tue 24 Nov 2026", [
        ("09:41:07", "Marcus Oyelaran", "", "allow", "c-allow", format_html("Gave <b>{}</b> on <b>Gold SLA</b> to <b>Dana Whitfield</b>", "Field Technician"), True, "37 tenants"),
        ("09:38:55", "Dana Whitfield", "", "deny", "c-deny", format_html("Refused: terminal on <b>{}</b>", "DC01"), False, "Fabrikam"),
        ("09:12:30", "Leila Haddad", "", "scripts", "", format_html("Edited script <b>{}</b>", "Clear print queue"), False, "Contoso MSP"),
        ("08:47:02", "Marcus Oyelaran", "as Grace Kim", "play", "", format_html("Ran maintenance on <b>{}</b>", "FAB-LT-0147"), False, "Fabrikam"),
        ("08:00:00", "The clock", "", "clock", "", format_html("Ended <b>{}</b> of <b>Noah Fischer</b>", "Tenant User"), False, "Northwind Traders"),
    ]),
    ("Yesterday, Mon 23 Nov 2026", [
        ("17:26:41", "Jonas Lindqvist", "", "tags", "", format_html("Put tag <b>{}</b> on <b>Adventure Works</b>; 13 people gained access", "Gold SLA"), False, "Adventure Works"),
        ("11:30:48", "Olivia Novak", "", "mail", "", format_html("Invited <b>{}</b> as Tenant User", "Samuel Okafor"), False, "Litware"),
        ("10:04:22", "Marcus Oyelaran", "", "roles", "", format_html("Edited role <b>{}</b>: 1 permission added", "Field Technician"), True, "Contoso MSP"),
        ("09:20:17", "Sync (API client)", "", "groups", "", format_html("Added <b>{}</b> to <b>Night Shift</b>", "Wei Zhang"), False, "Northwind Traders"),
        ("08:58:30", "Marcus Oyelaran", "", "preferences", "", format_html("Turned on <b>{}</b>", "Enable Access Requests"), False, "System"),
        ("07:31:50", "Unknown", "", "key", "c-deny", format_html("Failed sign-in for <b>{}</b>, 5th in a row", "jonas.lindqvist@contoso.example"), False, "System"),
    ]),
]  # fmt: skip
AFFECTS = '{} would affect <a href="/users/">{}</a>'
SINCE = "<b>{}</b>{}"
SWITCHES = [
    (True, "Allow Non-Admin Users to Manage Deployments", "While off, single-tenant and individual deployments stay with MSP Administrator, Tenant Administrator and Deployment Manager.", "/ripple/", [format_html(SINCE, "On", " since 3 Feb 2026"), format_html(AFFECTS, "Off", "112 people")]),
    (True, "Allow Non-Admins and Non-MSP Users to Use Terminal and Edit Scripts", "While off, terminal, running and editing scripts stay with MSP Administrator, Script Manager and Computer Terminal User.", "/ripple/", [format_html(SINCE, "On", " since 3 Feb 2026"), format_html(AFFECTS, "Off", "64 people")]),
    (False, "Require Change Requests for Non-Admin Cross-Tenant Deployments", "While on, MSP Users submit cross-tenant changes for review instead of making them.", "/ripple/", [format_html(SINCE, "Off", ", never turned on"), format_html(AFFECTS, "On", "71 people")]),
    (True, "Enable Access Requests", "A reader sees the state and cannot change it.", "", [format_html(SINCE, "On", " since yesterday, Marcus Oyelaran")]),
]  # fmt: skip
