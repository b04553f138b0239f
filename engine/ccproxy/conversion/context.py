"""What generated code reads besides the value it converts: `c` in generated source, `$name` in mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from orjson import dumps

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json
    from ccproxy.unified.sequencer import Sequencer


CHARACTERS_PER_TOKEN = 4


class Context:
    """State of one conversion, owned by one request. Transforms only read it, save `dropped` and `sequence`."""

    __slots__ = (
        "_estimate",
        "answer",
        "created",
        "dropped",
        "model",
        "request",
        "sequence",
        "sequencer",
        "source",
        "status",
        "target",
        "unified",
    )  # fmt: skip

    def __init__(self, request: Json, source: str, target: dict[str, Json], created: int) -> None:
        self.request = request
        self.source = source
        self.target = target
        self.created = created
        self.model: str | None = None
        self.unified: Json = None
        self._estimate = 0
        self.status = 0
        self.sequence = 0
        self.dropped: list[tuple[str, str]] = []
        self.sequencer: Sequencer | None = None
        self.answer: Json = None

    @property
    def estimate(self) -> int:
        """The request's tokens as far as its length tells; counted when asked for, since most upstreams know better."""
        if not self._estimate:
            self._estimate = max(1, len(dumps(self.request, default=str)) // CHARACTERS_PER_TOKEN)
        return self._estimate

    def estimated(self) -> int:
        return self.estimate

    @property
    def block(self) -> Json:
        """The block that is open in a stream, as it is known besides its text."""
        return self.sequencer.open_block if self.sequencer is not None else None

    @property
    def head(self) -> dict[str, Json]:
        """Id, model, time and finished blocks of the answer: what a delta can need of `message`, at hand."""
        if self.sequencer is not None:
            return self.sequencer.head
        return self.answer if isinstance(self.answer, dict) else {}

    @property
    def argument_texts(self) -> Json:
        """For each complete block of a stream its arguments as streamed, byte for byte; "" for other blocks."""
        return cast("Json", self.sequencer.argument_texts) if self.sequencer is not None else None

    @property
    def message(self) -> Json:
        """The answer accumulated so far, in the unified format."""
        return self.sequencer.response if self.sequencer is not None else self.answer
