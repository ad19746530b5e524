from importlib import import_module

from django.apps import AppConfig


class RBACConfig(AppConfig):
    name = "rbac"

    def ready(self) -> None:
        import_module("rbac.checks")
