"""The product as the web servers of tests serve it, in processes of their own.

Without Django's help for developers, which keeps each statement and explains each 404: a third of such a server's
time. And agents ask again at once: what the tests of them wait for comes after one more question.
"""

from immyrbac.wsgi import application  # noqa: I001  sets Django up, which all others need

from django.conf import settings

from computers.maintenance import traffic

__all__ = ["application"]

settings.DEBUG = False
traffic.IDLE = traffic.ATTENDED = 0.5
