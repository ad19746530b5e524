from django.urls import path, register_converter

from rbac.converters import PositionConverter, SwitchConverter
from rbac.views import (
    assignments,
    audit,
    explain,
    groups,
    preferences,
    register,
    role_edit,
    role_versions,
    roles,
    users,
)

app_name = "rbac"

register_converter(SwitchConverter, "switch")
register_converter(PositionConverter, "position")

urlpatterns = [
    path("assignments/", register.assignment_index, name="assignment-index"),
    path("assignments/export/", register.assignment_export, name="assignment-export"),
    path("assignments/people/", register.assignment_people, name="assignment-people"),
    path("assignments/people/export/", register.assignment_people_export, name="assignment-people-export"),
    path("assignments/end/", register.assignment_end_several, name="assignment-end-several"),
    path("users/<int:pk>/assignments/", assignments.assignment_list, name="assignment-list"),
    path("preferences/", preferences.preference_list, name="preference-list"),
    path("preferences/<switch:key>/<position:enabled>/", preferences.switch_change, name="switch-change"),
    path("explain/", explain.explain, name="explain"),
    path("explain/users/", explain.explain_user_pick, name="explain-user-pick"),
    path("explain/objects/", explain.explain_on_pick, name="explain-on-pick"),
    path("explain/who/", explain.explain_who, name="explain-who"),
    path("explain/who/export/", explain.explain_who_export, name="explain-who-export"),
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/export.csv", audit.audit_export, name="audit-export"),
    path("audit/export.jsonl", audit.audit_export_json, name="audit-export-json"),
    path("audit/actors/", audit.actor_pick, name="actor-pick"),
    path("audit/<int:pk>/", audit.audit_detail, name="audit-detail"),
    path("users/<int:pk>/assignments/create/", assignments.assignment_create, name="assignment-create"),
    path("users/<int:pk>/assignments/end/", assignments.assignment_end, name="assignment-end"),
    path("groups/<int:pk>/assignments/", assignments.group_assignment_list, name="group-assignment-list"),
    path("groups/<int:pk>/assignments/create/", assignments.group_assignment_create, name="group-assignment-create"),
    path("groups/<int:pk>/assignments/end/", assignments.group_assignment_end, name="group-assignment-end"),
    path("groups/<int:pk>/history/", groups.group_history, name="group-history"),
    path("users/<int:pk>/access/", users.user_access, name="user-access"),
    path("users/<int:pk>/history/", users.user_history, name="user-history"),
    path("users/<int:pk>/left/<int:entry>/", users.leaving_detail, name="leaving-detail"),
    path("roles/", roles.role_list, name="role-list"),
    path("roles/export/", roles.role_export, name="role-export"),
    path("roles/pick/", roles.role_pick, name="role-pick"),
    path("roles/compare/", roles.role_compare, name="role-compare"),
    path("roles/place/", role_edit.role_place, name="role-place"),
    path("roles/place/tenants/", role_edit.role_place_pick, name="role-place-pick"),
    path("roles/create/", role_edit.role_create_shared, name="role-create-shared"),
    path("roles/create/<int:pk>/", role_edit.role_create, name="role-create"),
    path("roles/<int:pk>/edit/", role_edit.role_edit, name="role-edit"),
    path("roles/<int:pk>/delete/", role_edit.role_delete, name="role-delete"),
    path("roles/<int:pk>/versions/", role_versions.role_version_list, name="role-version-list"),
    path("roles/<int:pk>/versions/<int:number>/", role_versions.role_version_detail, name="role-version-detail"),
    path(
        "roles/<int:pk>/versions/<int:number>/restore/",
        role_versions.role_version_restore,
        name="role-version-restore",
    ),
    path("roles/<int:pk>/", roles.role_detail, name="role-detail"),
    path("roles/<int:pk>/holders/", roles.role_holder_list, name="role-holder-list"),
    path("roles/<int:pk>/holders/export/", roles.role_holder_export, name="role-holder-export"),
    path("scopes/msps/", assignments.scope_msp_pick, name="scope-msp-pick"),
    path("scopes/tags/", assignments.scope_tag_pick, name="scope-tag-pick"),
    path("scopes/tenants/", assignments.scope_tenant_pick, name="scope-tenant-pick"),
    path("scopes/computers/", assignments.scope_computer_pick, name="scope-computer-pick"),
]
