from django.urls import path

from computers.schedules.views import acts, schedules

app_name = "schedules"

urlpatterns = [
    path("schedules/", schedules.schedule_list, name="schedule-list"),
    path("schedules/export.csv", schedules.schedule_export, name="schedule-export"),
    path("schedules/new/", schedules.schedule_place, name="schedule-place"),
    path("schedules/tenants/", schedules.schedule_owner_pick, name="schedule-owner-pick"),
    path("schedules/scripts/<int:pk>/", schedules.schedule_script_pick, name="schedule-script-pick"),
    path("schedules/scripts/shared/", schedules.schedule_script_pick_shared, name="schedule-script-pick-shared"),
    path("schedules/new/<int:pk>/", schedules.schedule_create, name="schedule-create"),
    path("schedules/new/shared/", schedules.schedule_create_shared, name="schedule-create-shared"),
    path("schedules/<int:pk>/", schedules.schedule_detail, name="schedule-detail"),
    path("schedules/<int:pk>/computers/", schedules.schedule_computers, name="schedule-computers"),
    path("schedules/<int:pk>/edit/", schedules.schedule_edit, name="schedule-edit"),
    path("schedules/<int:pk>/run/", acts.schedule_run, name="schedule-run"),
    path("schedules/<int:pk>/enable/", acts.schedule_enable, name="schedule-enable"),
    path("schedules/<int:pk>/disable/", acts.schedule_disable, name="schedule-disable"),
    path("schedules/<int:pk>/delete/", acts.schedule_delete, name="schedule-delete"),
]
