"""The product's own source, as the tests that read it see it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("immyrbac", "tenancy", "accounts", "computers", "rbac")
LABELS = (*APPS, "agents", "deployments", "maintenance", "schedules")
"""What Django calls them, and what stands within one of them."""


def files(*tops: str, suffix: str = ".py") -> list[Path]:
    """Return the files below the folders, paths from the root, migrations excepted."""
    found = (path.relative_to(ROOT) for top in tops for path in (ROOT / top).rglob(f"*{suffix}"))
    return sorted(path for path in found if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_named(path: Path, *names: str) -> bool:
    """Tell whether the file, or a folder that it is in, is a module of one of the names: views.py, views/users.py."""
    return bool({*path.parts[:-1], path.stem} & set(names))
