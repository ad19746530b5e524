from django.urls import URLPattern, URLResolver, path

from accounts.views import passwords, profile, user_batch, user_detail, user_edit, users

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("profile/", profile.profile_detail, name="profile-detail"),
    path("profile/access/", profile.profile_access, name="profile-access"),
    path("profile/security/", profile.profile_security, name="profile-security"),
    path("profile/password/", profile.password_edit, name="password-edit"),
    path("profile/sessions/end-others/", profile.session_end_others, name="session-end-others"),
    path("profile/sessions/<int:pk>/end/", profile.session_end, name="session-end"),
    path("set-password/", passwords.password_set, name="password-set"),
    path("set-password/<str:token>/", passwords.password_link_open, name="password-link-open"),
    path("users/", users.user_list, name="user-list"),
    path("users/activate/", user_batch.user_activate, name="user-activate"),
    path("users/deactivate/", user_batch.user_deactivate, name="user-deactivate"),
    path("users/expire/", user_batch.user_expire, name="user-expire"),
    path("users/create/", user_edit.user_place, name="user-place"),
    path("users/create/places/", user_edit.user_place_pick, name="user-place-pick"),
    path("tenants/<int:pk>/users/create/", user_edit.user_create, name="user-create"),
    path("users/<int:pk>/", user_detail.user_detail, name="user-detail"),
    path("users/<int:pk>/edit/", user_edit.user_edit, name="user-edit"),
    path("users/<int:pk>/remove/", user_edit.user_remove, name="user-remove"),
    path("users/<int:pk>/link/", user_edit.user_link, name="user-link"),
    path("users/<int:pk>/groups/", user_detail.user_group_list, name="user-group-list"),
]
