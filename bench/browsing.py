"""A signed-in person's browser, as far as a bench needs one: cookies, kept connections, and forms sent as they came."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode

HTMX = {"HX-Request": "true"}
KEPT_SECONDS = 10
"""How long an unused connection is kept, as browsers do; the server closes its end of those after 30 seconds."""


class Answer(NamedTuple):
    status: int
    body: bytes


class Browser:
    """Cookies of one person; each thread keeps a connection of its own, as tabs do. Raises OSError, HTTPException."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._cookies: SimpleCookie = SimpleCookie()
        self._own = threading.local()

    def get(self, address: str, *, fragment: bool = False) -> Answer:
        return self._ask("GET", address, None, HTMX if fragment else {})

    def post(self, address: str, fields: Mapping[str, str]) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", address, urlencode(fields), headers)

    def sign_in(self, email: str, password: str) -> None:
        fields = fields_of(self.get("/sign-in/").body, "login")
        answer = self.post("/sign-in/", {**fields, "login": email, "password": password})
        if answer.status != 302:
            raise SystemExit(f"{email} cannot sign in: {answer.status}")

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={each.value}" for name, each in list(self._cookies.items()))

    def _ask(self, method: str, address: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        link = self._link()
        try:
            link.request(method, address, body, {**headers, "Cookie": self.cookies})
            response = link.getresponse()
            for cookie in response.headers.get_all("Set-Cookie", ()):
                self._cookies.load(cookie)
            return Answer(response.status, response.read())
        except (OSError, http.client.HTTPException):
            link.close()  # the next request opens it anew
            raise

    def _link(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "link"):
            self._own.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        elif time.monotonic() - self._own.used > KEPT_SECONDS:
            self._own.link.close()  # the next request opens it anew
        self._own.used = time.monotonic()
        link: http.client.HTTPConnection = self._own.link
        return link


def fields_of(page: bytes, wanted: str) -> dict[str, str]:
    """What the form with this field would send as it stands, and nothing else; empty where there is none."""
    parser = _Forms()
    parser.feed(page.decode())
    return next((form for form in parser.found if wanted in form), {})


class _Forms(HTMLParser):
    """Text, hidden and chosen controls of each form, by name; the last chosen of a name counts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({})
        if not self.found:
            return
        name, form = said.get("name", ""), self.found[-1]
        if tag == "select":
            self._select = name
            form.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in said:
            form[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._area = name
            form.setdefault(name, "")
        elif tag == "input" and name and ("checked" in said or said.get("type") not in ("checkbox", "radio")):
            form[name] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1][self._area] += data
