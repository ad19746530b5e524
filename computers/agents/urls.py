from django.urls import path

from computers.agents.views import agents, posts, terminal, types

app_name = "agents"

urlpatterns = [
    path("agents/", agents.agent_list, name="agent-list"),
    path("agents/export.csv", agents.agent_export, name="agent-export"),
    path("agents/types/", types.held_list, name="held-list"),
    path("agents/types/export.csv", types.held_export, name="held-export"),
    path("computers/<int:pk>/agent/dismiss/", types.type_dismiss, name="type-dismiss"),
    path("agents/new/", agents.enrolment_place, name="enrolment-place"),
    path("agents/tenants/", agents.enrolment_place_pick, name="enrolment-place-pick"),
    path("agents/new/<int:pk>/", agents.enrolment_create, name="enrolment-create"),
    path("agents/enrolments/<int:pk>/revoke/", agents.enrolment_revoke, name="enrolment-revoke"),
    path("computers/<int:pk>/agent/", agents.enrolment_create_for, name="enrolment-create-for"),
    path("computers/<int:pk>/agent/remove/", agents.agent_remove, name="agent-remove"),
    path("computers/<int:pk>/terminal/", terminal.terminal, name="terminal"),
    path("computers/<int:pk>/terminal/scripts/", terminal.run_script_pick, name="run-script-pick"),
    path("computers/<int:pk>/terminal/history/", terminal.run_list, name="run-list"),
    path("computers/<int:pk>/terminal/<int:number>/", terminal.run_detail, name="run-detail"),
    path("computers/<int:pk>/terminal/<int:number>/stop/", terminal.run_stop, name="run-stop"),
    path("agent/immyrbac_agent.py", posts.agent_program, name="agent-program"),
    path("agent/enrol/", posts.agent_enrol, name="agent-enrol"),
    path("agent/report/", posts.agent_report, name="agent-report"),
    path("agent/poll/", posts.agent_poll, name="agent-poll"),
    path("agent/runs/<int:number>/", posts.agent_part, name="agent-part"),
]
