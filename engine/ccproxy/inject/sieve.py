"""Parts a model's answer: calls of our tools stay here, all else goes on to the client as one answer of all rounds.

Thoughts stay open until something else of the round is shown, for their signature counts only together with what
follows: a round whose calls are run here leaves the client thoughts without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccproxy.inject.rounds import Rounds
    from ccproxy.jsontypes import JsonObject
    from ccproxy.unified.fitted_answers import FittedSequencer
    from ccproxy.unified.model import Block, Error, Event, Piece, Response, Stop

BETWEEN_TEXTS: Final = "\n\n"
LIMIT: Final[Stop] = {"reason": "length"}
_HEAD: Final = ("id", "model", "created")


class Sieve:
    """State of one round: takes the events of its stream, or its whole answer."""

    def __init__(self, rounds: Rounds, client: FittedSequencer) -> None:
        self._rounds = rounds
        self._client = client
        self._head: dict[str, Any] = {}
        self._hidden: set[int] = set()
        self._thoughts: tuple[str, Block] | None = None
        self._call: Piece | None = None
        self._kind = ""  # of the block that goes on
        self._separates = rounds.has_text
        self.has_shown = False
        self.error: JsonObject | None = None

    @property
    def goes_on(self) -> bool:
        """Whether tools are to be run, after which the model goes on."""
        return bool(self._rounds.calls)

    def event(self, event: JsonObject) -> None:
        """Take one event."""
        said = cast("Event", event)
        match said["type"]:
            case "message_start":
                self._head = {name: event[name] for name in (*_HEAD, "usage", "extra") if name in event}
            case "block_start":
                self._start(said)
            case "block_delta" if said["index"] not in self._hidden:
                self._delta(said)
            case "block_stop" if said["index"] not in self._hidden:
                self._stop(self._key(said), said["block"])
            case "message_stop":
                self._finish(said["message"])
            case "error":
                self._fail(said["error"])

    def whole(self, answer: JsonObject) -> None:
        """Take an answer in one piece."""
        response = cast("Response", answer)
        self._head = {name: answer[name] for name in _HEAD if name in answer}
        for index, block in enumerate(response["content"]):
            if not self._rounds.offering.is_own(block):
                self._show(block["type"])
                self._stop(f"{self._rounds.number} {index}", self._separated(block))
        self._finish(response)

    def _key(self, event: Event) -> str:
        return f"{self._rounds.number} {event['index']}"

    def _start(self, event: Event) -> None:
        block = event["block"]
        if self._rounds.offering.is_own(block):
            self._hidden.add(event["index"])
            return
        self._kind = block["type"]
        self._show(self._kind)
        if self._kind == "tool_call":
            fields = {name: value for name, value in block.items() if name not in ("type", "arguments")}
            self._call = cast("Piece", {"key": self._key(event), **fields})

    def pause(self) -> None:
        """Nothing more has come for now: let go of a call's beginning, which is kept for its signature."""
        call, self._call = self._call, None
        if call is not None:
            self._client.tool_call(call)

    def _delta(self, event: Event) -> None:
        key, text = self._key(event), event.get("text", "")
        match event["kind"]:
            case "text":
                self._client.text({"key": key, "text": self._separator() + text})
            case "reasoning":
                self._client.reasoning({"key": key, "text": text})
            case "refusal":
                self._client.refusal({"key": key, "text": text})
            case ("arguments" | "signature") as name if self._kind == "tool_call":
                self._grow_call(cast("Piece", {"key": key, name: text}))

    def _grow_call(self, piece: Piece) -> None:
        if self._call is None:
            self._client.tool_call(piece)
            return
        known = cast("dict[str, str]", self._call)
        for name, text in cast("dict[str, str]", piece).items():
            known[name] = text if name == "key" else known.get(name, "") + text

    def _stop(self, key: str, block: Block) -> None:
        """End a block; what of it did not come in pieces is in `block`."""
        self.pause()
        if block["type"] == "reasoning":
            self._thoughts = (key, block)
        elif block["type"] in ("text", "refusal", "tool_call"):
            self._client.block_end({"key": key, "block": block})
        else:
            self._client.block(block)

    def _show(self, kind: str) -> None:
        """Prepare for something that the client is shown."""
        self._end_thoughts()
        self.has_shown = True
        self._tell_head()
        if kind == "text":
            self._rounds.has_text = True

    def _tell_head(self) -> None:
        head, self._head = self._head, {}
        if head.get("extra"):
            self._client.extra(head.pop("extra"))
        if head:
            self._client.message(cast("Piece", head))

    def _end_thoughts(self, *, signed: bool = True) -> None:
        if self._thoughts is None:
            return
        (key, block), self._thoughts = self._thoughts, None
        if signed:
            self._client.block_end({"key": key, "block": block})
        elif block.get("text"):
            self._client.block_end({"key": key, "block": {"type": "reasoning", "text": block["text"]}})

    def _separator(self) -> str:
        separator, self._separates = BETWEEN_TEXTS if self._separates else "", False
        return separator

    def _separated(self, block: Block) -> Block:
        return {**block, "text": self._separator() + block["text"]} if block["type"] == "text" else block

    def _finish(self, answer: Response) -> None:
        """The round is over: run our calls, or end the client's answer."""
        rounds, content, stop = self._rounds, answer["content"], answer["stop"]
        rounds.count(answer.get("usage", {}))
        ours = [block for block in content if rounds.offering.is_own(block)]
        others = any(block["type"] == "tool_call" for block in content if block not in ours)
        runs = bool(ours) and not others and stop["reason"] == "tool_call"
        if runs and rounds.left:
            self._end_thoughts(signed=False)
            rounds.ask(content, ours)
            return
        rounds.drop(ours)
        self._end_thoughts()
        self._tell_head()
        self._end(answer, LIMIT if runs else stop)

    def _end(self, answer: Response, stop: Stop) -> None:
        client = self._client
        if answer.get("logprobs") is not None:
            client.logprobs(answer["logprobs"])
        if answer.get("extra"):
            client.extra(answer["extra"])
        if self._rounds.usage:
            client.usage(self._rounds.usage)
        client.stop(stop)
        client.close()

    def _fail(self, error: Mapping[str, object]) -> None:
        """End in an error; one of a round of which the client has nothing is not told to it here."""
        self.error = cast("JsonObject", error)
        if self.has_shown:
            self._end_thoughts()
            self._client.error(cast("Error", error))
