"""Reading an address that somebody outside named: only public ones, only by https, small and soon (safety, SSRF).

The name is resolved once and the connection goes to an address that was looked at, so that no second answer of the
name service leads inside. Redirects are not followed. `FETCHES_LOOPBACK` allows this machine by http, for tests and one
laptop.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings

SECONDS = 5
"""For connecting, and as many for the answer. The name service has limits of its own."""
MOST_BYTES = 256 * 1024
LONGEST = 2000
"""Characters of an address."""
_TLS = ssl.create_default_context()
_CARRIES_IPV4 = IPv6Network("64:ff9b::/96")  # a gateway may lead it to any address of the old kind


class FetchError(Exception):
    """The address may not be asked, or did not answer as it should; says which, for people who run it."""


def check_address(url: str) -> SplitResult:
    """The parts of an address that may be asked, as far as can be told without asking. Raises FetchError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError("malformed address") from error
    if (
        not parts.hostname
        or len(url) > LONGEST
        or not url.isascii()
        or not url.isprintable()
        or " " in url
        or port == 0
    ):
        raise FetchError("malformed address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise FetchError("an address with a name, a password or a fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.FETCHES_LOOPBACK):
        raise FetchError("not https")
    return parts


def fetch_json(url: str, form: Mapping[str, str] | None = None, **headers: str) -> dict[str, Any]:
    """The object that the address answers, by GET, or by POST of a form. Raises FetchError."""
    body = None if form is None else urlencode(form)
    typed = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
    content = _fetch(check_address(url), body, {"Accept": "application/json", **typed, **headers})
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FetchError("no JSON") from error
    if not isinstance(answer, dict):
        raise FetchError("no JSON object")
    return answer


def _fetch(parts: SplitResult, body: str | None, headers: Mapping[str, str]) -> bytes:
    target = parts.path or "/"
    target += f"?{parts.query}" if parts.query else ""
    try:
        with _connected(parts) as connection:
            connection.request("GET" if body is None else "POST", target, body, dict(headers))
            with connection.getresponse() as answer:
                content = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(f"no answer: {type(error).__name__}") from error
    if len(content) > MOST_BYTES:
        raise FetchError("a huge answer")
    if answer.status != http.client.OK:
        raise FetchError(f"it answered {answer.status}")
    return content


@contextmanager
def _connected(parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
    """Connected to an address that was looked at; for TLS the name is what the certificate must bear."""
    host, is_plain = str(parts.hostname), parts.scheme == "http"
    kind = http.client.HTTPConnection if is_plain else http.client.HTTPSConnection
    connection = kind(host, parts.port)
    address = _address_of(host, connection.port, is_plain=is_plain)
    plain = socket.create_connection((address, connection.port), timeout=SECONDS)
    wrapped = plain if is_plain else _TLS.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    with wrapped as sock, _deadline(sock), closing(connection):
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        connection.sock = sock
        yield connection


def _address_of(host: str, port: int, *, is_plain: bool) -> str:
    """The first of its addresses, if every one of them may be asked."""
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(_may_be_asked(each, is_plain=is_plain) for each in found):
        raise FetchError("not a public address")
    return found[0]


def _may_be_asked(address: str, *, is_plain: bool) -> bool:
    """Public; or this machine, where a setting allows it. By http nothing but this machine."""
    try:
        ip = ip_address(address)
    except ValueError:  # with a zone: it is local
        return False
    if ip.is_loopback:
        return bool(settings.FETCHES_LOOPBACK)
    return not is_plain and _is_public(ip)


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in _CARRIES_IPV4):
        return False
    return ip.is_global and not ip.is_multicast


@contextmanager
def _deadline(sock: socket.socket) -> Iterator[None]:
    """Hang up when the time is over, however slowly the other side drips."""
    over = Event()
    timer = Timer(SECONDS, _hang_up, [sock, over])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError


def _hang_up(sock: socket.socket, over: Event) -> None:
    over.set()
    with suppress(OSError):  # it was closed this moment
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # beneath TLS, which another thread is reading
