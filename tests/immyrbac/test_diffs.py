"""Two texts, line by line."""

from hypothesis import given
from hypothesis import strategies as st

from immyrbac import diffs
from immyrbac.diffs import AROUND, Line, difference

TEXTS = st.lists(st.sampled_from("abc"), max_size=12).map("\n".join)


def told(lines, *signs) -> list[str]:
    return [line.text for line in lines if line.sign in signs]


@given(TEXTS, TEXTS)
def test_what_went_and_came_makes_the_one_of_the_other(before, after):
    """With nothing left out, the lines without + are the text before, those without - the text after."""
    lines = difference(before, after)
    assert bool(lines) == (before.splitlines() != after.splitlines())
    hidden = [line for line in lines if not line.sign]
    if lines and not hidden:
        assert told(lines, "-", " ") == before.splitlines()
        assert told(lines, "+", " ") == after.splitlines()


def test_equal_lines_far_from_a_change_are_counted_and_left_out():
    numbers = [str(number) for number in range(40)]
    lines = difference("\n".join(numbers), "\n".join([*numbers[:20], "new", *numbers[21:]]))
    assert lines[0] == Line("", f"{20 - AROUND} equal lines")
    assert (told(lines, "-"), told(lines, "+")) == (["20"], ["new"])
    assert told(lines, " ") == ["17", "18", "19", "21", "22", "23"]
    assert lines[-1] == Line("", f"{19 - AROUND} equal lines")


def test_texts_that_differ_too_much_are_told_as_gone_and_come(monkeypatch):
    monkeypatch.setattr(diffs, "MOST_LINES", 2)
    lines = difference("same\na\nb\nc\nend", "same\nc\nb\na\nend")
    assert told(lines, "-") == ["a", "b", "c"]
    assert told(lines, "+") == ["c", "b", "a"]
    assert told(lines, " ") == ["same", "end"]
