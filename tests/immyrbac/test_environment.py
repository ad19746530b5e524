"""Settings from the environment (design 10): defaults with DJANGO_DEBUG, one clear line without."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from immyrbac import environment
from tests.source import ROOT

GOOD = {
    "DATABASE_URL": "postgresql:///immyrbac",
    "SECRET_KEY": "k3VZ8rQ1mB7nX5tC9wL2pJ6hG4fD0sAaEeIiOoUuYy-._~xqzwRT",
    "ALLOWED_HOSTS": "rbac.example.org, www.rbac.example.org",
    "EMAIL_URL": "smtp+tls://it%40msp:s%2Fcret@mail.example.org/?from=it@example.org",
}
UNSET = (*GOOD, "DJANGO_DEBUG", "DJANGO_SETTINGS_MODULE")


@pytest.fixture
def environ(monkeypatch):
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


def test_a_database_url_may_name_a_socket_folder_and_libpq_options(environ):
    environ("DATABASE_URL", "postgresql://ann:s%2Fcret@/rbac?host=%2Frun%2Fpg&port=5433&sslmode=require")
    database = environment.database()
    names = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    assert [database[name] for name in names] == ["rbac", "ann", "s/cret", "/run/pg", "5433"]
    options = f"{environment.PLANNED_ONCE} {environment.LIMITS}"
    kept = {"options": options, "prepare_threshold": environment.PREPARED_AFTER}
    assert database["OPTIONS"] == {**kept, "sslmode": "require"}


def test_options_of_a_database_url_are_in_the_place_of_the_limits_and_have_the_last_word(environ):
    environ("DATABASE_URL", "postgresql:///rbac?options=-c%20lock_timeout%3D1s")
    assert environment.database()["OPTIONS"]["options"] == f"{environment.PLANNED_ONCE} -c lock_timeout=1s"


@pytest.mark.parametrize("url", ["", "mysql://localhost/x", "postgresql://%zz"])
def test_a_bad_database_url_is_refused_in_one_line(environ, url):
    environ("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refusal:
        environment.database()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("value", ["0", "-1", "much", "٣", "1000001"])
def test_a_limit_of_uploads_is_a_number_of_megabytes(environ, value):
    environ("UPLOAD_LIMIT_MB", "3")
    assert environment.upload_limit() == 3 * 1024 * 1024
    environ("UPLOAD_LIMIT_MB", value)
    with pytest.raises(ImproperlyConfigured, match="UPLOAD_LIMIT_MB"):
        environment.upload_limit()


@pytest.mark.parametrize("value", ["-1", "long", "٣", "36501"])
def test_output_is_kept_for_a_number_of_days_or_for_ever(environ, value):
    for days in (0, 30):
        environ("OUTPUT_DAYS", str(days))
        assert environment.output_days() == days
    environ("OUTPUT_DAYS", value)
    with pytest.raises(ImproperlyConfigured, match="OUTPUT_DAYS"):
        environment.output_days()


def test_a_mail_url_gives_all_that_a_mail_server_wants(environ):
    environ("EMAIL_URL", GOOD["EMAIL_URL"])
    mail = environment.email(debug=False)
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert (mail["EMAIL_HOST_USER"], mail["EMAIL_HOST_PASSWORD"]) == ("it@msp", "s/cret")
    assert (mail["EMAIL_USE_TLS"], mail["EMAIL_USE_SSL"]) == (True, False)
    assert mail["DEFAULT_FROM_EMAIL"] == "it@example.org"


def test_one_laptop_needs_nothing(environ):
    environ("DJANGO_DEBUG", "1")
    assert environment.debug()
    assert environment.secret_key(debug=True)
    assert "localhost" in environment.allowed_hosts(debug=True)
    assert environment.email(debug=True)["EMAIL_BACKEND"].endswith("console.EmailBackend")


def test_debug_is_off_unless_it_is_on(environ):
    assert not environment.debug()
    environ("DJANGO_DEBUG", "yes")
    with pytest.raises(ImproperlyConfigured, match="must be 0 or 1"):
        environment.debug()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "ab" * 40),
        ("SECRET_KEY", environment.INSECURE_KEY),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("EMAIL_URL", ""),
        ("EMAIL_URL", "smtp://mail.example.org/"),
        ("DATABASE_URL", ""),
    ],
)
def test_production_refuses_what_is_missing_or_weak(name, value):
    code, errors = check_settings({**GOOD, name: value})
    assert code == 1
    assert errors.startswith("immyrbac: set ")
    assert name in errors
    assert errors.count("\n") == 1


def test_production_starts_with_all_of_them():
    assert check_settings(GOOD) == (0, "")


def check_settings(variables):
    """Let a process of its own read the settings; return its code and its errors."""
    done = subprocess.run(
        [sys.executable, "manage.py", "diffsettings"],
        env={**{name: value for name, value in os.environ.items() if name not in UNSET}, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr
