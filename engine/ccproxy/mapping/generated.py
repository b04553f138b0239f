"""Generated source as callable functions, with the way back from a failing line to its rule.

Imports nothing that is needed only to generate, so that a proxy with stored code starts light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.mapping.codegen.runtime import runtime_namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json

    Function = Callable[..., Json]


@dataclass(frozen=True, slots=True)
class Generated:
    """Code of one unit; `places[i]` is the rule that wrote line i + 1, `source` is empty when it was stored."""

    name: str
    code: CodeType
    places: Sequence[Span | None]
    constants: Mapping[str, object]
    source: str = ""


@dataclass(frozen=True, slots=True)
class CompiledUnit:
    """Functions of one folder or quirk, by name; missing ones were not in the files."""

    generated: Generated
    functions: Mapping[str, Function] = field(repr=False)

    def get(self, name: str) -> Function | None:
        return self.functions.get(name)


def build_unit(generated: Generated, encode: Callable[[Json], object]) -> CompiledUnit:
    """Execute generated code; `encode` turns one wire object into what `out` collects."""
    namespace = {**runtime_namespace(), **generated.constants, "encode": encode}
    before = set(namespace)
    exec(generated.code, namespace)
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
