"""Logs go to standard error, one JSON object a line in production, and never hold a secret (safety 23)."""

import json
import subprocess
import sys

from tests.source import ROOT

PROGRAM = """
import logging, structlog
from django.utils.log import configure_logging
from immyrbac import logs
configure_logging("logging.config.dictConfig", {"version": 1})  # as Django does before it calls ours
logs.configure({"json": %s})
structlog.get_logger("rbac").info("role granted", role="Auditor", new_password="hunter2")
link = "/invitation/" + "hunter2" * 6 + "_/"
logging.getLogger("django").warning("plain %%s", link, extra={"request": "cookies", "csrf_token": "hunter2"})
def fail(number, password="hunter2"):
    hidden = "hunter" + str(number)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("django").exception("failed")
        logging.getLogger("django").warning("refused", exc_info=True, extra={"status_code": 403})
fail(2)
"""


def lines(json_wanted):
    command = [sys.executable, "-c", PROGRAM % json_wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout
    assert "hunter2" not in done.stderr
    assert "cookies" not in done.stderr
    return done.stderr.splitlines()


def test_production_logs_one_object_a_line():
    granted, plain, failed, refused = (json.loads(line) for line in lines(json_wanted=True))
    assert (granted["event"], granted["role"], granted["new_password"]) == ("role granted", "Auditor", "hidden")
    assert (plain["event"], plain["level"], plain["logger"]) == ("plain /invitation/hidden/", "warning", "django")
    assert failed["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert (refused["event"], "exception" in refused) == ("refused", False)
    assert granted["timestamp"].endswith("Z")


def test_one_laptop_gets_lines_to_read():
    said = lines(json_wanted=False)
    assert any("role granted" in line and "Auditor" in line for line in said)
    assert [line for line in said if "ZeroDivisionError" in line] == ["ZeroDivisionError: division by zero"]
