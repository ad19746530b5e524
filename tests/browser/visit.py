"""A page as somebody of the demo world meets it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import User

Named = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Visit:
    """`who`: a first name of `rbac.demo.people.PERSONAS`, or nothing for whoever is not signed in.

    `of` finds what the path names, `asks` a query that names something; `status` is what the page itself answers.
    """

    name: str
    who: str = ""
    of: Named = dict
    query: str = ""
    asks: Callable[[], str] = str
    status: int = 200

    @property
    def address(self) -> str:
        return reverse(self.name, kwargs=self.of()) + self.query + self.asks()

    def __str__(self) -> str:
        return f"{self.name}{self.query} for {self.who or 'nobody'}"


def user(name: str) -> Named:
    return lambda: {"pk": User.objects.get(name=name).pk}
