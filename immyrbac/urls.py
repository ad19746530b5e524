from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

handler400 = "immyrbac.http.bad_request"
handler403 = "immyrbac.http.forbidden"
handler404 = "immyrbac.http.not_found"
handler500 = "immyrbac.http.server_error"
