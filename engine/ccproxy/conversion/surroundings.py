"""What an example of a mapping sees besides the message: the engine's variables, as far as the example names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccproxy.jsontypes import Json, JsonObject


class Surroundings:
    """Stands in for the context of a conversion. Transforms only read it, save `dropped` and `sequence`."""

    __slots__ = (
        "argument_texts", "block", "created", "dropped", "estimate", "head", "message", "model", "request", "sequence",
        "source", "status", "target", "unified",
    )  # fmt: skip

    def __init__(self, known: Mapping[str, Json], target: JsonObject) -> None:
        self.request = known.get("request", {})
        self.unified = known.get("unified", {})
        self.message = known.get("message")
        self.head = known.get("head", {})
        self.block = known.get("block")
        self.argument_texts = known.get("argument_texts")
        self.source = known.get("source", "")
        self.target = known.get("target", target)
        self.model = known.get("model", "")
        self.estimate = known.get("estimate", 1)
        self.created = known.get("created", 0)
        self.status = known.get("status", 0)
        self.sequence = known.get("sequence", 0)
        self.dropped: list[tuple[str, str]] = []

    def estimated(self) -> Json:
        return self.estimate


class Fragments:
    """Stands in for the sequencer: notes what a stream's rules say, as `[kind, value]`."""

    wants_message = True

    def __init__(self) -> None:
        self.said: list[Json] = []

    def __getattr__(self, kind: str) -> _Say:
        if kind.startswith("_"):
            raise AttributeError(kind)
        return _Say(kind, self.said)


class _Say:
    """One method of the sequencer."""

    __slots__ = ("_kind", "_said")

    def __init__(self, kind: str, said: list[Json]) -> None:
        self._kind = kind
        self._said = said

    def __call__(self, value: Json = True) -> None:
        self._said.append([self._kind, value])
