from django.urls import path

from computers.maintenance.views import acts, batch, inventory, onboarding, posts, sessions, timeline

app_name = "maintenance"

urlpatterns = [
    path("sessions/", sessions.session_list, name="session-list"),
    path("sessions/export.csv", sessions.session_export, name="session-export"),
    path("sessions/computers/", sessions.session_computer_pick, name="session-computer-pick"),
    path("sessions/rerun/", batch.session_batch_rerun, name="session-batch-rerun"),
    path("sessions/postpone/", batch.session_batch_postpone, name="session-batch-postpone"),
    path("sessions/cancel/", batch.session_batch_cancel, name="session-batch-cancel"),
    path("computers/maintenance/", batch.session_batch_run, name="session-batch-run"),
    path("computers/<int:pk>/maintenance/", sessions.computer_maintenance, name="computer-maintenance"),
    path("computers/<int:pk>/maintenance/run/", acts.session_run, name="session-run"),
    path("computers/<int:pk>/maintenance/<int:number>/", sessions.session_detail, name="session-detail"),
    path("computers/<int:pk>/maintenance/<int:number>/rerun/", acts.session_rerun, name="session-rerun"),
    path("computers/<int:pk>/maintenance/<int:number>/postpone/", acts.session_postpone, name="session-postpone"),
    path("computers/<int:pk>/maintenance/<int:number>/cancel/", acts.session_cancel, name="session-cancel"),
    path("computers/<int:pk>/inventory/", inventory.inventory_detail, name="inventory-detail"),
    path("computers/<int:pk>/inventory/refresh/", inventory.inventory_refresh, name="inventory-refresh"),
    path("computers/<int:pk>/onboarding/", onboarding.onboarding_start, name="onboarding-start"),
    path("computers/<int:pk>/onboarding/skip/", onboarding.onboarding_skip, name="onboarding-skip"),
    path("computers/<int:pk>/onboarding/repeat/", onboarding.onboarding_repeat, name="onboarding-repeat"),
    path("computers/<int:pk>/timeline/", timeline.computer_timeline, name="computer-timeline"),
    path("agent/stages/<int:number>/", posts.agent_stage, name="agent-stage"),
    path("agent/stages/<int:number>/file/", posts.agent_stage_file, name="agent-stage-file"),
]
