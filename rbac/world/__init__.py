"""Whole worlds as documents: `load` and `dump` (design 10). From the shell and from tests only: no gate is asked."""

from rbac.world.document import normal
from rbac.world.dumping import dump
from rbac.world.loading import LoadReport, load
from rbac.world.values import WorldError

__all__ = ("LoadReport", "WorldError", "dump", "load", "normal")
