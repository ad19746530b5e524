"""Documents from files, JSON or YAML; a key that is written twice is an error in both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from rbac.world.values import WorldError


def read_file(path: Path) -> tuple[Any, str]:
    """The document in the file, and the SHA-256 of the file.

    What is named .json is JSON; anything else, a pipe for one, is JSON if it can be read so, and YAML otherwise.
    """
    try:
        content = path.read_bytes()
        document = _json(content) if path.suffix.lower() == ".json" else _either(content)
    except OSError as error:
        raise WorldError(str(path), error.strerror or "cannot be read") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise WorldError(str(path), " ".join(str(error).split())) from error
    return document, hashlib.sha256(content).hexdigest()


def _either(content: bytes) -> Any:
    """JSON first: YAML means the same by most of it, but not by its pairs of escaped surrogates, and takes longer."""
    try:
        return _json(content)
    except ValueError:
        return _yaml(content)


def _json(content: bytes) -> Any:
    return json.loads(content.decode("utf-8-sig"), object_pairs_hook=once)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For `json.loads`: ValueError where an object says a key twice, of which the later would win in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"a key is written twice in {{{', '.join(key for key, _ in pairs)}}}")
    return found


class _Loader(yaml.SafeLoader):
    """YAML's plain types and nothing else."""

    def construct_mapping(self, node: yaml.MappingNode, *args: Any, **options: Any) -> dict[Hashable, Any]:
        keys = [str(key.value) for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a key is written twice", node.start_mark)
        return super().construct_mapping(node, *args, **options)


def _yaml(content: bytes) -> Any:
    return yaml.load(content, Loader=_Loader)  # noqa: S506  a subclass of the safe one
