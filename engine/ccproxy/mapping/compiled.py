"""Templates of a protocol folder or quirk -> generated Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ccproxy.expr.emitter import Emitter
from ccproxy.mapping.analysis import inlined_parts
from ccproxy.mapping.codegen.deltas import DELTAS
from ccproxy.mapping.codegen.generator import Generator
from ccproxy.mapping.codegen.places import places_of_parts
from ccproxy.mapping.generated import Generated, unit_filename

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.model import Folder, Quirk, Table


def mode_of(kind: str, direction: str) -> str:
    """How a transform delivers its outputs: streams push fragments or append wire objects."""
    if kind != "stream":
        return "value"
    return "sink" if direction == "to_unified" else "wire"


def generate_folder(folder: Folder, tables: Mapping[str, Table], framing: Framing | None) -> Generated:
    """Python for every transform of a protocol; stream events are written as bytes in this framing."""
    emitter = Emitter()
    parts = {name: part.template for name, part in folder.parts.items()}
    roots = folder.transforms
    requests = [template for (kind, _), template in roots.items() if kind == "request"]
    places = places_of_parts(parts, roots.values()) | places_of_parts(parts, requests)
    inline = inlined_parts(parts, roots.values())
    generator = Generator(emitter, parts, tables, framing, inline=inline, places=places)
    for (kind, direction), template in folder.transforms.items():
        over_object = (kind, direction) != ("error", "to_unified")
        generator.function(f"{kind}_{direction}", template, mode_of(kind, direction), over_object=over_object)
    events = folder.transforms.get(("stream", "from_unified"))
    if events is not None and framing is not None and not generator.counts_events:
        for name, delta in DELTAS.items():
            generator.delta(name, events, delta)
    return _generated(folder.name, emitter)


def generate_quirk(quirk: Quirk, tables: Mapping[str, Table]) -> Generated:
    """Python for every edit of a quirk."""
    emitter = Emitter()
    generator = Generator(emitter, {}, tables)
    for kind, template in quirk.edits.items():
        generator.edit(kind, template)
    return _generated(f"quirks/{quirk.name}", emitter)


def _generated(name: str, emitter: Emitter) -> Generated:
    source = emitter.source()
    code = compile(source, unit_filename(name), "exec")
    places = cast("tuple[Span | None, ...]", tuple(emitter.places))
    return Generated(name, code, places, dict(emitter.constants), source)
