"""Tests that commit: the database is afterwards what the migrations made."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache

from rbac.models import Role


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_the_built_in_roles_survive_and_nothing_else_does(turn):
    assert Role.objects.exclude(key=None).exists()
    assert ContentType.objects.exists()
    assert cache.add("left-by-the-other-turn", turn)
