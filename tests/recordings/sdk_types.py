"""What the official SDKs find wrong with answers. Providers are ahead of them or sloppy, and that passes through."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Any

import ollama
from anthropic.types import beta
from google.genai import types
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, ValidationError

from recordings.answers import payloads
from recordings.comparison import CHAT, CLAUDE, GEMINI, OLLAMA, RESPONSES
from recordings.gemini_answers import gemini_chunks
from recordings.ollama_answers import lines_of

WHOLE: dict[str, type[BaseModel]] = {
    CHAT: ChatCompletion,
    CLAUDE: beta.BetaMessage,
    RESPONSES: Response,
    GEMINI: types.GenerateContentResponse,
    OLLAMA: ollama.ChatResponse,
}
PIECES: dict[str, type[BaseModel]] = {**WHOLE, CHAT: ChatCompletionChunk}
EVENTS: dict[str, dict[str, type[BaseModel]]] = {
    CLAUDE: {
        "message_start": beta.BetaRawMessageStartEvent,
        "message_delta": beta.BetaRawMessageDeltaEvent,
        "message_stop": beta.BetaRawMessageStopEvent,
        "content_block_start": beta.BetaRawContentBlockStartEvent,
        "content_block_delta": beta.BetaRawContentBlockDeltaEvent,
        "content_block_stop": beta.BetaRawContentBlockStopEvent,
    },
    RESPONSES: {
        name: kind
        for kind in typing.get_args(typing.get_args(ResponseStreamEvent)[0])
        for name in typing.get_args(kind.model_fields["type"].annotation)
    },
}


def refused_whole(protocol: str, body: Any) -> set[str]:
    """Problems of a whole answer."""
    return refused(WHOLE[protocol], body)


def refused_stream(protocol: str, raw: bytes) -> set[str]:
    """Problems of all pieces of a stream; errors inside it have no type."""
    said = [piece for piece in pieces(protocol, raw) if "error" not in piece]
    if protocol not in EVENTS:
        return {problem for piece in said for problem in refused(PIECES[protocol], piece)}
    events = EVENTS[protocol]
    assert {"ping", "error", *events} >= {event["type"] for event in said} or protocol == RESPONSES
    return {problem for event in said if event["type"] in events for problem in refused(events[event["type"]], event)}


def pieces(protocol: str, raw: bytes) -> Iterable[Any]:
    if protocol == GEMINI:
        return gemini_chunks(raw)
    return lines_of(raw) if protocol == OLLAMA else payloads(raw)


def refused(model: type[BaseModel], body: Any) -> set[str]:
    try:
        model.model_validate(body)
    except ValidationError as error:
        return {f"{problem['type']} {'.'.join(names_in(problem['loc']))}" for problem in error.errors()}
    except AttributeError:  # Google's enums as numbers
        return {"numbers"}
    return set()


def names_in(place: tuple[int | str, ...]) -> list[str]:
    return [step for step in place if isinstance(step, str)]
