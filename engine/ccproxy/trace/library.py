"""A library whose transforms are interpreted and write down what they do: an engine over it converts, and is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ccproxy.mapping.analysis import inlined_parts
from ccproxy.mapping.codegen.places import places_of_parts
from ccproxy.mapping.compiled import mode_of
from ccproxy.mapping.generated import Generated
from ccproxy.trace.interpreter import Interpreter
from ccproxy.trace.transforms import Transforms
from ccproxy.wire.frames import encoder_for

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.library import Index
    from ccproxy.mapping.model import Folder
    from ccproxy.mapping.source_library import SourceLibrary
    from ccproxy.trace.evaluation import Evaluator
    from ccproxy.trace.journal import Journal

    Function = Callable[..., Json]

HIDDEN: Final = "interpreted_"


class TracingLibrary:
    """State: the interpreters of what was asked for. Mappings and the functions of their expressions may be shared by
    many; the journal is of one request.
    """

    def __init__(self, source: SourceLibrary, evaluator: Evaluator, journal: Journal) -> None:
        self.journal = journal
        self.tree = source.tree
        self._source = source
        self._evaluator = evaluator

    @property
    def index(self) -> Index:
        return self._source.index

    def request_schema(self, name: str) -> JsonObject:
        return self._source.request_schema(name)

    def folder(self, name: str, framing: Framing | None) -> Generated:
        folder = self.tree.folders[name]
        transforms = Transforms(
            self.journal, interpreter_of(folder, self._evaluator), folder, self.index.protocols[name].request_fields
        )
        encode = encoder_for(framing.kind if framing else "", framing.event_name if framing else None)
        return _handed_over(name, dict(_functions(transforms, folder, encode)))

    def quirk(self, name: str) -> Generated:
        quirk = self.tree.quirks[name]
        interpreter = Interpreter(self._evaluator, {}, {}, frozenset())
        transforms = Transforms(self.journal, interpreter, None, frozenset())
        return _handed_over(
            f"quirks/{name}", {kind: transforms.edit(name, kind, edit) for kind, edit in quirk.edits.items()}
        )


def interpreter_of(folder: Folder, evaluator: Evaluator) -> Interpreter:
    """With parts placed as generated code places them."""
    parts = {name: part.template for name, part in folder.parts.items()}
    roots = folder.transforms
    requests = [template for (kind, _), template in roots.items() if kind == "request"]
    placing = places_of_parts(parts, roots.values()) | places_of_parts(parts, requests)
    return Interpreter(evaluator, parts, placing, inlined_parts(parts, roots.values()))


def _functions(
    transforms: Transforms, folder: Folder, encode: Callable[[Json], object]
) -> Iterator[tuple[str, Function]]:
    for (kind, direction), template in folder.transforms.items():
        name = f"{kind}_{direction}"
        match mode_of(kind, direction):
            case "value":
                yield name, transforms.value(kind, direction, template)
            case "sink":
                yield name, transforms.fragments(template)
            case _:
                yield name, transforms.events(template, encode)


def _handed_over(name: str, functions: Mapping[str, Function]) -> Generated:
    """Functions in the form of a generated module, which gives them their names."""
    source = "".join(f"{function} = {HIDDEN}{function}\n" for function in functions)
    code = compile(source, f"<trace {name}>", "exec")
    return Generated(name, code, (), {f"{HIDDEN}{function}": value for function, value in functions.items()})
