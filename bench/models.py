"""What django-guardian's own advice is for many rows: a table with a foreign key to the model, not to "any object"."""

from django.db import models
from guardian.models import UserObjectPermissionBase

from computers.models import Computer


class ComputerPermission(UserObjectPermissionBase):
    """While `enabled`, guardian asks this table about computers; else its table for objects of every model."""

    enabled = False

    content_object = models.ForeignKey(Computer, models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
