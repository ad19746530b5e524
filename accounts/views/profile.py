"""One's own account: who I am, what I hold, what I may do, where I am signed in."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core.ratelimit import consume_or_429
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.factors import factors_of
from accounts.forms.passwords import ChangePasswordForm
from accounts.identities import identities_of, providers_to_link
from accounts.passwords import change_password
from accounts.profiles import acted_as, own_groups, own_sessions, profile_page
from accounts.sessions import browser_of, end_other_sessions, end_session, open_sessions
from immyrbac.http import INVALID, redirect, render_dialog, render_page, toast, wants_fragment
from immyrbac.requests import Request
from immyrbac.words import counted
from rbac.decorators import FORM, WRITE, any_user
from rbac.effective import effective_access, in_short
from rbac.explain_pages import asked_ways
from rbac.middleware import SEEN
from rbac.rosters import roster_of
from rbac.share_lists import shares_of_user

SECURITY = "accounts:profile-security"


@any_user(as_another=True)
def profile_detail(request: Request) -> HttpResponse:
    context = profile_page(request, "accounts:profile-detail") | {
        "roster": roster_of(request.access, request.user),
        "groups": own_groups(request),
        "show_over": "ended" in request.GET,
    }
    return render_page(request, "accounts/profile_detail.html", "accounts/profile_detail.html", context)


@any_user(as_another=True)
def profile_access(request: Request) -> HttpResponse:
    ways = effective_access(request.access, request.user)
    asked = asked_ways(request.access, request.user, ways)
    context = profile_page(request, "accounts:profile-access") | {"ways": asked, "short": in_short(ways)}
    context["shares"] = shares_of_user(request.access, request.user)
    return render_page(request, "accounts/profile_access.html", "accounts/profile_access.html", context)


@any_user()
def profile_security(request: Request) -> HttpResponse:
    shown = profile_page(request, SECURITY) | {"sessions": own_sessions(request), "acted": acted_as(request)}
    shown |= {"factors": factors_of(request.user)}
    shown |= {"identities": identities_of(request.user), "linkable": providers_to_link(request.user)}
    return render_page(request, "accounts/profile_security.html", "accounts/_session_table.html", shown)


@any_user(methods=FORM)
def password_edit(request: Request) -> HttpResponse:
    if too_many := consume_or_429(request, action="change_password", user=request.user):
        return too_many
    form = ChangePasswordForm(request.POST or None, user=request.user)
    if not form.is_valid():
        status = INVALID if form.is_bound else 200
        title, back = "Change your password", reverse(SECURITY)
        template = "accounts/_password_dialog.html"
        return render_dialog(request, template, {"form": form}, title=title, cancel_url=back, status=status)
    password = form.cleaned_data["password"]
    here = request.session.session_key or ""
    user = change_password(actor=request.actor, user=request.user, password=password, keep=here)
    update_session_auth_hash(request, user)
    request.session.pop(SEEN, None)  # the session has a new key, under which the next request notes it
    toast(request, "Your password was changed.", "You stay signed in here, and nowhere else.")
    return redirect(request, reverse(SECURITY))


@any_user(methods=WRITE)
def session_end(request: Request, pk: int) -> HttpResponse:
    session = open_sessions(request.user).filter(pk=pk).first()
    if session is None:
        raise Http404
    if session.session_key == request.session.session_key:
        get_adapter().logout(request)
        return redirect(request, reverse("account_login"))
    end_session(actor=request.actor, user=request.user, session=session)
    toast(request, f"{browser_of(session)} was signed out.", "Its next click leads to the sign-in.")
    return _after(request)


@any_user(methods=WRITE)
def session_end_others(request: Request) -> HttpResponse:
    count = end_other_sessions(actor=request.actor, user=request.user, keep=request.session.session_key or "")
    toast(request, f"{counted(count, 'other session')} ended.", "You stay signed in here.")
    return _after(request)


def _after(request: Request) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(request, reverse(SECURITY))
    fragment = "accounts/_session_table.html"
    return render_page(request, fragment, fragment, {"sessions": own_sessions(request)})
