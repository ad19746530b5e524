"""What a normal run takes of many, and that nothing is left out for good."""

import pytest

from tests import effort

PAGES = ["start", "users", "groups", "roles", "tags"]


@pytest.fixture(autouse=True)
def _normal(monkeypatch):
    monkeypatch.setattr(effort, "chosen", 0)


def test_two_commits_meet_all_between_them(monkeypatch):
    halves = []
    for commit in ("c0ffee", "c0ffed"):
        monkeypatch.setattr(effort, "_commit", lambda commit=commit: commit)
        halves.append(set(effort.half(PAGES)))
    assert halves == [{"start", "groups", "tags"}, {"users", "roles"}]


def test_without_git_or_with_full_all_are_met(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")
        assert effort.half(PAGES) == PAGES
    monkeypatch.setattr(effort, "_commit", lambda: "c0ffee")
    monkeypatch.setattr(effort, "chosen", effort.FULL)
    assert effort.half(PAGES) == PAGES
