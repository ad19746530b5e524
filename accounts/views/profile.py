"""One's own account: needs no permission (design 3, "Objects")."""

from __future__ import annotations

from django.http import HttpResponse

from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import any_user


@any_user()
def profile_detail(request: Request) -> HttpResponse:
    return render_page(request, "accounts/profile.html", "accounts/profile.html", {})
