"""`Symbol`: jsonata-python's parse node, as far as we read it; the library itself has no types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol


class Symbol(Protocol):
    """One node. Which fields are set depends on `type`."""

    type: str | None
    value: object
    position: int
    keep_array: bool
    keep_singleton_array: bool
    thunk: bool
    tuple: object
    focus: object
    index: object
    ancestor: object
    signature: object
    lhs: Symbol
    rhs: Symbol
    expr: Symbol
    expression: Symbol
    condition: Symbol
    then: Symbol
    _else: Symbol | None
    body: Symbol
    pattern: Symbol
    update: Symbol
    delete: Symbol | None
    procedure: Symbol
    group: Symbol | None
    steps: Sequence[Symbol] | None
    stages: Sequence[Symbol] | None
    predicate: Sequence[Symbol] | None
    arguments: Sequence[Symbol] | None
    expressions: Sequence[Symbol] | None
    terms: Sequence[Symbol] | None
    lhs_object: Sequence[Sequence[Symbol]]


def pattern_of(symbol: Symbol) -> re.Pattern[str]:
    """The regular expression of a `regex` symbol."""
    assert isinstance(symbol.value, re.Pattern)
    return symbol.value


def scalar_of(symbol: Symbol) -> str | int | float | bool | None:
    """The value of a literal."""
    assert symbol.value is None or isinstance(symbol.value, str | int | float)
    return symbol.value
