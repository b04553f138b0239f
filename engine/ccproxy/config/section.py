"""Read one mapping of the configuration key by key; whatever nobody asked for is an unknown key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.config.environment import expand
from ccproxy.config.units import parse_duration, parse_size
from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.yamltree.nodes import ListNode, MapNode, Node, ScalarNode, to_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json


@dataclass(slots=True)
class Reading:
    """The problems met so far, the variables that values may name, and the files that they named.

    Files are looked for in `folder`.
    """

    variables: Mapping[str, str]
    problems: list[Diagnostic] = field(default_factory=list)
    folder: Path = Path()
    watched: list[Path] = field(default_factory=list)

    def report(self, code: str, message: str, node: Node, **more: str) -> None:
        """Add a problem at a node."""
        self.report_at(code, message, node.span, **more)

    def report_at(self, code: str, message: str, span: Span, **more: str) -> None:
        """Add a problem at a place."""
        self.problems.append(Diagnostic(code, message, span, **more))  # type: ignore[arg-type]

    def text(self, node: Node | None, what: str) -> str | None:
        """Return a scalar as text with its variables replaced."""
        if node is None:
            return None
        if not isinstance(node, ScalarNode) or node.value is None:
            self.report("S201", f"`{what}` must be text", node, label="text is expected here")
            return None
        value, missing = expand(node.text, self.variables)
        for name, offset in missing:
            self._missing_variable(node, name, offset)
        return value

    def _missing_variable(self, node: ScalarNode, name: str, offset: int) -> None:
        near = closest(name, self.variables)
        self.problems.append(
            Diagnostic(
                "C602",
                f"the environment has no variable `{name}`",
                node.place(offset, len(name) + 1),
                label="not set",
                help=f"set `{name}` in the environment or in a .env file beside this one",
                suggestion=near or "",
            )
        )


class Section:
    """One mapping of the file."""

    def __init__(self, reading: Reading, node: Node | None, path: str) -> None:
        self._reading = reading
        self._path = path
        self._asked: list[str] = []
        if isinstance(node, ScalarNode) and node.value is None:
            node = None
        if node is not None and not isinstance(node, MapNode):
            reading.report(
                "S201", f"`{path or 'the configuration'}` must be a mapping", node, label="keys are expected here"
            )
        self.node: MapNode | None = node if isinstance(node, MapNode) else None

    def get(self, name: str) -> Node | None:
        """Return the value of a key, and remember that somebody reads it."""
        self._asked.append(name)
        return self.node.get(name) if self.node else None

    def text(self, name: str) -> str | None:
        """Return a text, or None when it is absent."""
        return self._reading.text(self.get(name), self._name(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; one text alone counts as a list of one."""
        node = self.get(name)
        if node is None:
            return ()
        items = node.items if isinstance(node, ListNode) else (node,)
        values = [self._reading.text(item, self._name(name)) for item in items]
        return tuple(value for value in values if value)

    def text_map(self, name: str) -> dict[str, str]:
        """Return a mapping of texts."""
        section = self.section(name)
        return {key: value for key, node in section.entries() if (value := self._reading.text(node, f"{name}.{key}"))}

    def integer(self, name: str, default: int, least: int = 0, most: int = 2**31) -> int:
        """Return a whole number within bounds."""
        node = self.get(name)
        if node is None:
            return default
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int):
            self._reading.report(
                "S201", f"`{self._name(name)}` must be a whole number", node, label="a number is expected here"
            )
            return default
        if not least <= value <= most:
            self._reading.report(
                "S205", f"`{self._name(name)}` must be from {least} to {most}", node, label="out of range"
            )
            return default
        return value

    def number(self, name: str) -> float | None:
        """Return a number that is not negative, or None when it is absent."""
        node = self.get(name)
        if node is None:
            return None
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
            self._reading.report("S201", f"`{self._name(name)}` must be a number from 0", node, label="no such number")
            return None
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        node = self.get(name)
        if node is None:
            return default
        if not isinstance(node, ScalarNode) or not isinstance(node.value, bool):
            self._reading.report("S201", f"`{self._name(name)}` must be `true` or `false`", node, label="not a boolean")
            return default
        return node.value

    def duration(self, name: str, default: float) -> float:
        """Return seconds."""
        node = self.get(name)
        value = parse_duration(node.text) if isinstance(node, ScalarNode) else None
        if node is not None and value is None:
            self._reading.report(
                "C604",
                f"`{self._name(name)}` is not a duration",
                node,
                label="not a duration",
                help="write `15s`, `500ms` or `2m`",
            )
        return default if value is None else value

    def size(self, name: str, default: int) -> int:
        """Return bytes."""
        node = self.get(name)
        value = parse_size(node.text) if isinstance(node, ScalarNode) else None
        if node is not None and value is None:
            self._reading.report(
                "C605",
                f"`{self._name(name)}` is not a size",
                node,
                label="not a size",
                help="write `64MiB` or a number of bytes",
            )
        return default if value is None else value

    def json(self, name: str) -> Json:
        """Return a value as it stands."""
        node = self.get(name)
        return None if node is None else to_json(node)

    def section(self, name: str) -> Section:
        """Return a mapping below this one; an absent one is an empty one."""
        return Section(self._reading, self.get(name), self._name(name))

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Yield each entry of a mapping whose keys the user chose, as a section."""
        for name, node in self.entries():
            yield name, Section(self._reading, node, self._name(name))

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Yield the entries of a mapping whose keys the user chose."""
        for entry in self.node.entries if self.node else ():
            self._asked.append(entry.name)
            yield entry.name, entry.value

    def finish(self) -> None:
        """Report every key that nobody read."""
        for entry in self.node.entries if self.node else ():
            if entry.name not in self._asked:
                where = f"`{self._path}`" if self._path else "the configuration"
                self._reading.report(
                    "S203",
                    f"unknown key `{entry.name}` in {where}",
                    entry.key,
                    label="no such key",
                    note=f"the keys here are {quoted_list(sorted(self._asked), 'and')}",
                    suggestion=closest(entry.name, self._asked, self.node.keys() if self.node else ()) or "",
                )

    def _name(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name
