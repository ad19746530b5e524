"""What tests of commands may use."""

from tests.commands.shell import stdin

__all__ = ("stdin",)
