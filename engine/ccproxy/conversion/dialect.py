"""A protocol made ready to convert: its facts, its compiled transforms and what the engine must know about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast

from ccproxy.mapping.codegen.framing import Framing
from ccproxy.mapping.drops import DropNode, build_drops, find_drops
from ccproxy.mapping.generated import build_unit
from ccproxy.shapes.validator import BodyValidator
from ccproxy.unified.answer_rules import AnswerRules, build_answer_rules
from ccproxy.unified.deltas import EmitDeltas
from ccproxy.unified.normal_rules import build_rules
from ccproxy.wire.frames import encoder_for

if TYPE_CHECKING:
    from ccproxy.conversion.context import Context
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.generated import CompiledUnit, Generated
    from ccproxy.mapping.library import Library
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.unified.deltas import TellArguments, TellText
    from ccproxy.unified.normal_rules import NormalRules

    JsonObject = dict[str, Json]

Transform = Callable[..., "Json"]


@dataclass(slots=True, weakref_slot=True)
class Dialect:
    """One protocol on either side of a conversion."""

    protocol: Protocol
    library: Library
    rules: NormalRules
    drops: Mapping[tuple[str, str], DropNode]
    known_fields: frozenset[str]
    answers: AnswerRules
    _units: dict[str, CompiledUnit] = field(default_factory=dict)
    _validator: BodyValidator | None = None

    @property
    def name(self) -> str:
        return self.protocol.name

    @property
    def validator(self) -> BodyValidator | None:
        if self._validator is None and self.known_fields:
            schema = partial(self.library.request_schema, self.name)
            self._validator = BodyValidator(f"wire/{self.name}/request", schema)
        return self._validator

    @property
    def generated(self) -> Generated:
        return self.unit().generated

    def unit(self, framing: str | None = None) -> CompiledUnit:
        """The compiled functions; stream events become bytes in the framing (the protocol's own by default), or with
        `""` stay objects.
        """
        kind = self.protocol.stream.framing if framing is None else framing
        if kind not in self._units:
            name = self.protocol.stream.event_name
            generated = self.library.folder(self.name, Framing(kind, name) if kind else None)
            self._units[kind] = build_unit(generated, encoder_for(kind, name))
        return self._units[kind]

    def transform(self, name: str) -> Transform:
        """A compiled transform, e.g. `request_to_unified`. Raises LookupError when no file has it."""
        function = self.unit().get(name)
        if function is None:
            raise LookupError(f"{self.name} has no {name.replace('_', ' ', 1)}")
        return function

    def stream_function(self, framing: str) -> Transform:
        """Unified events to encoded wire events: takes (context, out, event)."""
        function = self.unit(framing).get("stream_from_unified")
        if function is None:
            raise LookupError(f"{self.name} has no stream from_unified")
        return function

    def delta_functions(self, framing: str, context: Context, out: list[bytes]) -> EmitDeltas | None:
        """Shortcuts for the deltas of one stream, where the mapping allows them."""
        functions = self.unit(framing).functions
        if "stream_text" not in functions:
            return None
        return EmitDeltas(
            cast("Callable[[], TellText]", partial(functions["stream_text"], context, out)),
            cast("Callable[[], TellText]", partial(functions["stream_reasoning"], context, out)),
            cast("Callable[[], TellArguments]", partial(functions["stream_arguments"], context, out)),
        )

    def error(self, error: JsonObject, context: Context) -> tuple[int, JsonObject]:
        """Status and body that this protocol's clients expect for a unified error."""
        body = self.transform("error_from_unified")(error, context)
        return self._status_of(error), body if isinstance(body, dict) else {}

    def _status_of(self, error: JsonObject) -> int:
        statuses = self.protocol.error_status
        own = error.get("status")
        return statuses.get(str(error.get("kind")), own if isinstance(own, int) else 500)

    def report_drops(self, kind: str, direction: str, value: Json, dropped: list[tuple[str, str]]) -> None:
        """Note declared and unknown fields of a message that this direction does not carry."""
        root = self.drops.get((kind, direction))
        if root is not None:
            find_drops(root, value, dropped)
        if self.known_fields and kind == "request" and direction == "to_unified" and isinstance(value, dict):
            dropped.extend((name, "unknown field") for name in value.keys() - self.known_fields)


def build_dialect(library: Library, protocol: Protocol) -> Dialect:
    """Make a protocol of the library ready."""
    entry = library.index.protocols[protocol.name]
    rules = build_rules(protocol.name, protocol.limits, protocol.normal_form)
    return Dialect(
        protocol,
        library,
        rules,
        {key: build_drops(pairs) for key, pairs in entry.drops.items()},
        entry.request_fields,
        build_answer_rules(rules.known_protocols, protocol.answers),
    )
