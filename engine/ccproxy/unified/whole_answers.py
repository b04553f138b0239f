"""Whole answers: the same guarantees as for streams, and a stream made of one.

Both go through the sequencer, so that streamed and whole answers cannot differ.
"""

from __future__ import annotations

from typing import Final, cast

from ccproxy.unified.answer_state import SequencerOptions
from ccproxy.unified.block_queue import Emit
from ccproxy.unified.model import Block, Event, Piece, Response
from ccproxy.unified.sequencer import Sequencer

HEAD: Final = ("id", "model", "created", "usage")
ALTERNATIVE: Final = ("content", "stop", "extra")


def normalise_response(response: Response, options: SequencerOptions) -> Response:
    """An upstream's whole answer with unique ids, the client's tool names, no empty blocks and a fitting stop."""
    sequencer = _play(response, options, _ignore)
    whole = sequencer.response
    if "alternatives" in response:
        whole["alternatives"] = [_alternative(answer, options) for answer in response["alternatives"]]
    return whole


def response_to_events(response: Response, options: SequencerOptions) -> list[Event]:
    """An upstream's whole answer for a client that asked for a stream."""
    events: list[Event] = []
    _play(response, options, events.append)
    return events


def _play(response: Response, options: SequencerOptions, emit: Emit) -> Sequencer:
    sequencer = Sequencer(emit, options)
    sequencer.message(cast("Piece", {name: response[name] for name in HEAD if name in response}))
    for block in response["content"]:
        _play_block(sequencer, block)
    if "logprobs" in response:
        sequencer.logprobs(response["logprobs"])
    if "extra" in response:
        sequencer.extra(response["extra"])
    sequencer.stop(response.get("stop", {"reason": "end"}))
    sequencer.close()
    return sequencer


def _play_block(sequencer: Sequencer, block: Block) -> None:
    """Plain text goes in as text, so that thoughts written into it are found."""
    if block["type"] == "text" and len(block) == 2:
        sequencer.text(block["text"])
        sequencer.block_end(True)
    else:
        sequencer.block(block)


def _alternative(answer: Response, options: SequencerOptions) -> Response:
    whole = _play(answer, options, _ignore).response
    return cast("Response", {name: whole[name] for name in ALTERNATIVE if name in whole})


def _ignore(event: Event) -> None:
    pass
