"""What the pages about the versions of a script show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.shortcuts import get_object_or_404

from computers.models import Script, ScriptVersion
from computers.shelves import SCRIPTS
from immyrbac.diffs import difference
from immyrbac.words import counted
from rbac.access import Access
from rbac.naming import name_for

MOST_VERSIONS = 200
"""So many are listed, the newest; older ones are found by their number."""


class VersionLine(NamedTuple):
    """A version without its text, and by whom it was saved, named as far as the reader may read names."""

    version: ScriptVersion
    by: str
    is_current: bool


def version_of(script: Script, number: int) -> ScriptVersion:
    """Raises Http404."""
    return get_object_or_404(script.versions, number=number)


def version_lines(access: Access, script: Script, most: int = MOST_VERSIONS) -> list[VersionLine]:
    """Newest first."""
    return _told(access, script, script.versions.defer("body").select_related("saved_by__tenant")[:most])


def version_page(access: Access, script: Script, version: ScriptVersion) -> dict[str, Any]:
    newest = script.versions.defer("body").first()
    (line,) = _told(access, script, [version])
    line = line._replace(is_current=newest is not None and newest.number == version.number)
    return {
        "script": script,
        "line": line,
        "newest": newest,
        "line_count": counted(len(version.body.splitlines()), "line"),
        "may_restore": not line.is_current and access.can(SCRIPTS.manage, script),
    }


def compared(script: Script, before: int, after: int) -> dict[str, Any]:
    one, other = version_of(script, before), version_of(script, after)
    return {"script": script, "one": one, "other": other, "lines": difference(one.body, other.body)}


def _told(access: Access, script: Script, versions: Sequence[ScriptVersion] | Any) -> list[VersionLine]:
    versions = list(versions)
    access.know([each.saved_by for each in versions if each.saved_by])
    named = [name_for(access, each.saved_by, script.tenant) if each.saved_by else "The system" for each in versions]
    return [VersionLine(each, by, place == 0) for place, (each, by) in enumerate(zip(versions, named, strict=True))]
