"""Views, forms and what templates call reach objects only through `request.access` (safety, rule 3).

Forbidden there: `Model.objects`, the default managers, the shortcuts that take a model, and reverse or many-to-many
relations, which all forget who asks.
"""

import ast
import re

import pytest
from django.apps import apps

from tests import source

UNSCOPED_MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}
QUERIES = {
    *("all", "filter", "exclude", "get", "count", "exists", "first", "last", "values", "values_list", "order_by"),
    *(
        "select_related",
        "prefetch_related",
        "iterator",
        "aggregate",
        "annotate",
        "earliest",
        "latest",
        "in_bulk",
        "only",
    ),
    *("add", "create", "get_or_create", "update_or_create", "remove", "clear", "set", "update", "delete"),
}
# What is read there without a scope, on purpose: (file, line of code) and why.
ALLOWED: dict[tuple[str, str], str] = {}


def relations() -> set[str]:
    """Return the names by which one of our objects leads to many others."""
    names = set()
    for model in (model for app in source.LABELS for model in apps.get_app_config(app).get_models()):
        for field in model._meta.get_fields():
            if field.auto_created and (name := getattr(field, "get_accessor_name", lambda: None)()):
                names.add(name)
            elif field.many_to_many:
                names.add(field.name)
    return names


def unscoped(tree: ast.AST, many: set[str]) -> list[ast.expr]:
    """Return the expressions in the tree that read without asking who reads."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in UNSCOPED_MANAGERS:
                found.append(node)
            case ast.Call(func=ast.Name(id=name)) if name in SHORTCUTS:
                found.append(node)
            case ast.Call(func=ast.Attribute(attr=query, value=ast.Attribute(attr=name))) if query in QUERIES:
                found += [node] if name in many else []
    return found


def guarded_files():
    return [
        path
        for path in source.files(*source.APPS)
        if source.is_named(path, "views", "forms", "lists", "templatetags", "api", "http")
    ]


def test_views_forms_and_template_helpers_read_through_access():
    many, allowed, found = relations(), set(), []
    for path in guarded_files():
        lines = (source.ROOT / path).read_text().splitlines()
        for node in unscoped(ast.parse("\n".join(lines)), many):
            key = (str(path), lines[node.lineno - 1].strip())
            allowed.add(key) if key in ALLOWED else found.append(f"{path}:{node.lineno} {key[1]}")
    assert not found, "\n".join(found)
    assert allowed == set(ALLOWED), "on the list, but no longer in the code"


def test_templates_follow_no_relation_to_many():
    pattern = re.compile(rf"\.({'|'.join(sorted(relations()))})\.({'|'.join(sorted(QUERIES))})\b")
    found = [
        f"{path}:{number} {line.strip()}"
        for path in source.files("templates", *source.APPS, suffix=".html")
        for number, line in enumerate((source.ROOT / path).read_text().splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "Computer.objects.get(pk=1)",
        "User._default_manager.all()",
        "get_object_or_404(Tenant, pk=1)",
        "tenant.users.count()",
        "computer.tags.all()",
    ],
)
def test_the_lint_finds_what_it_forbids(code):
    assert unscoped(ast.parse(code), relations())


def test_nobody_asks_for_the_access_of_a_request_by_its_user_alone():
    """Whoever acts as somebody else has less (`rbac.acting.access_of`)."""
    found = [path for path in guarded_files() if "access_for(request.user" in (source.ROOT / path).read_text()]
    assert not found
