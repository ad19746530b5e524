"""Questions in words: what they are read as; and that what pages say is read as what was asked."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.models import Group, User
from computers.models import Computer, ComputerScopeType, Script
from rbac.access import INSTANCE
from rbac.deeds import deed
from rbac.models import Role
from rbac.objects import ComputersOf
from rbac.permissions import Permission
from rbac.readings import NotUnderstoodError, readings, words_of
from tenancy.models import Tag, Tenant

EDIT, SCRIPTS = Permission.COMPUTERS_MANAGE, Permission.SCRIPTS_MANAGE


def best(text):
    kind, person, permission, on, *_ = readings(text)[0]
    return kind, person, permission, on


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("who can edit computers of Contoso", ("who", "", EDIT, "Contoso")),
        ("Who may manage scripts on servers of Contoso?", ("who", "", SCRIPTS, "servers of Contoso")),
        ("who can edit users of Fabrikam", ("who", "", Permission.USERS_MANAGE, "Fabrikam")),
        ("can Ana Lopez manage scripts on WEB-01", ("can", "Ana Lopez", SCRIPTS, "WEB-01")),
        ("Can Ana Lopez edit WEB-01?", ("can", "Ana Lopez", EDIT, "WEB-01")),
        ("what may Ana do on WEB-01", ("what", "Ana", None, "WEB-01")),
        ("what can ana@x.test do?", ("what", "ana@x.test", None, "")),
        ("  CAN   Ana  SEE\tthe audit log ", ("can", "Ana", Permission.AUDIT_VIEW, "")),
        ("why can't Ana edit WEB-01?", ("can", "Ana", EDIT, "WEB-01")),
        ("No, Ana O’Neil cannot edit WEB-01", ("can", "Ana O’Neil", EDIT, "WEB-01")),
        ("Ana can see users in Fabrikam", ("can", "Ana", Permission.USERS_VIEW, "Fabrikam")),
        ("who can computers:delete on WEB-01", ("who", "", Permission.COMPUTERS_DELETE, "WEB-01")),
        ("who can view the system audit log", ("who", "", Permission.AUDIT_VIEW_SYSTEM, "instance")),
        ("who can edit computers", ("who", "", EDIT, "")),
    ],
)
def test_what_is_read(text, meant):
    assert best(text) == meant


def test_names_may_hold_words_of_questions():
    found = [(each.person, each.on) for each in readings("can Can Edit edit Edit") if each.permission == EDIT]
    assert {("Can", "edit Edit"), ("Can Edit", "Edit")} <= set(found)


def test_names_may_say_do():
    found = [(each.person, each.on) for each in readings("What can on do on do on on?")]
    assert {("on", "do on on"), ("on do on", "on")} <= set(found)


def test_a_verb_of_one_kind_of_thing_says_which():
    assert {each.model for each in readings("who can edit computersX of Fabrikam")} >= {Computer, Tenant, User}
    assert None not in {each.model for each in readings("who can edit computersX of Fabrikam")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("who can frobnicate the mainframe?", "frobnicate the mainframe"),
        ("can Ana fly", "Ana fly"),
        ("tell me a story", "tell me a story"),
        ("who can", "who can"),
    ],
)
def test_what_is_not_understood_is_named(text, words):
    with pytest.raises(NotUnderstoodError) as error:
        readings(text)
    assert error.value.words == words
    assert words in str(error.value)


# What pages say

LETTERS = st.characters(codec="utf-8", categories=("L", "N", "Pd", "Po", "Zs"), exclude_characters="/")
WORDS = st.sampled_from(["on", "of", "can", "edit", "I", "servers", "do", "view", "may", "not", "users", "Who", "in"])
NAMES = st.lists(st.one_of(WORDS, st.text(LETTERS, min_size=1, max_size=8)), min_size=1, max_size=4).map(
    lambda words: " ".join(" ".join(words).split())
)
MODELS = (Computer, Tenant, User, Group, Role, Tag, Script)


@st.composite
def things(draw):
    name = draw(NAMES)
    kind = draw(st.sampled_from([*MODELS, ComputersOf, None]))
    if kind is None:
        return INSTANCE
    if kind is ComputersOf:
        return ComputersOf(Tenant(pk=1, name=name), draw(st.sampled_from(ComputerScopeType.values)))
    return kind(pk=1, name=name)


def means(reading, kind, person, permission, thing):
    """Whether the reading names these, thing and person as they are called."""
    names = {"instance", "the instance"} if thing is INSTANCE else {str(thing)}
    kinds = (None, Computer if isinstance(thing, ComputersOf) else type(thing))
    same = (reading.kind, reading.person, reading.permission) == (kind, person, permission)
    return same and reading.on in names and reading.model in kinds


@given(NAMES, st.sampled_from(list(Permission)), things(), st.sampled_from(["who", "can", "what"]))
def test_what_a_page_asks_is_read_as_it_was_asked(person, permission, thing, kind):
    assume(str(thing).strip() and person)
    asked = None if kind == "what" else permission
    who = "" if kind == "who" else person
    words = words_of(kind, person, asked, thing)
    assert any(means(each, kind, who, asked, thing) for each in readings(words)), words


@given(NAMES, st.sampled_from(list(Permission)), things(), st.booleans())
def test_a_verdict_is_read_as_its_question(person, permission, thing, allowed):
    assume(str(thing).strip() and person)
    done = deed(permission, thing)
    words = f"Yes, {person} can {done}" if allowed else f"No, {person} cannot {done}"
    assert any(means(each, "can", person, permission, thing) for each in readings(words)), words
