"""Tests that commit: the database is afterwards what the migrations made."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache

from rbac.audit import SYSTEM, record
from rbac.models import Role
from tests.restore import every_row, restore
from tests.story import tell


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_the_built_in_roles_survive_and_nothing_else_does(turn):
    assert Role.objects.exclude(key=None).exists()
    assert ContentType.objects.exists()
    assert cache.add("left-by-the-other-turn", turn)


@pytest.mark.django_db(transaction=True)
def test_what_was_added_changed_or_removed_is_put_back():
    before = every_row()
    story = tell()
    record(SYSTEM, "user.edited", target=story.dana, tenant=story.contoso.pk)
    ContentType.objects.filter(app_label="tenancy").update(app_label="elsewhere")
    ContentType.objects.filter(app_label="sessions").delete()
    changed = every_row()
    assert {table for table in before if before[table] != changed[table]} > {
        "rbac_auditentry",
        "accounts_user",
        "django_content_type",
    }
    restore()
    assert every_row() == before
