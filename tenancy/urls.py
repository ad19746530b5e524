from django.urls import path

from tenancy import views

app_name = "tenancy"

urlpatterns = [
    path("tenants/pick/", views.tenant_pick, name="tenant-pick"),
    path("tags/pick/", views.tag_pick, name="tag-pick"),
]
