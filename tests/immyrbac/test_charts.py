"""Drawings of numbers: what is where, and that each says in words what it draws."""

import re
from xml.etree import ElementTree as ET

from django.template.loader import render_to_string

from immyrbac.charts import Bar, Chart, leading, together

UNIT = ("computer", "computers")


def chart(*values: int, **more) -> Chart:
    bars = [Bar(f"Kind {at}", value, f"/list/?kind={at}") for at, value in enumerate(values)]
    return Chart("by-kind", "By kind", "Kind", UNIT, bars, **more)


def drawn(of: Chart) -> ET.Element:
    shown = render_to_string("parts/chart.html", {"chart": of})
    return ET.fromstring(re.sub(r"<col( [^>]*)?>", "", shown).strip())


def test_the_longest_bar_takes_all_the_room_and_the_others_their_share():
    assert [each.width for each in chart(50, 200, 0, 1).drawn] == ["25.00%", "100.00%", "0.00%", "0.60%"]


def test_what_sums_up_others_makes_them_no_smaller():
    rest = Bar("30 others", 900, is_rest=True)
    found = Chart("c", "C", "Kind", UNIT, [Bar("One", 9), Bar("Two", 3), rest]).drawn
    assert [each.width for each in found] == ["100.00%", "33.33%", "0.00%"]


def test_columns_stand_on_one_floor_and_share_the_width():
    found = chart(10, 5, 0, 1000, in_order=True).drawn
    assert [each.y + each.height for each in found] == [found[0].y + found[0].height] * 4
    assert [each.height for each in found] == [2, 2, 0, 112]
    assert [each.middle for each in found] == ["12.50%", "37.50%", "62.50%", "87.50%"]


def test_crowded_columns_say_some_names_and_no_number():
    found = chart(*range(1, 31), in_order=True).drawn
    assert [each.label for each in found if each.label] == [f"Kind {at}" for at in range(0, 30, 4)]
    assert not any(each.value for each in found)


def test_a_drawing_has_a_title_words_and_a_table_of_the_same_numbers():
    figure = drawn(chart(1, 1204))
    svg, table = figure.find("svg"), figure.find(".//table")
    names = svg.get("aria-labelledby").split()
    assert [svg.find(f"*[@id='{name}']").text for name in names] == [
        "By kind",
        "Kind 0: 1 computer; Kind 1: 1,204 computers",
    ]
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows == [["Kind", "Computers"], ["Kind 0", "1"], ["Kind 1", "1,204"]]
    assert [link.get("href") for link in table.iter("a")] == ["/list/?kind=0", "/list/?kind=1"]


def test_a_long_name_is_cut_in_the_drawing_and_whole_in_the_table():
    name = "Woodgrove International Holdings of Northern Europe"
    shown = render_to_string("parts/chart.html", {"chart": Chart("c", "C", "Tenant", UNIT, [Bar(name, 1)])})
    assert shown.count(name) == 2  # in words and in the table
    assert f"{name[:43].rstrip()}…" in shown


def test_where_nothing_is_there_is_a_sentence_instead_of_a_drawing():
    assert drawn(chart(0, 0, nothing="No computers.")).text == "No computers."


def test_what_is_left_out_is_one_bar_of_its_own():
    most, left = leading([3, 9, 0, 5, 1], 2, lambda value: value)
    assert (most, left) == ([9, 5], [3, 1])
    assert together([Bar("", value, more=(1,)) for value in left], "{} others") == [
        Bar("2 others", 4, "", (2,), is_rest=True)
    ]
    assert together([], "{} others") == []


def test_one_alone_is_no_other():
    assert leading([3, 9, 5], 2, lambda value: value) == ([9, 5, 3], [])
