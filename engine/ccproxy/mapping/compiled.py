"""Generated source of a protocol folder -> callable functions, with the way back from a failing line to its rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ccproxy.expr.emitter import Emitter
from ccproxy.mapping.codegen.deltas import DELTAS
from ccproxy.mapping.codegen.generator import Generator
from ccproxy.mapping.codegen.runtime import runtime_namespace
from ccproxy.mapping.model import DIRECTIONS, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.model import Folder, Quirk, Table

    Function = Callable[..., Json]


@dataclass(frozen=True, slots=True)
class Generated:
    """Python source of one unit; `places[i]` is the rule that wrote line i + 1."""

    name: str
    source: str
    places: tuple[Span | None, ...]
    constants: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CompiledUnit:
    """Functions of one folder or quirk, by name; missing ones were not in the files."""

    generated: Generated
    functions: Mapping[str, Function] = field(repr=False)

    def get(self, name: str) -> Function | None:
        return self.functions.get(name)


def mode_of(kind: str, direction: str) -> str:
    """How a transform delivers its outputs: streams push fragments or append wire objects."""
    if kind != "stream":
        return "value"
    return "sink" if direction == "to_unified" else "wire"


def generate_folder(folder: Folder, tables: Mapping[str, Table], framing: Framing | None) -> Generated:
    """Python source for every transform of a protocol; stream events are written as bytes in this framing."""
    emitter = Emitter()
    parts = {name: part.template for name, part in folder.parts.items()}
    generator = Generator(emitter, parts, tables, framing)
    for kind in KINDS:
        for direction in DIRECTIONS:
            template = folder.transforms.get((kind, direction))
            if template is not None:
                over_object = (kind, direction) != ("error", "to_unified")
                generator.function(f"{kind}_{direction}", template, mode_of(kind, direction), over_object=over_object)
    events = folder.transforms.get(("stream", "from_unified"))
    if events is not None and framing is not None and not generator.counts_events:
        for name, delta in DELTAS.items():
            generator.delta(name, events, delta)
    return _generated(folder.name, emitter)


def generate_quirk(quirk: Quirk, tables: Mapping[str, Table]) -> Generated:
    """Python source for every edit of a quirk."""
    emitter = Emitter()
    generator = Generator(emitter, {}, tables)
    for kind, template in quirk.edits.items():
        generator.edit(kind, template)
    return _generated(f"quirks/{quirk.name}", emitter)


def _generated(name: str, emitter: Emitter) -> Generated:
    return Generated(
        name, emitter.source(), cast("tuple[Span | None, ...]", tuple(emitter.places)), dict(emitter.constants)
    )


def build_unit(generated: Generated, encode: Callable[[Json], object]) -> CompiledUnit:
    """Execute generated source; `encode` turns one wire object into what `out` collects."""
    namespace = {**runtime_namespace(), **generated.constants, "encode": encode}
    code = compile(generated.source, unit_filename(generated.name), "exec")
    before = set(namespace)
    exec(code, namespace)
    functions = {name: value for name, value in namespace.items() if name not in before and callable(value)}
    return CompiledUnit(generated, functions)


def unit_filename(name: str) -> str:
    return f"<mapping {name}>"


def failing_place(error: BaseException, units: Mapping[str, CompiledUnit]) -> Span | None:
    """The mapping rule that was running when the error was raised: the innermost generated frame."""
    place: Span | None = None
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if unit := units.get(name):
            places = unit.generated.places
            place = places[trace.tb_lineno - 1] if trace.tb_lineno <= len(places) else place
        trace = trace.tb_next
    return place
