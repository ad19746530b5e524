from django.urls import URLPattern, URLResolver, path

from accounts.views import passwords, profile

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("profile/", profile.profile_detail, name="profile-detail"),
    path("set-password/", passwords.password_set, name="password-set"),
    path("set-password/<str:token>/", passwords.password_link_open, name="password-link-open"),
]
