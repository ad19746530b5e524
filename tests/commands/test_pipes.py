"""Commands as programs, whose output others read."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_reader_who_leaves_early_is_no_error():
    command = [sys.executable, "manage.py", "catalogue", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"DJANGO_DEBUG": "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ran:
        ran.stdout.close()
        assert ran.stderr.read() == b""
    assert ran.returncode == 141
