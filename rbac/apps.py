from django.apps import AppConfig


class RBACConfig(AppConfig):
    name = "rbac"
