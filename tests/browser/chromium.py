"""Where Chromium is: Debian's, or the one that Playwright installed for itself. As a program: is there any?"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def of_the_system() -> str | None:
    """Return the path of the first one on the PATH, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def is_there() -> bool:
    if of_the_system():
        return True
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    sys.exit(0 if is_there() else 1)
