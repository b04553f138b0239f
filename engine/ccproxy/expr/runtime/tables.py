"""A shared table as a function; an object of a class, so that compiled mappings can be stored."""

from __future__ import annotations

from collections.abc import Mapping

from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json


class TableFunction:
    """Looks a word up: nothing for nothing; a word the table lacks gives its default."""

    name = "look_up"
    __slots__ = ("_default", "_get")

    def __init__(self, values: Mapping[str, Json], default: Value) -> None:
        self._get = dict(values).get
        self._default = default

    def __call__(self, word: Json) -> Value:
        if isinstance(word, str):
            return self._get(word, self._default)
        return MISSING if word is None else self._default

    def __reduce__(self) -> tuple[type[TableFunction], tuple[Mapping[str, Json], Value]]:
        values: Mapping[str, Json] = self._get.__self__  # type: ignore[attr-defined]
        return TableFunction, (values, self._default)
