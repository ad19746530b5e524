from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created

from immyrbac.timestamps import read_in_utc


class ImmyrbacConfig(AppConfig):
    name = "immyrbac"

    def ready(self) -> None:
        from immyrbac.checks import no_demo_user_in_production  # noqa: PLC0415  models are there only from here on

        register(no_demo_user_in_production, Tags.security)
        connection_created.connect(read_in_utc)
