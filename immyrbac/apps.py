from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created


class ImmyrbacConfig(AppConfig):
    name = "immyrbac"

    def ready(self) -> None:
        from immyrbac.checks import no_demo_user_in_production  # noqa: PLC0415  models are there only from here on
        from immyrbac.timestamps import read_in_utc  # noqa: PLC0415  the database's driver is loaded only when needed

        register(no_demo_user_in_production, Tags.security)
        connection_created.connect(read_in_utc)
