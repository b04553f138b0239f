"""Whole answers: the same guarantees as for streams, and a stream made of one.

Both go through the sequencer, so that streamed and whole answers cannot differ; only plain text has a shorter way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, cast

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.unified.answer_state import AnswerState, SequencerOptions
from ccproxy.unified.deltas import EmitDeltas
from ccproxy.unified.fitted_answers import FittedSequencer
from ccproxy.unified.model import Block, Piece, Response

# From what takes events, options and what takes deltas.
MakeSequencer: TypeAlias = Callable[
    [Callable[[JsonObject], None], SequencerOptions, EmitDeltas | None], FittedSequencer
]

HEAD: Final = ("id", "model", "created", "usage")
ALTERNATIVE: Final = ("content", "stop", "extra")


def normalise_response(
    response: JsonObject, options: SequencerOptions, make: MakeSequencer = FittedSequencer
) -> JsonObject:
    """An upstream's whole answer with unique ids, the client's tool names, no empty blocks and a fitting stop.

    `make` may give a sequencer that understands more of the answer.
    """
    answer = cast("Response", response)
    if make is FittedSequencer and options.think_tags is None and _is_one_text(answer):
        return cast("JsonObject", one_text(answer, options))
    alternatives = [_alternative(other, options, make) for other in answer.get("alternatives", ())]
    whole = _play(answer, options, _ignore, make).response
    if "alternatives" in answer:
        whole["alternatives"] = cast("Json", alternatives)
    return whole


def one_text(response: Response, options: SequencerOptions) -> Response:
    """An answer of one plain text, which there is nothing to do about: what the sequencer would say, without one."""
    state = AnswerState(options)
    state.add_head(cast("Piece", {name: response[name] for name in HEAD if name in response}))
    state.add_logprobs(response.get("logprobs"))
    state.add_extra(response.get("extra") or {})
    state.stop = response.get("stop", {"reason": "end"})
    return state.message([response["content"][0]], failed=False)


def _is_one_text(response: Response) -> bool:
    content = response.get("content")
    if not content or len(content) != 1 or "alternatives" in response:
        return False
    block = content[0]
    return block["type"] == "text" and len(block) == 2 and bool(block.get("text"))


def response_to_events(response: JsonObject, options: SequencerOptions) -> list[JsonObject]:
    """An upstream's whole answer for a client that asked for a stream."""
    events: list[JsonObject] = []
    _play(cast("Response", response), options, events.append)
    return events


def play_response(response: JsonObject, sequencer: FittedSequencer) -> None:
    """Let the sequencer say a whole answer; what it emits sees the answer as far as it has come."""
    _feed(cast("Response", response), sequencer)


def _play(
    response: Response,
    options: SequencerOptions,
    emit: Callable[[JsonObject], None],
    make: MakeSequencer = FittedSequencer,
) -> FittedSequencer:
    sequencer = make(emit, options, None)
    _feed(response, sequencer)
    return sequencer


def _feed(response: Response, sequencer: FittedSequencer) -> None:
    sequencer.message(cast("Piece", {name: response[name] for name in HEAD if name in response}))
    for block in response.get("content", ()):
        _play_block(sequencer, block)
    if "logprobs" in response:
        sequencer.logprobs(response["logprobs"])
    if "extra" in response:
        sequencer.extra(response["extra"])
    sequencer.stop(response.get("stop", {"reason": "end"}))
    sequencer.close()


def _play_block(sequencer: FittedSequencer, block: Block) -> None:
    """Plain text goes in as text, so that thoughts written into it are found."""
    if block["type"] == "text" and (len(block) == 2 or "text" not in block):
        sequencer.text(block.get("text", ""))
        sequencer.block_end(True)
    else:
        sequencer.block(block)


def _alternative(answer: Response, options: SequencerOptions, make: MakeSequencer) -> JsonObject:
    whole = _play(answer, options, _ignore, make).response
    return {name: whole[name] for name in ALTERNATIVE if name in whole}


def _ignore(event: JsonObject) -> None:
    pass
