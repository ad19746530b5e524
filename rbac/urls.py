from django.urls import path

from rbac.views import assignments

app_name = "rbac"

urlpatterns = [
    path("users/<int:pk>/assignments/", assignments.assignment_list, name="assignment-list"),
]
