"""Static types of the unified format; schemas/unified/ is the contract they follow."""

from __future__ import annotations

from typing import Literal, Required, TypeAlias, TypedDict

from ccproxy.jsontypes import Json

Role: TypeAlias = Literal["user", "assistant", "system"]
CallKind: TypeAlias = Literal["function", "custom"]
Extra: TypeAlias = dict[str, Json]
Key: TypeAlias = str | int


class Citation(TypedDict, total=False):
    """What a text rests on."""

    type: Required[str]
    url: str
    title: str
    text: str
    start: int
    end: int
    native: Json
    origin: str


class Block(TypedDict, total=False):
    """One piece of content; which fields it has depends on `type`."""

    type: Required[str]
    text: str
    citations: list[Citation]
    signature: str
    encrypted: str
    origin: str
    id: str
    name: str
    namespace: str
    kind: CallKind
    arguments: dict[str, Json] | str
    content: list[Block]
    error: bool
    source: dict[str, Json]
    protocol: str
    value: Json
    cache: dict[str, Json]
    extra: Extra


class Message(TypedDict, total=False):
    """One turn of the conversation."""

    role: Required[Role]
    content: Required[list[Block]]
    name: str
    extra: Extra


class Tool(TypedDict, total=False):
    """A tool the model may use: `function`, `custom` or `native`."""

    type: Required[str]
    name: str
    description: str
    strict: bool
    namespace: str
    parameters: dict[str, Json]
    format: dict[str, Json]
    protocol: str
    value: Json
    cache: dict[str, Json]
    extra: Extra


class ToolChoice(TypedDict, total=False):
    """Whether and which tools may be called."""

    mode: Literal["auto", "none", "required", "tool"]
    name: str
    allowed: list[str]
    parallel: bool


class Request(TypedDict, total=False):
    """The fields of a request that the normal form looks at."""

    system: list[Block]
    messages: Required[list[Message]]
    tools: list[Tool]
    tool_choice: ToolChoice
    reasoning: dict[str, Json]
    extra: Extra


class Usage(TypedDict, total=False):
    """Token counts."""

    input: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    output: int
    reasoning: int
    tool_prompt: int
    audio_input: int
    audio_output: int
    accepted_prediction: int
    rejected_prediction: int
    extra: Extra


class Stop(TypedDict, total=False):
    """How an answer ended."""

    reason: Required[str]
    sequence: str
    message: str
    extra: Extra


class Error(TypedDict, total=False):
    """What went wrong; `kind` is its meaning."""

    kind: Required[str]
    message: Required[str]
    status: int
    type: str
    code: str | int
    param: str
    retry_after: float
    request_id: str
    details: Json


class Response(TypedDict, total=False):
    """A complete answer."""

    id: str
    model: str
    created: int
    content: Required[list[Block]]
    stop: Required[Stop]
    usage: Usage
    logprobs: Json
    alternatives: list[Response]
    extra: Extra


class Event(TypedDict, total=False):
    """One event of a well-formed stream."""

    type: Required[str]
    id: str
    model: str
    created: int
    index: int
    tool_index: int
    block: Block
    kind: str
    text: str
    value: Json | Citation
    stop: Stop
    usage: Usage
    message: Response
    error: Error
    extra: Extra


class Assignment(TypedDict, total=False):
    """One value of a call's arguments, and where it goes."""

    path: Required[str]
    value: Json


class Piece(TypedDict, total=False):
    """The object of a `message`, `text`, `reasoning`, `signature`, `tool_call` or `native` fragment."""

    key: Key
    id: str
    model: str
    created: int
    usage: Usage
    text: str
    encrypted: str
    signature: str
    origin: str
    name: str
    namespace: str
    kind: CallKind
    arguments: dict[str, Json] | str
    assign: list[Assignment]
    protocol: str
    value: Json
    delta: bool
    block: Block
    extra: Extra
