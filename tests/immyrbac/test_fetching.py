"""What is read from outside: nothing inside, nothing huge, nothing slow, and no certificate of another name."""

import datetime as dt
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from immyrbac import fetching
from immyrbac.fetching import FetchError, fetch_json
from tests.accounts.oidc_provider import providing


def resolving(monkeypatch, *addresses: str) -> None:
    """The name service says these of every name."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    monkeypatch.setattr(socket, "create_connection", lambda where, **_: pytest.fail(f"it asked {where}"))


INSIDE = ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"]
INSIDE += ["::", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "64:ff9b::a00:1"]
INSIDE += ["2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "224.0.0.1", "ff02::1", "255.255.255.255"]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_public_is_not_asked(monkeypatch, settings, address):
    settings.FETCHES_LOOPBACK = False
    resolving(monkeypatch, address)
    with pytest.raises(FetchError, match="not a public address"):
        fetch_json("https://login.example/")


def test_a_name_that_leads_inside_too_is_not_asked(monkeypatch):
    resolving(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(FetchError, match="not a public address"):
        fetch_json("https://login.example/")


def test_the_name_is_looked_up_once_and_that_address_is_asked(monkeypatch):
    """A second answer of the name service would lead inside."""
    resolving(monkeypatch, "93.184.216.34")
    asked = []
    monkeypatch.setattr(socket, "create_connection", lambda where, **_: asked.append(where) or _refuse())
    with pytest.raises(FetchError, match="no answer"):
        fetch_json("https://login.example/")
    assert asked == [("93.184.216.34", 443)]


def _refuse() -> socket.socket:
    raise ConnectionRefusedError


WRONG = {
    "http://login.example/": "not https",
    "ftp://login.example/": "not https",
    "file:///etc/passwd": "malformed",
    "//login.example/": "not https",
    "https:///path": "malformed",
    "https://login.example:99999/": "malformed",
    "https://login.example:0/": "malformed",
    "https://[::1/": "malformed",
    "https://login.example/a b": "malformed",
    "https://login.example/\r\nHost: x": "malformed",
    "https://lögin.example/": "malformed",
    "https://name@login.example/": "a name",
    "https://login.example/#part": "a fragment",
    f"https://login.example/{'x' * 2000}": "malformed",
    "": "malformed",
}


@pytest.mark.parametrize(("address", "why"), WRONG.items(), ids=range(len(WRONG)))
def test_what_is_no_address_to_ask_is_refused(settings, address, why):
    settings.FETCHES_LOOPBACK = False
    with pytest.raises(FetchError, match=why):
        fetch_json(address)


def test_by_http_this_machine_alone_is_asked(monkeypatch):
    resolving(monkeypatch, "93.184.216.34")
    with pytest.raises(FetchError, match="not a public address"):
        fetch_json("http://login.example/")


def test_an_object_is_read():
    with providing() as there:
        assert fetch_json(f"{there.url}/discovery")["issuer"] == there.url


def dripping(server: socket.socket) -> None:
    """A head that never ends, a letter at a time."""
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        try:
            while True:
                connection.sendall(b"x")
                time.sleep(0.02)
        except OSError:
            pass


def test_who_drips_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=dripping, args=[server], daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(FetchError, match="no answer"):
            fetch_json(f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert time.monotonic() - began < 1
        thread.join(2)


def certified(folder, name: str) -> tuple[ssl.SSLContext, str]:
    """A server's TLS with a certificate of its own for this name, and the file that vouches for it."""
    key, now = generate_private_key(SECP256R1()), dt.datetime.now(dt.UTC)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(
        named, named, key.public_key(), x509.random_serial_number(), now, now.replace(year=now.year + 1)
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    own = made.sign(key, SHA256()).public_bytes(Encoding.PEM)
    whole, vouching = folder / "server.pem", folder / "ca.pem"
    vouching.write_bytes(own)
    whole.write_bytes(own + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(whole)
    return context, str(vouching)


def serving(server: socket.socket, context: ssl.SSLContext) -> None:
    plain, _ = server.accept()
    try:
        with context.wrap_socket(plain, server_side=True) as connection:
            connection.recv(10_000)
            connection.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"issuer": "x"}')
    except OSError:
        plain.close()


@pytest.mark.parametrize(("name", "vouched"), [("localhost", True), ("other.example", True), ("localhost", False)])
def test_a_certificate_has_to_bear_the_name_and_be_vouched_for(tmp_path, monkeypatch, name, vouched):
    context, vouching = certified(tmp_path, name)
    if vouched:
        monkeypatch.setattr(fetching, "_TLS", ssl.create_default_context(cafile=vouching))
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serving, args=[server, context], daemon=True)
        thread.start()
        address = f"https://localhost:{server.getsockname()[1]}/"
        if name == "localhost" and vouched:
            assert fetch_json(address) == {"issuer": "x"}
        else:
            with pytest.raises(FetchError, match="SSLCertVerificationError"):
                fetch_json(address)
        thread.join(2)
