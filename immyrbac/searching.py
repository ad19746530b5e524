"""How words are searched for in lists, pickers and the palette: one way (docs/decisions/searching-names.md).

Each model that is searched declares the indexes, `tenancy.models.letters` and `beginnings`.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q, Value
from django.db.models.functions import Least, Lower, Upper

FEWEST = 3
"""So many letters stand together in the index."""


def holding(words: str, *columns: str) -> Q:
    """Rows in which a column holds these words, whatever their case; all rows where there are no words.

    One letter or two are looked for at the beginning of the first column alone.
    """
    if not words:
        return Q()
    if len(words) < FEWEST:
        return beginning(words, columns[0])
    return reduce(or_, (Q(**{f"{column}__icontains": words}) for column in columns))


def beginning(words: str, column: str) -> Q:
    """Rows whose column begins with these words.

    The bound takes nothing away, whatever the collation: a walk along the sorted column enters where they stand.
    """
    bound = Least(Upper(Value(words)), Lower(Value(words)))
    return Q(**{f"{column}__istartswith": words, f"{column}__gte": bound})
