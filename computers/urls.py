from django.urls import path

from computers.views import acts, batch, computers, history, licenses, scripts, who

app_name = "computers"

urlpatterns = [
    path("computers/", computers.computer_list, name="computer-list"),
    path("computers/export.csv", computers.computer_export, name="computer-export"),
    path("computers/destinations/", acts.destination_pick, name="destination-pick"),
    path("computers/tags/", batch.computer_batch_tags, name="computer-batch-tags"),
    path("computers/<int:pk>/", computers.computer_detail, name="computer-detail"),
    path("computers/<int:pk>/who/", who.computer_who, name="computer-who"),
    path("computers/<int:pk>/who/people/", who.computer_who_people, name="computer-who-people"),
    path("computers/<int:pk>/who/users/<int:user_id>/<str:permission>/", who.computer_why, name="computer-why"),
    path(
        "computers/<int:pk>/who/groups/<int:group_id>/<str:permission>/",
        who.computer_why_group,
        name="computer-why-group",
    ),
    path("computers/<int:pk>/history/", history.computer_history, name="computer-history"),
    path("computers/<int:pk>/edit/", acts.computer_edit, name="computer-edit"),
    path("computers/<int:pk>/type/", acts.computer_type, name="computer-type"),
    path("computers/<int:pk>/notes/", acts.computer_notes, name="computer-notes"),
    path("computers/<int:pk>/tags/", acts.computer_tags, name="computer-tags"),
    path("computers/<int:pk>/move/", acts.computer_move, name="computer-move"),
    path("computers/<int:pk>/delete/", acts.computer_delete, name="computer-delete"),
    path("computers/<int:pk>/restore/", acts.computer_restore, name="computer-restore"),
    path("licenses/", licenses.license_list, name="license-list"),
    path("licenses/export.csv", licenses.license_export, name="license-export"),
    path("licenses/new/", licenses.license_start, name="license-start"),
    path("licenses/owners/", licenses.license_owner_pick, name="license-owner-pick"),
    path("licenses/new/shared/", licenses.license_create_shared, name="license-create-shared"),
    path("licenses/new/<int:pk>/", licenses.license_create, name="license-create"),
    path("licenses/<int:pk>/", licenses.license_detail, name="license-detail"),
    path("licenses/<int:pk>/key/", licenses.license_reveal, name="license-reveal"),
    path("licenses/<int:pk>/edit/", licenses.license_edit, name="license-edit"),
    path("licenses/<int:pk>/delete/", licenses.license_delete, name="license-delete"),
    path("scripts/", scripts.script_list, name="script-list"),
    path("scripts/export.csv", scripts.script_export, name="script-export"),
    path("scripts/new/", scripts.script_start, name="script-start"),
    path("scripts/owners/", scripts.script_owner_pick, name="script-owner-pick"),
    path("scripts/new/shared/", scripts.script_create_shared, name="script-create-shared"),
    path("scripts/new/<int:pk>/", scripts.script_create, name="script-create"),
    path("scripts/<int:pk>/", scripts.script_detail, name="script-detail"),
    path("scripts/<int:pk>/edit/", scripts.script_edit, name="script-edit"),
    path("scripts/<int:pk>/delete/", scripts.script_delete, name="script-delete"),
]
