from django.urls import URLPattern, URLResolver, include, path

from accounts.views import proof, sign_in
from immyrbac import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("search/", views.search, name="search"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-in/code/", sign_in.second_factor, name="mfa_authenticate"),
    path("sign-in/passkey/", sign_in.sign_in_by_passkey, name="mfa_login_webauthn"),
    path("prove/passkey/", proof.prove_passkey, name="mfa_reauthenticate_webauthn"),
    path("prove/", proof.prove_password, name="account_reauthenticate"),
    path("prove/code/", proof.prove_code, name="mfa_reauthenticate"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("", include("accounts.urls")),
    path("", include("computers.agents.urls")),
    path("", include("computers.deployments.urls")),
    path("", include("computers.maintenance.urls")),
    path("", include("computers.schedules.urls")),
    path("", include("computers.urls")),
    path("", include("rbac.urls")),
    path("", include("tenancy.urls")),
]

handler400 = "immyrbac.http.bad_request"
handler403 = "immyrbac.http.forbidden"
handler404 = "immyrbac.http.not_found"
handler429 = "immyrbac.http.too_many_requests"
handler500 = "immyrbac.http.server_error"
