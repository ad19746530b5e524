from django.urls import URLPattern, URLResolver, include, path

from immyrbac import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("tenancy.urls")),
]

handler400 = "immyrbac.http.bad_request"
handler403 = "immyrbac.http.forbidden"
handler404 = "immyrbac.http.not_found"
handler500 = "immyrbac.http.server_error"
