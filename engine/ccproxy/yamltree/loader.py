"""Files to trees. Every problem of the text becomes a diagnostic; nothing is raised for a user's mistake."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import DocumentStartEvent, Event

from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.yamltree.builder import TreeBuilder, TreeTooDeepError
from ccproxy.yamltree.nodes import Node
from ccproxy.yamltree.source import Source
from ccproxy.yamltree.syntax import too_deep, unreadable_yaml
from ccproxy.yamltree.traps import check_traps

BREAKS_TREE = frozenset({"Y101", "Y104", "Y105", "Y107", "Y108"})
MOST_ATTEMPTS = 50
BLANK = "x"


def load_yaml(
    path: Path | str, text: str | None = None, display: str | None = None
) -> tuple[Node | None, list[Diagnostic]]:
    """Load one document; the node is missing when the text means something else than it seems to."""
    shown = display or str(path)
    if text is None:
        text, problems = read_text(path, shown)
        if text is None:
            return None, problems
    return parse_yaml(Source.of(shown, text))


def read_text(path: Path | str, shown: str) -> tuple[str | None, list[Diagnostic]]:
    """Read a file as UTF-8, or say why it cannot be read."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig"), []
    except OSError as error:
        return None, [_unreadable(shown, error.strerror or "it cannot be opened")]
    except UnicodeDecodeError as error:
        return None, [_unreadable(shown, f"byte {error.start} is not UTF-8 text")]


def parse_yaml(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """Parse a text that is already in memory; an expression that breaks it is blanked out to see what else is wrong."""
    text, problems = source.text, list[Diagnostic]()
    for _ in range(MOST_ATTEMPTS):
        root, found, broken = _attempt(source, text)
        lines = {problem.span.line for problem in problems}
        problems += [each for each in found if each.span.line not in lines or each.code == "Y105"]
        if broken is None or not text[broken.start : broken.stop].strip(BLANK):
            break
        text = text[: broken.start] + BLANK * len(broken) + text[broken.stop :]
    lost = any(problem.code in BREAKS_TREE for problem in problems)
    return (None if lost else root), problems


def _attempt(source: Source, text: str) -> tuple[Node | None, list[Diagnostic], range | None]:
    """Parse once: the tree, its problems, and the place of an expression that broke it."""
    builder = TreeBuilder(source)
    try:
        for event in _events(text):
            if isinstance(event, DocumentStartEvent) and builder.documents:
                return None, [_second_document(source, event)], None
            builder.take(event)
    except YAMLError as error:
        unreadable = unreadable_yaml(Source.of(source.file, text), error)
        return None, [*builder.problems, unreadable.problem], unreadable.expression
    except TreeTooDeepError as error:
        return None, [too_deep(source, error.index)], None
    if builder.root is None:
        return None, [_empty(source)], None
    return builder.root, [*builder.problems, *check_traps(builder.root, source)], None


def _events(text: str) -> Iterable[Event]:
    """Read with the C parser when it is installed; it knows the same positions.

    It is a YAML 1.1 parser, which refuses `{ url: https://host }`; whatever it refuses, the YAML 1.2 parser judges.
    """
    try:
        return list(YAML(typ="safe", pure=False).parse(text))
    except YAMLError:
        return _pure_events(text)


def _pure_events(text: str) -> Iterator[Event]:
    yield from YAML(typ="safe", pure=True).parse(text)


def _unreadable(shown: str, reason: str) -> Diagnostic:
    return Diagnostic("Y107", f"cannot read the file: {reason}", Span(shown, 1, 1, 2))


def _empty(source: Source) -> Diagnostic:
    return Diagnostic("Y108", "the file is empty", source.span(0, 1), label="a document is expected")


def _second_document(source: Source, event: Event) -> Diagnostic:
    start = source.index(event.start_mark.line, event.start_mark.column)
    return Diagnostic(
        "Y108",
        "a second document starts here",
        source.span(start, start + 3),
        label="one file holds one document",
        help="move it to a file of its own",
    )
