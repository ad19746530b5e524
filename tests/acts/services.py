"""The services as the code has them: every public function of a module of services (safety 25)."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from tests.source import APPS, ROOT, files

Service = Callable[..., Any]

INSIDE = frozenset(
    {
        *(
            "begin_sessions",
            "put_name",
            "put_primary_person",
            "end_all_of",
            "end_shares_of",
            "join",
            "pass_on",
            "put_deployment",
            "queue_runs",
        ),
        *("send_within", "write_grant"),
    }
)
"""The bare writes that another service's gate stands around."""


def modules() -> list[ModuleType]:
    """`services.py` and `*_services.py` of each app."""
    found = [path for path in files(*APPS) if path.stem.endswith("services")]
    return [importlib.import_module(".".join(path.with_suffix("").parts)) for path in found]


def public() -> dict[str, Service]:
    """Every function of these modules that others may call, by name."""
    return {
        name: function
        for module in modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def services() -> dict[str, Service]:
    """Those that somebody does: they take an actor, and a gate of their own."""
    return {name: each for name, each in public().items() if takes_actor(each) and name not in INSIDE}


def elsewhere() -> dict[str, Service]:
    """What takes an actor outside the modules of services: accounts, sessions, views of one's own."""
    modules = (importlib.import_module(".".join(path.with_suffix("").parts)) for path in files(*APPS[1:]))
    return {
        f"{module.__name__}.{name}": function
        for module in modules
        if not module.__name__.endswith("services")
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_") and takes_actor(function)
    }


def takes_actor(function: Service) -> bool:
    parameter = inspect.signature(function).parameters.get("actor")
    return parameter is not None and parameter.kind == parameter.KEYWORD_ONLY


def called(function: Service) -> set[str]:
    """The names that a function calls, itself or through private functions beside it."""
    module = inspect.getmodule(function)
    assert module is not None
    tree = ast.parse((ROOT / str(module.__file__)).read_text())
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found, pending = set(), [function.__name__]
    while pending:
        names = set(_calls(bodies[pending.pop()])) - found
        found |= names
        pending += [name for name in names if name in bodies and name.startswith("_")]
    return found


def _calls(body: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(body):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
