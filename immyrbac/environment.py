"""Reads the settings of design 10 from the environment; each reader raises ImproperlyConfigured with one line."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

WITHOUT_DEBUG = "(DJANGO_DEBUG=1 gives a default for one laptop)"
INSECURE_KEY = "django-insecure-for-one-laptop-only-never-for-production"
SHORTEST_KEY, FEWEST_CHARACTERS = 50, 10
UPLOAD_LIMIT_MB, MOST_MB = 2048, 1_000_000
OUTPUT_DAYS, MOST_DAYS = 90, 36_500
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
# No statement and no wait for a lock may hold a worker's thread for longer; `options` of a URL are in their place.
LIMITS = "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s"
# A statement of `immyrbac.statements` that is asked once more in a connection is kept by the database, with its plan.
PREPARED_AFTER, PLANNED_ONCE = 1, "-c plan_cache_mode=force_generic_plan"


def debug() -> bool:
    value = os.environ.get("DJANGO_DEBUG", "0")
    if value not in {"0", "1", ""}:
        raise ImproperlyConfigured(f"DJANGO_DEBUG must be 0 or 1, not {value!r}")
    return value == "1"


def secret_key(*, debug: bool) -> str:
    key = os.environ.get("SECRET_KEY", "")
    if debug:
        return key or INSECURE_KEY
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(f"set SECRET_KEY to at least {SHORTEST_KEY} random characters {WITHOUT_DEBUG}")
    return key


def secret_key_fallbacks() -> list[str]:
    """Return earlier values of SECRET_KEY, separated by commas: what they sealed or signed still counts."""
    return [key.strip() for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key.strip()]


def allowed_hosts(*, debug: bool) -> list[str]:
    """Return the names, separated by commas in the environment, under which the pages may be asked for."""
    hosts = [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if debug:
        return hosts or ["localhost", "127.0.0.1", "[::1]"]
    if not hosts or "*" in hosts:
        raise ImproperlyConfigured(f"set ALLOWED_HOSTS to the host names of this site, never '*' {WITHOUT_DEBUG}")
    return hosts


def database() -> dict[str, Any]:
    """Return Django's settings for DATABASE_URL, a libpq URI whose `?host=` may be a socket folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise ImproperlyConfigured(
            "set DATABASE_URL to a PostgreSQL URI (script/manage and script/server bring their own)"
        )
    try:
        parts: dict[str, Any] = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is no libpq URI: {str(error).strip()}") from error
    options = f"{PLANNED_ONCE} {parts.pop('options', LIMITS)}"
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{ours: str(parts.pop(theirs, "")) for ours, theirs in names.items()},
        "OPTIONS": {"options": options, "prepare_threshold": PREPARED_AFTER, **parts},
        "CONN_MAX_AGE": 300,  # seconds; one connection a thread, checked before each request that uses it
        "CONN_HEALTH_CHECKS": True,
    }


def media_root(default: Path) -> Path:
    """Return the folder of uploaded files."""
    return Path(os.environ.get("MEDIA_ROOT") or default)


def upload_limit() -> int:
    """Return how many bytes an uploaded file may have; UPLOAD_LIMIT_MB says it in megabytes."""
    value = os.environ.get("UPLOAD_LIMIT_MB") or str(UPLOAD_LIMIT_MB)
    if not (value.isascii() and value.isdecimal() and 0 < int(value) <= MOST_MB):
        raise ImproperlyConfigured(f"UPLOAD_LIMIT_MB must be a number of megabytes up to {MOST_MB}, not {value!r}")
    return int(value) * 1024 * 1024


def output_days() -> int:
    """Return for how many days is kept what agents said; 0 is for ever."""
    value = os.environ.get("OUTPUT_DAYS") or str(OUTPUT_DAYS)
    if not (value.isascii() and value.isdecimal() and int(value) <= MOST_DAYS):
        raise ImproperlyConfigured(f"OUTPUT_DAYS must be a number of days up to {MOST_DAYS}, or 0, not {value!r}")
    return int(value)


def email(*, debug: bool) -> dict[str, Any]:
    """Return Django's mail settings for EMAIL_URL: smtp://, smtp+tls:// (STARTTLS) or smtps://USER:PASSWORD@HOST:PORT,
    with `?from=ADDRESS`; on one laptop mails are printed where the server runs.
    """
    url = os.environ.get("EMAIL_URL", "")
    if debug and not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    sender = parse_qs(parts.query).get("from", [""])[0]
    if parts.scheme not in MAIL_PORTS or not parts.hostname or not sender:
        raise ImproperlyConfigured(f"set EMAIL_URL to smtp+tls://USER:PASSWORD@HOST:PORT/?from=ADDRESS {WITHOUT_DEBUG}")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or MAIL_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": sender,
        "SERVER_EMAIL": sender,
    }
