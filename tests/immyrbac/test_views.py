"""What a load balancer is told: alive without a database, ready with one that is up to date."""

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder


def test_alive_needs_no_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_means_every_migration(client):
    assert client.get("/readyz").status_code == 200
    MigrationRecorder.Migration.objects.filter(app="rbac").first().delete()
    assert client.get("/readyz").status_code == 503


def test_a_database_that_is_gone_is_not_ready(client, monkeypatch):
    def refuse(_):
        raise DatabaseError("gone")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", refuse)
    assert client.get("/readyz").status_code == 503
