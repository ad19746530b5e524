from django.urls import path, register_converter

from rbac.converters import PositionConverter, SwitchConverter
from rbac.views import assignments, audit, preferences

app_name = "rbac"

register_converter(SwitchConverter, "switch")
register_converter(PositionConverter, "position")

urlpatterns = [
    path("users/<int:pk>/assignments/", assignments.assignment_list, name="assignment-list"),
    path("preferences/", preferences.preference_list, name="preference-list"),
    path("preferences/<switch:key>/<position:enabled>/", preferences.switch_change, name="switch-change"),
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/actors/", audit.actor_pick, name="actor-pick"),
    path("audit/<int:pk>/", audit.audit_detail, name="audit-detail"),
]
