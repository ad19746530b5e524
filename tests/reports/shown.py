"""What a report says, read from its page and its downloads."""

import csv
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from django.test import Client
from django.urls import reverse

from immyrbac.charts import Chart

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def report(client: Client, kind: str, *, whole: bool = False, query: str = ""):
    name = "rbac:report-system" if whole else "rbac:report-detail"
    return client.get(reverse(name, args=[kind]) + query)


def charts(answer) -> dict[str, Chart]:
    return {chart.name: chart for chart in answer.context["content"].charts}


def numbers(answer, chart: str) -> dict[str, int]:
    """The bars that are not nothing."""
    return {bar.label: bar.value for bar in charts(answer)[chart].bars if bar.value}


def figures(answer) -> dict[str, int]:
    return {figure.caption: figure.number for figure in answer.context["content"].figures}


def addresses(answer) -> dict[str, int]:
    """The lists that count, each with the number that the report says of it."""
    content = answer.context["content"]
    of_bars = {bar.address: bar.value for chart in content.charts for bar in chart.bars if bar.address}
    return {figure.address: figure.number for figure in content.figures if figure.address} | of_bars


def as_csv(client: Client, kind: str, *, whole: bool = False, query: str = "") -> list[list[str]]:
    name = "rbac:report-system-export" if whole else "rbac:report-export"
    answer = client.get(reverse(name, args=[kind]) + query)
    return list(csv.reader(StringIO(b"".join(answer).decode())))


def as_sheet(client: Client, kind: str, *, whole: bool = False) -> list[list[str]]:
    name = "rbac:report-system-export-sheet" if whole else "rbac:report-export-sheet"
    return cells(b"".join(client.get(reverse(name, args=[kind]))))


def cells(content: bytes) -> list[list[str]]:
    """The text of each cell of the one sheet of a workbook; fails on a formula."""
    with ZipFile(BytesIO(content)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{MAIN}f")), "a formula"
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{MAIN}row")]
