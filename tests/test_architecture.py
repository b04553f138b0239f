"""The shape of the house: imports go down, facts stay out of the engine, files stay small."""

import ast
import re
from pathlib import Path

import pytest

ENGINE = Path(__file__).parent.parent / "engine" / "ccproxy"
FILES = sorted(ENGINE.rglob("*.py"))

# Every room may import those before it, and itself.
ORDER = (
    "jsontypes", "datadirs", "diagnostics", "yamltree", "shapes", "schemagen", "expr", "wire", "mapping", "unified",
    "conversion", "policy", "compat", "config", "routing", "state", "record", "trace", "upstream", "mcp", "inject",
    "pipeline", "server", "cli",
)  # fmt: skip
ASYNC_ROOMS = {"upstream", "pipeline", "server", "mcp", "cli"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
FACTS = re.compile(
    r"(?<![a-z])(claude|anthropic|openai|gemini|ollama|deepseek|qwen|kimi|mistral)(?![a-z])", re.IGNORECASE
)
LONGEST_FILE = 300


def room_of(path):
    """The room that a file of the package belongs to."""
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


def trees():
    return [
        pytest.param(path, ast.parse(path.read_text(encoding="utf-8")), id=str(path.relative_to(ENGINE)))
        for path in FILES
    ]


def imported_rooms(tree):
    """Rooms that a module imports, with the line."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and node.level == 0 else []
        yield from ((name.split(".")[1], node.lineno) for name in names if name.startswith("ccproxy."))


def docstrings(tree):
    """The constants that are docstrings, of attributes too."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def words(tree):
    """Identifiers and string literals that are neither docstrings nor examples of a help text, with the line."""
    skipped = docstrings(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
            and not node.value.startswith("example: ")
        ):
            yield node.value, node.lineno
        elif isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno


@pytest.mark.parametrize(("path", "tree"), trees())
def test_imports_go_down(path, tree):
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    assert room in ORDER, f"{room}/ has no place in ORDER"

    below = set(ORDER[: ORDER.index(room) + 1])
    upward = [
        f"line {line}: {name}" for name, line in imported_rooms(tree) if name not in below and name != "__version__"
    ]

    assert upward == []


@pytest.mark.parametrize(("path", "tree"), trees())
def test_imports_are_absolute(path, tree):
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level] == []


@pytest.mark.parametrize(("path", "tree"), trees())
def test_no_protocol_or_provider_is_named(path, tree):
    named = [f"line {line}: {word[:60]!r}" for word, line in words(tree) if FACTS.search(word)]

    assert named == []


@pytest.mark.parametrize(("path", "tree"), trees())
def test_only_the_rim_awaits(path, tree):
    if room_of(path) in ASYNC_ROOMS:
        return
    awaiting = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)

    assert [node.lineno for node in ast.walk(tree) if isinstance(node, awaiting)] == []


def test_file_names_say_something():
    assert [str(path) for path in FILES if path.stem in EMPTY_NAMES] == []


def test_files_stay_small():
    lengths = {str(path.relative_to(ENGINE)): path.read_text(encoding="utf-8").count("\n") for path in FILES}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ENGINE)))
def test_every_module_says_what_it_owns(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
