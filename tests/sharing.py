"""Share an item of the library in a test, without the gate."""

from typing import Any

from django.contrib.auth.models import Permission as Named

from accounts.models import User
from computers.models import LibraryItem
from rbac.models import SHARES, Share


def share(item: LibraryItem, user: User, permission: str, *, by: User, **more: Any) -> Share:
    """One permission on this item for this user."""
    named = Named.objects.get(codename=permission, content_type__model=item._meta.model_name)
    return SHARES[type(item)].objects.create(
        content_object=item, user=user, permission=named, shared_by=by, reason="for once", **more
    )
