"""What a rule sees while it is interpreted, and how it came to apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ccproxy.expr.missing import MISSING
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES, OBJECTS
from ccproxy.trace.made import Made, Note, Ref

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.expr.missing import Value
    from ccproxy.jsontypes import Json


class Conversion(Protocol):
    """What a conversion knows besides the value; its other fields are the engine's variables."""

    dropped: list[tuple[str, str]]
    sequence: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The current value (None is nothing) and the variables of one rule.

    `label` leads to the rule, for the loss report; `via` and `conditions` are the uses of parts and the places read
    to choose on the way to it.
    """

    conversion: Conversion
    context: Made | None
    names: Mapping[str, Made | None]
    label: tuple[str, ...] = ()
    via: tuple[Span, ...] = ()
    conditions: tuple[Ref, ...] = ()

    def bind(self, **names: Made | None) -> Scope:
        return replace(self, names={**self.names, **names})

    def over(self, context: Made, **names: Made | None) -> Scope:
        """The scope inside a loop: another current value."""
        return replace(self, context=context, names={**self.names, **names})

    def labelled(self, step: str) -> Scope:
        return replace(self, label=(*self.label, step))

    def field(self, key: str) -> Scope:
        """The scope of a field's value; what led to its object is told there."""
        return replace(self, label=(*self.label, key), conditions=())

    def given(self, conditions: tuple[Ref, ...]) -> Scope:
        return replace(self, conditions=tuple(dict.fromkeys((*self.conditions, *conditions))))

    def note(self, place: Span, sources: tuple[Ref, ...] = (), copied: Ref | None = None) -> Note:
        return Note(place, sources, copied, self.conditions, self.via)

    def named(self, wanted: frozenset[str]) -> dict[str, Made | None]:
        """The variables of these names: bound ones, else the engine's."""
        found = {name: self.names[name] for name in wanted if name in self.names}
        for name in ENGINE_VARIABLES:
            if name in wanted and name not in found:
                found[name] = self._engine_variable(name)
        return found

    def _engine_variable(self, name: str) -> Made | None:
        value: Json = getattr(self.conversion, name)
        return None if value is None and name not in OBJECTS else Made(value, Ref(name, ()))


def exact(made: Made | None) -> Value:
    """The value as expressions take it: MISSING is nothing."""
    return MISSING if made is None else made.value
