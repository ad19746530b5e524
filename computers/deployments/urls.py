from django.urls import path

from computers.deployments.views import change_requests, computers, crossing, tenant

app_name = "deployments"

urlpatterns = [
    path("deployments/", tenant.deployment_list, name="deployment-list"),
    path("deployments/export.csv", tenant.deployment_export, name="deployment-export"),
    path("deployments/new/", tenant.deployment_place, name="deployment-place"),
    path("deployments/tenants/", tenant.deployment_owner_pick, name="deployment-owner-pick"),
    path("deployments/software/<int:pk>/", tenant.deployment_software_pick, name="deployment-software-pick"),
    path("deployments/scripts/<int:pk>/", tenant.deployment_script_pick, name="deployment-script-pick"),
    path("deployments/new/<int:pk>/", tenant.deployment_create, name="deployment-create"),
    path("deployments/<int:pk>/", tenant.deployment_detail, name="deployment-detail"),
    path("deployments/<int:pk>/computers/", tenant.deployment_computers, name="deployment-computers"),
    path("deployments/<int:pk>/edit/", tenant.deployment_edit, name="deployment-edit"),
    path("deployments/<int:pk>/delete/", tenant.deployment_delete, name="deployment-delete"),
    path("computers/<int:pk>/deployments/", computers.computer_deployments, name="computer-deployments"),
    path("deployments/cross-tenant/", crossing.cross_deployment_list, name="cross-deployment-list"),
    path("deployments/cross-tenant/export.csv", crossing.cross_deployment_export, name="cross-deployment-export"),
    path("deployments/cross-tenant/new/", crossing.cross_deployment_place, name="cross-deployment-place"),
    path("deployments/cross-tenant/tenants/", crossing.cross_deployment_owner_pick, name="cross-deployment-owner-pick"),
    path(
        "deployments/cross-tenant/software/<int:pk>/",
        crossing.cross_deployment_software_pick,
        name="cross-deployment-software-pick",
    ),
    path(
        "deployments/cross-tenant/software/shared/",
        crossing.cross_deployment_software_pick_shared,
        name="cross-deployment-software-pick-shared",
    ),
    path(
        "deployments/cross-tenant/scripts/<int:pk>/",
        crossing.cross_deployment_script_pick,
        name="cross-deployment-script-pick",
    ),
    path(
        "deployments/cross-tenant/scripts/shared/",
        crossing.cross_deployment_script_pick_shared,
        name="cross-deployment-script-pick-shared",
    ),
    path(
        "deployments/cross-tenant/new/shared/",
        crossing.cross_deployment_create_shared,
        name="cross-deployment-create-shared",
    ),
    path("deployments/cross-tenant/new/<int:pk>/", crossing.cross_deployment_create, name="cross-deployment-create"),
    path("deployments/cross-tenant/<int:pk>/", crossing.cross_deployment_detail, name="cross-deployment-detail"),
    path(
        "deployments/cross-tenant/<int:pk>/computers/",
        crossing.cross_deployment_computers,
        name="cross-deployment-computers",
    ),
    path("deployments/cross-tenant/<int:pk>/edit/", crossing.cross_deployment_edit, name="cross-deployment-edit"),
    path("deployments/cross-tenant/<int:pk>/delete/", crossing.cross_deployment_delete, name="cross-deployment-delete"),
    path("change-requests/", change_requests.change_request_list, name="change-request-list"),
    path("change-requests/export.csv", change_requests.change_request_export, name="change-request-export"),
    path("change-requests/new/", change_requests.change_request_place, name="change-request-place"),
    path("change-requests/tenants/", change_requests.change_request_owner_pick, name="change-request-owner-pick"),
    path(
        "change-requests/new/shared/", change_requests.change_request_create_shared, name="change-request-create-shared"
    ),
    path("change-requests/new/<int:pk>/", change_requests.change_request_create, name="change-request-create"),
    path(
        "deployments/cross-tenant/<int:pk>/propose/",
        change_requests.change_request_change,
        name="change-request-change",
    ),
    path("change-requests/<int:pk>/", change_requests.change_request_detail, name="change-request-detail"),
    path("change-requests/<int:pk>/edit/", change_requests.change_request_edit, name="change-request-edit"),
    path("change-requests/<int:pk>/comment/", change_requests.change_request_comment, name="change-request-comment"),
    path(
        "change-requests/<int:pk>/take-back/", change_requests.change_request_withdraw, name="change-request-withdraw"
    ),
    path("change-requests/<int:pk>/approve/", change_requests.change_request_approve, name="change-request-approve"),
    path("change-requests/<int:pk>/deny/", change_requests.change_request_deny, name="change-request-deny"),
    path("change-requests/<int:pk>/send-back/", change_requests.change_request_return, name="change-request-return"),
]
