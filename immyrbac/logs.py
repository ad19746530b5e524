"""Logs through structlog to standard error: lines to read while developing, one JSON object a line otherwise."""

import logging.config
import re
import sys
from http import HTTPStatus
from typing import Any

import structlog

SECRET_WORDS = ("password", "secret", "token", "cookie", "authorization", "csrf", "sessionid")
TOKEN = re.compile(r"/[\w-]{43}(?=/)")
"""In an address: 32 random bytes as the links of mails have them; Django logs the path of what it refuses."""
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def hide_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Blank what is logged under a telling name and the tokens of links, and drop whole requests: they carry cookies.

    Safety 23.
    """
    event.pop("request", None)
    event["event"] = TOKEN.sub("/hidden", str(event.get("event", "")))
    return {
        key: "hidden" if any(word in key.lower() for word in SECRET_WORDS) else value for key, value in event.items()
    }


def tell_answers_in_one_line(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Drop the traceback of a request that was answered as it should be, with a 400, 403 or 404."""
    if event.get("status_code", HTTPStatus.INTERNAL_SERVER_ERROR) < HTTPStatus.INTERNAL_SERVER_ERROR:
        event.pop("exc_info", None)
    return event


def configure(options: dict[str, Any]) -> None:
    """Set up logging; `options["json"]` chooses the form. Django calls this as LOGGING_CONFIG with LOGGING."""
    if options["json"]:
        traces = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals hold passwords and tokens
        rendering: list[Any] = [structlog.processors.ExceptionRenderer(traces), structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        rendering = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            hide_secrets,
            tell_answers_in_one_line,
            *rendering,
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structlog": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
            # Django gave its own loggers handlers before; with those each line would appear twice.
            "loggers": {
                **{name: {"handlers": [], "propagate": True} for name in ("django", "django.server")},
                "procrastinate": {"level": "WARNING"},  # it tells of each job, and at each start what jobs there are
            },
            "root": {"handlers": ["stderr"], "level": "INFO"},
        }
    )
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
