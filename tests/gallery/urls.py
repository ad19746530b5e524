"""A site of the design system's parts in every state, for its browser tests alone."""

from collections import defaultdict

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path

from immyrbac import http, widgets
from immyrbac.navigation import NAVIGATION
from tests.gallery import data

EXTRA = {
    "users": lambda: {"listing": data.users(), "batch": [("Set access end", "/x/", ""), ("Disable", "/x/", "takes")]},
    "user": lambda: {"form": data.AssignmentForm(), "effects": data.EFFECTS, "sentences": data.sentences(),
                     "tabs": [("Details", "/user/", None, False), ("Groups", "/user/", 2, False), ("Assignments", "/user/", 5, True), ("Effective access", "/user/", None, False), ("History", "/user/", None, False)],
                     "figures": [("Tenants", 37, "/users/", ""), ("Computers", "1,204", "/users/", ""), ("Permissions", 14, "", "of 18")]},
    "form": lambda: {"form": data.invite()},
    "computer": lambda: {"actions": data.ACTIONS, "people": data.matrix(), "tags": data.TAGS[:2],
                         "tabs": [("Overview", "/computer/", None, False), ("Deployments", "/computer/", 14, False), ("Who can do what", "/computer/", 58, True)]},
    "audit": lambda: {"days": data.AUDIT},
    "explain": lambda: {"paths": data.PATHS[:2], "near": data.PATHS[2:]},
    "preferences": lambda: {"switches": data.SWITCHES},
    "ripple": lambda: {"effects": data.EFFECTS[2:5], "figures": [("People who lose something", 64, "/users/", ""), ("Lose all of it", 41, "/users/", ""), ("Keep part", 23, "/users/", ""), ("Gain anything", 0, "", "")]},
    "parts": lambda: {"icons": data.icons(), "tags": data.TAGS, "subjects": data.SUBJECTS, "effects": data.EFFECTS},
}  # fmt: skip


def show(request, name):
    return render(request, f"gallery/{name}.html", EXTRA.get(name, dict)())


def users(request):
    context = EXTRA["users"]()
    if request.GET.get("q"):
        context["listing"].rows, context["listing"].chips = context["listing"].rows[:1], []
        context["listing"].announcement = "1 user"
    return http.render_page(request, "gallery/users.html", "gallery/_user_table.html", context)


def end(request):
    typed = request.POST.get("confirmation")
    if typed == "Dana Whitfield":
        http.toast(request, "Great power given")
        return http.redirect(request, "/users/")
    context = {"typed": typed, "error": typed and f"This is not Dana Whitfield: {typed}."}
    title, status = "Give great power to Dana Whitfield?", http.INVALID if typed else 200
    return http.render_dialog(
        request, "gallery/_end_dialog.html", context, title=title, cancel_url="/user/", status=status
    )


def refusal(request):
    raise http.Refused(
        http.Refusal(
            title="You cannot open a terminal on DC01",
            why="You can see this computer, but Use Computer Terminal is denied to you here until 30 Nov 2026.",
            needed="Use Computer Terminal", change="End the deny, or wait until 30 Nov 2026.", ask_url="/profile/",
            codename="computers:use_terminal", great_power=True, back=("Back to DC01", "/computer/"),
            crumbs=[("Computers", "/users/"), ("DC01", "/computer/")],
            paths=[vars(path) for path in data.PATHS[:2]], explanation="/explain/",
            may=["Run maintenance", "Read the inventory and timeline"],
            helpers=[("Marcus Oyelaran", "gave the deny"), ("Jonas Lindqvist", "MSP Administrator")],
            request_id="7f3a-91c2", recorded=True,
        )
    )  # fmt: skip


def toasted(request):
    http.toast(
        request,
        "Noah Fischer’s access ended",
        "2 assignments ended; 1 session closed.",
        link=("/audit/", "Audit entry"),
    )
    return http.redirect(request, "/users/")  # fmt: skip


def options(request):
    attrs = widgets.option_attrs({"help": "below Fabrikam", "count": 12, "unit": "computers"})
    rows = [(n, f"{request.GET['q']} {n}", attrs) for n in range(2, 24)]
    return render(request, "parts/options.html", {"options": rows[:21]})


def answer(status):
    return {400: http.bad_request, 403: http.csrf_failure, 404: http.not_found}[status]


SHOWN = {
    "accounts:profile-detail": "start", "computers:computer-list": "computer", "rbac:audit-list": "audit",
    "rbac:explain": "explain", "rbac:preference-list": "preferences",
}  # fmt: skip
"""Which page stands where a link of the frame leads; where any other leads, an empty list does."""


def stand_ins():
    """What the side bar leads to, by namespace."""
    found = defaultdict(list, {"accounts": [path("users/", users, name="user-list")]})
    entries = {entry.url_name for group in NAVIGATION for entry in group.entries if ":" in entry.url_name}
    for name in sorted({*entries, *SHOWN} - {"accounts:user-list"}):
        namespace, _, view = name.partition(":")
        found[namespace].append(path(f"{SHOWN.get(name, view)}/", show, {"name": SHOWN.get(name, "empty")}, name=view))
    return [path("", include((routes, namespace))) for namespace, routes in found.items()]


urlpatterns = [
    path("", show, {"name": "start"}, name="start"),
    path("search/", show, {"name": "empty"}, name="search"),
    *stand_ins(),
    path("end/", end),
    path("options/", options),
    path("refusal/", refusal),
    path("toasted/", toasted),
    path("400/", answer(400)),
    path("csrf/", answer(403)),
    path("404/", answer(404)),
    path("out/", lambda request: HttpResponse(""), name="account_logout"),
    path("<slug:name>/", show),
]
handler403 = "immyrbac.http.forbidden"
handler404 = "immyrbac.http.not_found"
