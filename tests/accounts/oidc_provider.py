"""A provider of single sign-on on loopback, with keys of its own, and faults that a test switches on.

It signs in whoever `person` says without asking, as a browser that is signed in there already sees it.
"""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CLIENT, SECRET = "immyrbac", "as good as any other"
_KEYS = [generate_private_key(65537, 2048) for _ in range(2)]
OWN, STRANGE = _KEYS


@dataclass
class Provider:
    """`faults` are changes of what it answers, each by name; `person` is (subject, e-mail) of who signs in there."""

    url: str
    person: tuple[str, str] = ("subject-1", "")
    said: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAPrivateKey = OWN

    def discovery(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        told = {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in ends.items()}}
        return told | self.faults.get("discovery", {})

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "one", "use": "sig"} | self.faults.get("key", {})]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is led back to."""
        self.asked.append(query)
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        back = {"code": code, "state": query["state"]} | self.faults.get("answer", {})
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """A code serves once, and for who began: RFC 6749 and 7636 as a provider has to check them."""
        query = self.codes.pop(form.get("code", ""), None)
        basic = f"Basic {base64.b64encode(f'{CLIENT}:{SECRET.replace(chr(32), chr(43))}'.encode()).decode()}"
        named = {"client_id": CLIENT, "client_secret": SECRET}
        proven = authorization == basic or named.items() <= form.items()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if query is None or not proven or challenge.decode() != query["code_challenge"]:
            return {"error": "invalid_grant"}
        if form["redirect_uri"] != query["redirect_uri"]:
            return {"error": "invalid_grant"}
        return {"access_token": "unused", "token_type": "Bearer", "id_token": self.id_token(query["nonce"])}

    def id_token(self, nonce: str) -> str:
        subject, email = self.person
        now = int(time.time())
        claims = {"iss": self.url, "sub": subject, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce}
        claims |= {"email": email, "email_verified": True} if email else {}
        claims |= self.said
        claims = {name: value for name, value in claims.items() if value is not None}
        sign: Callable[[dict[str, Any]], str] = self.faults.get("sign", signed)
        return sign(claims)


def signed(claims: dict[str, Any], key: RSAPrivateKey = OWN, algorithm: str = "RS256", kid: str = "one") -> str:
    return jwt.encode(claims, key, algorithm, headers={"kid": kid})


def by_a_strange_key(claims: dict[str, Any]) -> str:
    return signed(claims, STRANGE)


def by_nobody(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, "none", headers={"kid": "one"})


def by_the_public_key(claims: dict[str, Any]) -> str:
    """HS256 with the key that everybody knows: jwt itself would not make it."""
    public = OWN.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _hs256(claims, public)


def by_our_secret(claims: dict[str, Any]) -> str:
    return _hs256(claims, SECRET.encode())


def _hs256(claims: dict[str, Any], key: bytes) -> str:
    parts = [json.dumps(each).encode() for each in ({"alg": "HS256", "kid": "one"}, claims)]
    said = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mark = hmac.new(key, said, hashlib.sha256).digest()
    return (said + b"." + base64.urlsafe_b64encode(mark).rstrip(b"=")).decode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            self.answer(302, b"", Location=self.provider.authorize(query))
        elif parts.path == "/keys":
            self.tell("keys", self.provider.keys())
        else:
            self.tell("discovery", self.provider.discovery())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        told = self.provider.token(form, self.headers.get("Authorization", ""))
        self.tell("token", told, 400 if "error" in told else 200)

    def tell(self, place: str, told: Any, status: int = 200) -> None:
        """As it is, unless a fault of the place says otherwise: `raw` bytes, a status, headers, a long wait."""
        wrong = self.provider.faults.get(f"at {place}", {})
        time.sleep(wrong.get("wait", 0))
        content = wrong.get("raw", json.dumps(told).encode())
        self.answer(wrong.get("status", status), content, **wrong.get("headers", {}))

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider of its own that answers as long as this lasts."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield handler.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def visit(address: str) -> str:
    """What a browser does that follows an address to the provider: where that leads it back to."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"
