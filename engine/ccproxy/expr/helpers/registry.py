"""`HELPERS`: every helper by name. A module of helpers registers its functions with `@helper`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ccproxy.expr.emission.code import ANY, Kind
from ccproxy.expr.missing import Value
from ccproxy.shapes.shape import Shape

Function = TypeVar("Function", bound=Callable[..., Value])
Returns = Callable[[list[Shape]], Shape]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. Unless `exact`, both nothing and null arrive as None."""

    name: str
    optional: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Helper:
    """A function for expressions. `keeps`: a value of this type comes back as it is. Its answer: MISSING is nothing."""

    name: str
    function: Callable[..., Value]
    parameters: tuple[Parameter, ...]
    returns: Returns
    kinds: Kind
    keeps: type | None

    @property
    def least(self) -> int:
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def signature(self) -> str:
        names = [f"{parameter.name}?" if parameter.optional else parameter.name for parameter in self.parameters]
        return f"${self.name}({', '.join(names)})"

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.function) or ""


HELPERS: dict[str, Helper] = {}


def helper(
    *, returns: Returns, kinds: Kind = ANY, keeps: type | None = None, exact: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Register a helper under its function's name."""

    def register(function: Function) -> Function:
        name = function.__name__.removesuffix("_")
        parameters = tuple(
            Parameter(parameter.name, parameter.default is not parameter.empty, parameter.name in exact)
            for parameter in inspect.signature(function).parameters.values()
        )
        HELPERS[name] = Helper(name, function, parameters, returns, kinds, keeps)
        return function

    return register


def always(*kinds: str) -> Returns:
    """The result shape is the same for all arguments."""
    shape = Shape.of(*kinds) if kinds else Shape.any()  # type: ignore[arg-type]
    return lambda _arguments: shape


def describe_helpers() -> str:
    """The helpers as a Markdown list, for the documentation."""
    return "\n".join(_description(HELPERS[name]) for name in sorted(HELPERS))


def _description(entry: Helper) -> str:
    summary, _, rest = entry.doc.partition("\n")
    lines = [f"- `{entry.signature}`: {summary}"]
    return "\n".join(lines + [f"  {line.strip()}" for line in rest.splitlines() if line.strip()])
