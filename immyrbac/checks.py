"""Django's system check for the demo's accounts: their passwords are printed at every start, hence public."""

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core import checks
from django.db import DatabaseError, connection

from accounts.models import User

# Reserved for examples by RFC 2606: nobody receives mail there, so no real user has such an address.
DEMO_DOMAIN = ".example"


def no_demo_user_in_production(**_: object) -> list[checks.CheckMessage]:
    """Report an error for active demo users with a usable password where DJANGO_DEBUG is off."""
    if settings.DEBUG:
        return []
    users = User.objects.filter(is_active=True, email__endswith=DEMO_DOMAIN)
    try:
        if User._meta.db_table not in connection.introspection.table_names():
            return []
        count = users.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).count()
    except DatabaseError as error:
        return [checks.Warning(f"cannot look for demo users: {str(error).strip()}", id="immyrbac.W001")]
    if not count:
        return []
    hint = "Set DJANGO_DEBUG=1, or use a database that the demo was never loaded into."
    return [checks.Error(f"{count} demo users, whose password is public, may sign in here", hint, id="immyrbac.E001")]
