from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "computers.maintenance"
