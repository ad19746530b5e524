"""What the tests of the way in share."""

from django.test import Client

from tests.factories import PASSWORD

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
