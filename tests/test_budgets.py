"""What stays small stays readable (style.md, Layout): lines of views, functions, tests and files."""

from tests import source

VIEW, FUNCTION, TEST, FILE = 25, 40, 25, 400


def budget(path, function):
    if path.parts[0] == "tests":
        return TEST if function.name.startswith("test_") else FUNCTION
    return VIEW if source.is_named(path, "views") else FUNCTION


def test_functions_fit_their_budget():
    too_long = [
        f"{path}:{function.lineno} {function.name}: {length} lines of {allowed}"
        for path in source.files(*source.APPS, "tests")
        for function in source.functions(path)
        for length in [function.end_lineno - function.lineno + 1]
        for allowed in [budget(path, function)]
        if length > allowed
    ]
    assert not too_long, "\n".join(too_long)


def test_files_fit_their_budget():
    paths = [*source.files(*source.APPS, "tests"), *source.files("static", suffix=".css")]
    lengths = {path: len((source.ROOT / path).read_text().splitlines()) for path in paths}
    too_long = [f"{path}: {length} lines of {FILE}" for path, length in lengths.items() if length > FILE]
    assert not too_long, "\n".join(too_long)
