"""What every transform reads and must write, and the variables it sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.datadirs import find_data_dir
from ccproxy.mapping.check.target import Target
from ccproxy.mapping.model import OPERATION_HALVES, operation_kind
from ccproxy.shapes.schemas import has_schema, load_schema
from ccproxy.shapes.shape import Shape, shape_of, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ccproxy.jsontypes import Json
    from ccproxy.mapping.model import Direction, Folder, Kind, Tree


CHAT = "chat"  # the operation whose kinds have no name of their own


def unified_name(kind: Kind, operations: Mapping[str, Json]) -> str:
    """The schema of the unified side of a kind; an operation's has its name, or that of what ccproxy answers to it."""
    if kind == "stream":
        return "event"
    operation, _, half = kind.rpartition("_")
    facts = operations.get(operation)
    answer = facts.get("answer") if isinstance(facts, dict) else None
    return f"{answer}_{half}" if answer and has_schema(f"unified/{answer}_{half}") else kind


@dataclass(frozen=True, slots=True)
class Contract:
    """The shapes around the transforms of one folder."""

    tree: Tree
    folder: Folder

    def source(self, kind: Kind, direction: Direction) -> Shape:
        """The values that a transform is given."""
        if direction == "from_unified":
            return self.unified(kind)
        wire = self.answered(kind)
        if kind == "error":
            return union(wire, Shape.of("string"))  # a body that is no JSON
        if kind == "request" or wire.is_any:
            return wire
        return union(wire, self.wire("error").only("object"))  # answers may be errors in disguise

    def covered(self, kind: Kind, direction: Direction) -> Shape:
        """The part of the source of which every field must be read or dropped."""
        return self.answered(kind) if direction == "to_unified" else self.unified(kind)

    def target(self, kind: Kind, direction: Direction) -> Target:
        """What a transform must write."""
        if direction == "from_unified":
            name = f"wire/{self.folder.name}/{kind}"
            return Target(self.wire(kind), _title(name), name, many=kind == "stream")
        if kind == "stream":
            return Target(_fragments(), "a unified fragment", "unified/fragment", many=True)
        unified = unified_name(kind, self._operations)
        name = f"unified/{unified}"
        return Target(self.unified(kind), f"the unified {unified.replace('_', ' ')}", name)

    def unified(self, kind: Kind) -> Shape:
        """The unified side of a kind; any for an operation that the unified format does not know."""
        name = f"unified/{unified_name(kind, self._operations)}"
        return shape_of(name) if has_schema(name) else Shape.any()

    def is_known(self, operation: str) -> bool:
        """Whether the unified format has an operation: a request or an answer of its name, or of what answers it."""
        names = (unified_name(operation_kind(operation, half), self._operations) for half in OPERATION_HALVES)
        return any(has_schema(f"unified/{name}") for name in names)

    def known_operations(self) -> set[str]:
        """Operations of the unified format besides chat."""
        folder = find_data_dir("schemas") / "unified"
        names = {path.name.partition(".")[0] for path in folder.glob("*_re*.json")}
        return {name.rpartition("_")[0] for name in names}

    @property
    def _operations(self) -> Mapping[str, Json]:
        operations = self.folder.facts.get("operations")
        return operations if isinstance(operations, dict) else {}

    def answered(self, kind: str) -> Shape:
        """The messages that ccproxy gets: answers only of operations that it asks for."""
        asked = {name: facts for name, facts in self._operations.items() if _is_asked(facts)}
        return self._wire(kind, self._operations if kind.endswith("request") else asked)

    def wire(self, kind: str) -> Shape:
        """The protocol's messages of all its operations; any when no schema describes them."""
        return self._wire(kind, self._operations)

    def _wire(self, kind: str, operations: Mapping[str, Json]) -> Shape:
        names = [kind, *self._of_operations(kind, operations)]
        shapes = [shape_of(name) for each in names if has_schema(name := f"wire/{self.folder.name}/{each}")]
        return union(*shapes) if shapes else Shape.any()

    def _of_operations(self, kind: str, operations: Mapping[str, Json]) -> Iterator[str]:
        """Schemas of operations that share a mapping; one whose pieces look like its answers has none for streams."""
        converted, _, half = kind.rpartition("_")
        for operation, facts in operations.items():
            if not isinstance(facts, dict) or facts.get("convert_as") != (converted or CHAT):
                continue
            own = f"{operation}_{half}"
            has_own = half != "stream" or has_schema(f"wire/{self.folder.name}/{own}")
            yield own if has_own else f"{operation}_response"

    def variables(self, kind: Kind, direction: Direction) -> Mapping[str, Shape]:
        """The shapes of the variables that the engine binds. The other side's protocol is not known."""
        answers = direction == "from_unified" and kind != "request"
        own_request = answers or (kind, direction) == ("request", "to_unified")
        towards_us = (kind, direction) == ("request", "from_unified")
        return {
            "request": self.wire(_request_of(kind)) if own_request else Shape.any(),
            "message": shape_of("unified/response") if answers else Shape.any(),
            "unified": shape_of("unified/request"),
            "estimate": Shape.of("integer"),
            "head": shape_of("unified/response"),
            "block": shape_of("unified/block"),
            "argument_texts": Shape.array(Shape.of("string")),
            "sequence": Shape.of("integer"),
            "status": Shape.of("integer"),
            "created": Shape.of("integer"),
            "source": Shape.of("string"),
            "model": Shape.of("string"),
            "target": target_variable(self.tree, [self.folder.name] if towards_us else self.tree.folders),
        }


def _is_asked(facts: Json) -> bool:
    return isinstance(facts, dict) and "upstream" in facts


def _request_of(kind: Kind) -> Kind:
    """The kind of the requests that messages of a kind belong to."""
    operation, _, half = kind.rpartition("_")
    return f"{operation}_request" if operation and half == "response" else kind if operation else "request"


def target_variable(tree: Tree, folders: Iterable[str]) -> Shape:
    """`$target`, when it is one of these protocols."""
    names = capability_names(tree, folders)
    capabilities = Shape.object(dict.fromkeys(names, Shape.any()), optional=names) if names else Shape.any()
    return Shape.object({"protocol": Shape.of("string"), "model": Shape.of("string"), "capabilities": capabilities})


def capability_names(tree: Tree, folders: Iterable[str]) -> set[str]:
    """Capabilities that protocols and quirks declare; none when the protocols declare none."""
    names: set[str] = set()
    for name in folders:
        if name in tree.folders:
            declared = tree.folders[name].facts.get("capabilities")
            names |= set(declared) if isinstance(declared, dict) else set()
    return names.union(*(quirk.capabilities for quirk in tree.quirks.values())) if names else names


def _fragments() -> Shape:
    """One object may hold several fragments, each under the name of its kind."""
    every = shape_of("unified/fragment")
    names = every.property_names()
    return Shape.object({name: every.property(name).shape for name in names}, optional=names)


def _title(name: str) -> str:
    title = load_schema(name).get("title") if has_schema(name) else None
    folder, kind = name.split("/")[1:]
    return f"the {title.replace(':', '', 1)}" if isinstance(title, str) else f"the {kind} of {folder}"
