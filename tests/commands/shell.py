"""Commands as a shell runs them, without the process."""

import io
import sys
from dataclasses import dataclass

import pytest
from django.core.management import CommandError, call_command


@dataclass(frozen=True)
class Ran:
    """What came out of a command, and how it ended."""

    out: str
    err: str
    code: int = 0

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def run(*command: str) -> Ran:
    """Run a command; an error becomes its exit code, and its message part of standard error."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*command, stdout=out, stderr=err)
    except CommandError as error:
        return Ran(out.getvalue(), f"{err.getvalue()}{error}", error.returncode)
    return Ran(out.getvalue(), err.getvalue())


@pytest.fixture
def stdin(monkeypatch):
    """What a command finds on its standard input."""

    def given(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return given
