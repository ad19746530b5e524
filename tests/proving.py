"""A session whose user has just proven who they are, as signing in through the page leaves it."""

import time

from allauth.account.internal.flows import login
from django.test import Client

from accounts.models import User


def prove(client: Client, user: User) -> None:
    """For clients of `force_login`, which goes past the sign-in."""
    session = client.session
    proof = {"method": "sign_in", "at": time.time(), "reauthenticated": True}
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [proof]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = login.user_id_to_str(user)
    session.save()
