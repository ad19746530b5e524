from django.urls import URLPattern, URLResolver, path

from accounts.views import profile

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("profile/", profile.profile_detail, name="profile-detail"),
]
