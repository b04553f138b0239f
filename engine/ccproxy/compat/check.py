"""Checks dialect files: templates that can be filled, and calls that are read back as they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ccproxy.compat.book import DialectBook
from ccproxy.compat.dialects import RULES
from ccproxy.compat.guide import Choice, Guide, open_environment
from ccproxy.compat.lenient_json import NotJsonError, parse_strict
from ccproxy.compat.parser import CallParser
from ccproxy.compat.toolbox import Toolbox
from ccproxy.compat.writing import write_calls
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.yamltree.nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from ccproxy.compat.events import Event
    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json

# A tool and calls of it with what is hard to carry.
_PROPERTIES: Final[dict[str, Json]] = {"path": {"type": "string"}, "lines": {"type": "array"}}
_TOOL: Final[dict[str, Json]] = {
    "type": "function",
    "name": "read_file",
    "parameters": {"type": "object", "properties": _PROPERTIES, "required": ["path"]},
}
_CALLS: Final[Sequence[tuple[str, dict[str, Json]]]] = (
    ("read_file", {"path": "a < b && \"c\" &lt;\n'd'", "lines": [1, {"two": None}]}),
    ("read_file", {"path": "e"}),
)


def check_dialects(nodes: Mapping[str, MapNode], files: Mapping[str, Mapping[str, Json]]) -> Iterator[Diagnostic]:
    """Report what is wrong in these files, by name; `files` are all there are. Their shape must be right."""
    if RULES not in files:
        return
    book = DialectBook(files)
    for name, node in nodes.items():
        broken = list(_broken_templates(node))
        yield from broken
        if name != RULES and not broken:
            yield from _check_dialect(book, name, node)


def _broken_templates(node: MapNode) -> Iterator[Diagnostic]:
    """Templates that Jinja cannot read."""
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415  (takes long to import, and few runs need it)

    shared = node.get("templates")
    listed = [node.get("prompt"), node.get("result")]
    listed += [entry.value for entry in shared.entries] if isinstance(shared, MapNode) else []
    environment = open_environment({})
    for template in listed:
        if not isinstance(template, ScalarNode):
            continue
        try:
            environment.parse(template.text)
        except TemplateSyntaxError as error:
            yield _unfillable(_line_of(template, error.lineno), error.message or "the template is not complete")


def _line_of(template: ScalarNode, number: int) -> Span:
    lines = template.text.split("\n")
    before = sum(len(line) + 1 for line in lines[: number - 1])
    line = lines[min(number, len(lines)) - 1]
    return template.place(before + len(line) - len(line.lstrip()), max(1, len(line.strip())))


def _check_dialect(book: DialectBook, name: str, node: MapNode) -> Iterator[Diagnostic]:
    from jinja2 import TemplateError  # noqa: PLC0415

    dialect, toolbox = book.dialect(name), Toolbox([_TOOL])
    for place in ("prompt", "result"):
        try:
            _fill(Guide(dialect, book.rules), toolbox, place)
        except TemplateError as error:
            yield _unfillable(_place(node, place), str(error.message))
    written = write_calls(dialect, _CALLS, toolbox)
    parser = CallParser(book.grammar(dialect), toolbox)
    events = [*parser.feed(written), *parser.finish()]
    if _said(events) != list(_CALLS):
        yield Diagnostic(
            "E502",
            f"the calls that `{name}` writes are not read back",
            _place(node, "markers"),
            label="the markers do not fit what `call` and `around` write",
            help="let `markers.begin` hold the text that begins a call, with the texts that end it",
            note=f"written: {written.splitlines()[0][:80]}",
            path="/markers",
        )


def _said(events: Sequence[Event]) -> list[tuple[str, Json]]:
    """The calls that events say; text makes them differ from any."""
    names = [event.text for event in events if event.kind in ("call", "text")]
    texts = ["".join(event.text for event in events if event.call == at) for at in range(1, len(names) + 1)]
    return [(name, _arguments(text.removeprefix(name))) for name, text in zip(names, texts, strict=True)]


def _arguments(text: str) -> Json:
    try:
        return parse_strict(text)
    except NotJsonError:
        return text


def _fill(guide: Guide, toolbox: Toolbox, place: str) -> None:
    if place == "result":
        guide.result("read_file", "c1", "text", error=True)
        return
    for choice in (Choice(), Choice("required", parallel=False), Choice("tool", "read_file")):
        guide.prompt(toolbox, choice, {"type": "json_schema", "schema": {}})


def _place(node: MapNode, name: str) -> Span:
    entry = node.entry(name)
    return entry.key.span if entry is not None else node.span


def _unfillable(span: Span, reason: str) -> Diagnostic:
    return Diagnostic(
        "M419",
        "a template cannot be filled",
        span,
        label=reason.rstrip("."),
        help="correct the template; it is Jinja2, and may use what the schema lists",
    )
