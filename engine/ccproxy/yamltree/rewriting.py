"""Changes single values in the text of a YAML file; every other character stays as it is.

A changed value is spliced into the text where its node stands. A printer for the whole file would lose spaces, line
breaks and quotes that somebody chose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from ccproxy.yamltree.scalar_types import old_boolean, typed

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

GONE: Final = object()
FLOW_WIDTH: Final = 60
_Path: TypeAlias = tuple[str, ...]
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./][\w./@+-]*")


def rewrite_yaml(text: str, before: JsonObject, after: JsonObject) -> str:
    """Return the text with what differs between two values of it changed."""
    for path, value in [*_differences(before, after, ())]:
        text = _remove(text, path) if value is GONE else _put(text, path, value)  # type: ignore[arg-type]
    return text


def flow_text(value: Json) -> str:
    """Return a value as people write it on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{flow_text(name)}: {flow_text(each)}" for name, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(flow_text(each) for each in value)}]"
    if (
        isinstance(value, str)
        and _PLAIN.fullmatch(value)
        and typed(value) == value
        and old_boolean(value, is_key=False) is None
    ):
        return value
    return json.dumps(value, ensure_ascii=False)


def _differences(before: JsonObject, after: JsonObject, path: _Path) -> Iterator[tuple[_Path, object]]:
    for name in before:
        if name not in after:
            yield (*path, name), GONE
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            yield from _differences(old, value, (*path, name))
        elif name not in before or old != value:
            yield (*path, name), value


def _put(text: str, path: _Path, value: Json) -> str:
    """Set the value at a path; mappings on the way are made where they are missing."""
    node, parents = _root(text), list[tuple[MappingNode, Node]]()
    for name in path:
        found = _entry(node, name)
        if found is None or not isinstance(node, MappingNode):
            break
        parents.append((node, found[0]))
        node = found[1]
    for name in reversed(path[len(parents) :]):
        value = {name: value}
    if not isinstance(node, MappingNode) or len(parents) == len(path) or not node.value:
        return _replace(text, node, parents, value)
    assert isinstance(value, dict)
    return _add(text, node, parents, value)


def _replace(text: str, node: Node | None, parents: list[tuple[MappingNode, Node]], value: Json) -> str:
    """Write a value in the place of another one."""
    if not parents:
        kept = text.rstrip("\n")
        return "\n".join([*([kept] if kept else []), *_block(value, 0)]) + "\n"
    parent, key = parents[-1]
    colon = _colon(text, key)
    assert node is not None
    if _is_empty(node):
        start = end = colon
    elif isinstance(node, CollectionNode) and not node.flow_style:
        start, end = colon, _end(text, node)
    else:
        start, end = node.start_mark.index, _end(text, node)
        if isinstance(node, ScalarNode) and node.style in ("'", '"') and isinstance(value, str):
            return text[:start] + _quoted(value, node.style) + text[end:]
    if parent.flow_style or not _needs_block(value):
        space = " " if start == colon else ""
        return f"{text[:start]}{space}{flow_text(value)}{text[end:]}"
    lines = _block(value, key.start_mark.column + _step(parents))
    rest = text[end:].partition("\n")[0]  # a comment beside the old value stays on its line
    return (
        "\n".join([text[:start].rstrip() + ("  " + rest.strip() if rest.strip() else ""), *lines])
        + text[end + len(rest) :]
    )


def _add(text: str, node: MappingNode, parents: list[tuple[MappingNode, Node]], value: JsonObject) -> str:
    """Add entries at the end of a mapping that has some."""
    last = node.value[-1][1]
    key = node.value[-1][0]
    end = _colon(text, key) if _is_empty(last) else _end(text, last)
    if node.flow_style:
        return f"{text[:end]}, {flow_text(value)[2:-2]}{text[end:]}"
    line_end = text.find("\n", end)
    end = len(text) if line_end < 0 else line_end
    apart = [""] if not parents and "\n\n" in text[:end].strip() else []
    lines = _block(value, node.value[0][0].start_mark.column)
    return "\n".join([text[:end], *apart, *lines]) + (text[end:] or "\n")


def _remove(text: str, path: _Path) -> str:
    """Take out the entry at a path; its mapping stays, even when it is empty then."""
    node, key = _root(text), None
    for name in path[:-1]:
        found = _entry(node, name)
        assert found is not None
        key, node = found
    found = _entry(node, path[-1])
    assert found is not None
    assert isinstance(node, MappingNode)
    start, last = found[0].start_mark.index, found[1]
    end = _colon(text, found[0]) if _is_empty(last) else _end(text, last)
    place = next(place for place, entry in enumerate(node.value) if entry[0] is found[0])
    if node.flow_style and len(node.value) == 1:
        return f"{text[: node.start_mark.index]}{{}}{text[node.end_mark.index :]}"
    if node.flow_style and place:
        return text[: _end(text, node.value[place - 1][1])] + text[end:]
    if node.flow_style:
        return text[:start] + text[node.value[1][0].start_mark.index :]
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    text = text[:line_start] + ("" if line_end < 0 else text[line_end + 1 :])
    if len(node.value) > 1 or key is None:
        return text
    colon = _colon(text, key)
    return f"{text[:colon]} {{}}{text[colon:]}"


def _root(text: str) -> Node | None:
    root = YAML(typ="safe", pure=True).compose(text)
    return root if isinstance(root, Node) else None


def _entry(node: Node | None, name: str) -> tuple[Node, Node] | None:
    entries = node.value if isinstance(node, MappingNode) else ()
    return next(((key, value) for key, value in entries if key.value == name), None)


def _colon(text: str, key: Node) -> int:
    """Return the place after the colon of a key."""
    return text.index(":", key.end_mark.index) + 1


def _end(text: str, node: Node) -> int:
    """Return where the text of a value ends; blocks end before the comments and empty lines after them."""
    if isinstance(node, ScalarNode):
        end: int = node.end_mark.index
        return len(text[:end].rstrip()) if node.style in ("|", ">") else end
    if not isinstance(node, CollectionNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    if not isinstance(last, tuple):
        return _end(text, last)
    return _colon(text, last[0]) if _is_empty(last[1]) else _end(text, last[1])


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style is None and node.start_mark.index == node.end_mark.index


def _step(parents: list[tuple[MappingNode, Node]]) -> int:
    """Return by how much the file indents."""
    columns = [key.start_mark.column for _, key in parents]
    return next((column for column in columns if column), 2)


def _needs_block(value: Json) -> bool:
    return isinstance(value, dict) and bool(value) and len(flow_text(value)) > FLOW_WIDTH


def _block(value: Json, indent: int) -> Iterator[str]:
    """Yield the lines of a mapping; what is short stands on one line."""
    assert isinstance(value, Mapping)
    for name, each in value.items():
        head = f"{' ' * indent}{flow_text(name)}:"
        if _needs_block(each):
            yield head
            yield from _block(each, indent + 2)
        else:
            yield f"{head} {flow_text(each)}"


def _quoted(value: str, style: str) -> str:
    return "'" + value.replace("'", "''") + "'" if style == "'" else json.dumps(value, ensure_ascii=False)
