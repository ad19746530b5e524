from django.apps import AppConfig


class ImmyrbacConfig(AppConfig):
    name = "immyrbac"
