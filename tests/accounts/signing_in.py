"""What the tests of the way in share."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from tests.factories import PASSWORD
from tests.factors import APP_KEY

URL = "/sign-in/"


def sign_in(client, email, password=PASSWORD, *, address="192.0.2.1", host="testserver", **more):
    return client.post(URL, {"login": email, "password": password, **more}, REMOTE_ADDR=address, HTTP_HOST=host)


def signed_in(user):
    """A browser of its own in which the user has signed in by password."""
    client = Client()
    sign_in(client, user.email)
    return client


def is_in(client):
    return client.get("/profile/").status_code == 200


CODE_URL, PERIOD = "/sign-in/code/", 30


def code(key=APP_KEY, *, periods_ago=0):
    """What the app shows, with a moment left to type it."""
    while time.time() % PERIOD > PERIOD - 2:
        time.sleep(0.1)
    return format_hotp_value(hotp_value(key, int(time.time()) // PERIOD - periods_ago))


def type_code(client, typed):
    return client.post(CODE_URL, {"code": typed}, REMOTE_ADDR="192.0.2.1")


def signed_in_with_app(user):
    """A browser in which somebody has signed in by password and the app of `AppFactory`."""
    client = signed_in(user)
    type_code(client, code())
    return client
