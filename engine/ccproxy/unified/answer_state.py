"""What is known of an answer besides its blocks: head, usage, stop, log probabilities, extras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from ccproxy.jsontypes import Json
from ccproxy.unified.answer_rules import HOLDS_ALL, AnswerRules
from ccproxy.unified.logprobs import complete_logprobs
from ccproxy.unified.model import Block, Event, Extra, Piece, Response, Stop, Usage
from ccproxy.unified.names import NO_NAMES, NameMap
from ccproxy.unified.stop import final_stop
from ccproxy.unified.usage import estimated_usage, merge_usage

AFTER_ALL_ANSWERS: Final = 100_000_000_000  # the year 5138; who says more counts milliseconds


@dataclass(frozen=True, slots=True)
class SequencerOptions:
    """What a stream must know from outside.

    `id` (made when needed if empty), `model` and `created` stand in for what the upstream does not say;
    `response_model` is reported to the client whatever the upstream says. `new_id` makes an id that begins with the
    prefix it is given, `call_prefix`. `estimate` guesses the number of input tokens, for the head of the answer.
    `think_tags` are the opening and closing tag of thoughts written into the text, e.g. `("<think>", "</think>")`.
    `answers` says what the client's protocol can hold. `request_id` is told in errors.
    """

    id: str
    model: str
    created: int
    new_id: Callable[[str], str]
    call_prefix: str = "call_"
    response_model: str | None = None
    estimate: Callable[[], int] | None = None
    names: NameMap = NO_NAMES
    think_tags: tuple[str, str] | None = None
    answers: AnswerRules = HOLDS_ALL
    request_id: str | None = None


class AnswerState:
    """State of one answer; its owner is the sequencer of the stream."""

    __slots__ = ("extra", "head", "logprobs", "options", "stop", "usage")

    def __init__(self, options: SequencerOptions) -> None:
        self.options = options
        self.head: Piece = {}
        self.usage: Usage = {}
        self.stop: Stop | None = None
        self.logprobs: Json = None
        self.extra: Extra = {}

    def add_head(self, head: Piece) -> None:
        """Take what a head says and none said before; upstreams send empty ids and models first."""
        if head.get("usage"):
            self.usage = merge_usage(self.usage, head["usage"])
        said = {name: value for name, value in cast("dict[str, Json]", head).items() if value and name != "usage"}
        self.head = cast("Piece", {**said, **self.head})

    @property
    def has_head(self) -> bool:
        return "id" in self.head and "model" in self.head

    def add_logprobs(self, logprobs: Json) -> None:
        self.logprobs = _joined(self.logprobs, complete_logprobs(logprobs))

    def add_extra(self, extra: Extra) -> None:
        self.extra = merge_extra(self.extra, extra)

    @property
    def id(self) -> str:
        if "id" not in self.head:
            self.head["id"] = self.options.id or self.options.new_id("")
        return self.head["id"]

    @property
    def model(self) -> str:
        return self.options.response_model or self.head.get("model", self.options.model)

    @property
    def created(self) -> int:
        said = self.head.get("created", self.options.created)
        seconds = said // 1000 if said >= AFTER_ALL_ANSWERS else said
        return seconds if 0 <= seconds < AFTER_ALL_ANSWERS else self.options.created

    def start_event(self) -> Event:
        event: Event = {"type": "message_start", "id": self.id, "model": self.model, "created": self.created}
        usage = estimated_usage(self.usage, self.options.estimate)
        if usage:
            event["usage"] = usage
        if self.extra:
            event["extra"] = self.extra
        return event

    def message(self, content: list[Block], *, failed: bool) -> Response:
        """The answer with these blocks."""
        has_calls = any(block["type"] == "tool_call" for block in content)
        message: Response = {
            "id": self.id,
            "model": self.model,
            "created": self.created,
            "content": content,
            "stop": {"reason": "error"} if failed else final_stop(self.stop, has_calls=has_calls),
        }
        if self.usage:
            message["usage"] = self.usage
        if self.logprobs is not None:
            message["logprobs"] = self.logprobs
        if self.extra:
            message["extra"] = self.extra
        return message


def merge_extra(old: Extra, new: Extra) -> Extra:
    """Fields of both, protocol by protocol; the new one wins."""
    merged = {**old}
    for protocol, fields in new.items():
        known = merged.get(protocol)
        both = isinstance(known, dict) and isinstance(fields, dict)
        merged[protocol] = {**known, **fields} if both else fields  # type: ignore[dict-item]
    return merged


def _joined(old: Json, new: Json) -> Json:
    """Log probabilities `{content: [...], refusal: [...]}` with the new tokens appended."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old if new is None else new
    joined = {**old}
    for name, tokens in new.items():
        known = joined.get(name)
        joined[name] = [*known, *tokens] if isinstance(known, list) and isinstance(tokens, list) else tokens or known
    return joined
