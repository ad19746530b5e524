from django.urls import path

from tenancy.views import acts, changes, customs, picks, tags, tenants, who

app_name = "tenancy"

urlpatterns = [
    path("tenants/", tenants.tenant_list, name="tenant-list"),
    path("tenants/tree/", tenants.tenant_tree, name="tenant-tree"),
    path("tenants/export.csv", tenants.tenant_export, name="tenant-export"),
    path("tenants/pick/", picks.tenant_pick, name="tenant-pick"),
    path("tenants/msps/", picks.msp_pick, name="msp-pick"),
    path("tenants/parents/", picks.parent_pick, name="parent-pick"),
    path("tenants/create/", acts.tenant_place, name="tenant-place"),
    path("tenants/create/root/", acts.tenant_create_root, name="tenant-create-root"),
    path("tenants/<int:pk>/create/", acts.tenant_create, name="tenant-create"),
    path("tenants/<int:pk>/", tenants.tenant_detail, name="tenant-detail"),
    path("tenants/<int:pk>/who/", who.tenant_who, name="tenant-who"),
    path("tenants/<int:pk>/who/people/", who.tenant_who_people, name="tenant-who-people"),
    path("tenants/<int:pk>/who/users/<int:user_id>/<str:permission>/", who.tenant_why, name="tenant-why"),
    path("tenants/<int:pk>/who/groups/<int:group_id>/<str:permission>/", who.tenant_why_group, name="tenant-why-group"),
    path("tenants/<int:pk>/history/", tenants.tenant_history, name="tenant-history"),
    path("tenants/<int:pk>/preferences/", customs.tenant_preferences, name="tenant-preferences"),
    path("tenants/<int:pk>/preferences/edit/", customs.tenant_preferences_edit, name="tenant-preferences-edit"),
    path("tenants/<int:pk>/branding/", customs.tenant_branding, name="tenant-branding"),
    path("tenants/<int:pk>/branding/edit/", customs.tenant_branding_edit, name="tenant-branding-edit"),
    path("tenants/<int:pk>/edit/", acts.tenant_edit, name="tenant-edit"),
    path("tenants/<int:pk>/tags/", changes.tenant_tags, name="tenant-tags"),
    path("tenants/<int:pk>/move/", changes.tenant_move, name="tenant-move"),
    path("tenants/<int:pk>/msp/", changes.tenant_msp, name="tenant-msp"),
    path("tenants/<int:pk>/activate/", changes.tenant_activate, name="tenant-activate"),
    path("tenants/<int:pk>/deactivate/", changes.tenant_deactivate, name="tenant-deactivate"),
    path("tenants/<int:pk>/delete/", acts.tenant_delete, name="tenant-delete"),
    path("tags/", tags.tag_list, name="tag-list"),
    path("tags/export.csv", tags.tag_export, name="tag-export"),
    path("tags/pick/", picks.tag_pick, name="tag-pick"),
    path("tags/owners/", picks.tag_owner_pick, name="tag-owner-pick"),
    path("tags/create/", tags.tag_place, name="tag-place"),
    path("tags/create/shared/", tags.tag_create_shared, name="tag-create-shared"),
    path("tags/create/<int:pk>/", tags.tag_create, name="tag-create"),
    path("tags/<int:pk>/", tags.tag_detail, name="tag-detail"),
    path("tags/<int:pk>/edit/", tags.tag_edit, name="tag-edit"),
    path("tags/<int:pk>/delete/", tags.tag_delete, name="tag-delete"),
]
