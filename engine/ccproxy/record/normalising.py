"""What two runs of one session need not share: made-up ids, times and noise, by the names of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json
    from ccproxy.record.rules import Normalisation


class Normaliser:
    """State of one side of a comparison: numbers for its made-up ids, in order of appearance.

    What the client or the provider said is `known` and stays as it is.
    """

    def __init__(self, rules: Normalisation, known: frozenset[Json]) -> None:
        self._rules = rules
        self._known = known
        self._ids: dict[str, str] = {}

    def normal(self, value: Json, name: str = "") -> Json:
        """Return a value in which runs are alike."""
        if isinstance(value, dict):
            return {key: self.normal(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.normal(item, name) for item in value]
        if value is None or isinstance(value, bool) or value in self._known:
            return value
        if name in self._rules.times:
            return "<time>"
        if name in self._rules.noise:
            return "<noise>"
        if name in self._rules.ids and isinstance(value, str) and value:
            return self._ids.setdefault(value, f"<id {len(self._ids) + 1}>")
        return value


def scalars(values: Iterable[Json]) -> Iterator[Json]:
    """Yield every text and number in some values."""
    for value in values:
        if isinstance(value, dict):
            yield from scalars(value.values())
        elif isinstance(value, list):
            yield from scalars(value)
        elif value is not None and not isinstance(value, bool):
            yield value
