"""Through the engine: for every client and upstream, calls in text arrive exactly as native ones do."""

import copy
import json
import random

import pytest

from ccproxy.compat.book import DialectBook
from ccproxy.compat.toolbox import Toolbox
from ccproxy.compat.writing import write_calls
from ccproxy.conversion.engine import Engine

PROTOCOLS = ("openai-chat", "openai-responses", "claude", "gemini", "ollama")
ENGINE = Engine.load()
BOOK = DialectBook(ENGINE.library.index.compat)
TOOLS = [
    {
        "type": "function",
        "name": "Grep",
        "description": "Searches files.",
        "parameters": {
            "type": "object",
            "properties": {"pattern": {"type": "string"}, "after": {"type": "integer"}, "glob": {"type": "array"}},
            "required": ["pattern"],
        },
    },
    {
        "type": "function",
        "name": "Now",
        "description": "Tells the time.",
        "parameters": {"type": "object", "properties": {}},
    },
]
CALLS = [("Grep", {"pattern": 'if (a < b) { "x" }\n&amp;', "after": 3, "glob": ["*.c"]}), ("Now", {})]
USAGE = {"input": 10, "output": 20}
QUESTION = {"role": "user", "content": [{"type": "text", "text": "Where?"}]}


def request(**fields):
    return {"model": "m", "max_tokens": 100, "messages": [QUESTION], "tools": copy.deepcopy(TOOLS), **fields}


def answer(content, reason):
    return {"id": "a1", "model": "m", "created": 1, "content": content, "stop": {"reason": reason}, "usage": USAGE}


def native_answer():
    calls = [
        {"type": "tool_call", "id": f"call_{at}", "name": name, "arguments": arguments}
        for at, (name, arguments) in enumerate(CALLS)
    ]
    return answer([{"type": "text", "text": "I look.\n"}, *calls], "tool_call")


def text_answer(dialect="xml", text="I look.\n"):
    written = write_calls(BOOK.dialect(dialect), CALLS, Toolbox(TOOLS))
    return answer([{"type": "text", "text": text + written}], "end")


def opened(client, upstream, unified, compat=None, **settings):
    """An exchange whose client sends this request."""
    body = ENGINE.request(copy.deepcopy(unified), "unified", client)
    return ENGINE.open(client, upstream, body, model="m", stream=unified.get("stream"), compat=compat, **settings)


def whole(protocol, unified):
    """An answer as an upstream of the protocol gives it."""
    return ENGINE.response(copy.deepcopy(unified), "unified", protocol)


def streamed(protocol, unified):
    """The same as a stream."""
    return ENGINE.answering("unified", protocol, None).pieces(copy.deepcopy(unified))


def without_ids(value):
    """A client's answer with each id replaced by the order of its first mention."""
    known = {}

    def plain(value, key=""):
        if isinstance(value, dict):
            return {name: plain(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [plain(each) for each in value]
        if "id" in key.lower() and isinstance(value, str):
            return known.setdefault(value, len(known))
        return value

    return plain(value)


def cut(data, seed):
    at, numbers = 0, random.Random(seed)
    while at < len(data):
        size = numbers.randint(1, 60)
        yield data[at : at + size]
        at += size


def through(exchange, data, seed=1):
    stream = exchange.stream()
    return b"".join([*(stream.feed(piece) for piece in cut(data, seed)), stream.close()])


def understood(client, data):
    """What a client reads from a stream, in the unified format."""
    reader = ENGINE.answering(client, "unified", None)
    return {name: value for name, value in reader.whole(data).items() if name in ("content", "stop")}


def meant(client, body):
    """What a client reads from a whole answer, in the unified format."""
    read = ENGINE.response(body, client, "unified")
    return {name: value for name, value in read.items() if name in ("content", "stop")}


@pytest.mark.parametrize("upstream", PROTOCOLS)
@pytest.mark.parametrize("client", PROTOCOLS)
def test_a_whole_answer_is_that_of_native_calling(client, upstream):
    native = opened(client, upstream, request()).response(whole(upstream, native_answer()))

    compat = opened(client, upstream, request(), BOOK.mode("m")).response(whole(upstream, text_answer()))

    assert without_ids(native) == without_ids(compat)


@pytest.mark.parametrize("upstream", PROTOCOLS)
@pytest.mark.parametrize("client", PROTOCOLS)
def test_a_stream_is_that_of_native_calling(client, upstream):
    asked = request(stream=True)
    native = through(opened(client, upstream, asked), streamed(upstream, native_answer()))

    compat = through(opened(client, upstream, asked, BOOK.mode("m")), streamed(upstream, text_answer()))

    assert without_ids(understood(client, native)) == without_ids(understood(client, compat))


@pytest.mark.parametrize("dialect", sorted(BOOK.dialects))
@pytest.mark.parametrize("client", PROTOCOLS)
def test_every_dialect_reaches_every_client(client, dialect):
    asked = request(stream=True)
    native = through(opened(client, "openai-chat", asked), streamed("openai-chat", native_answer()))
    data = streamed("openai-chat", text_answer(dialect))

    compat = through(opened(client, "openai-chat", asked, BOOK.mode("m", dialect)), data, seed=dialect)

    assert without_ids(understood(client, native)) == without_ids(understood(client, compat))


@pytest.mark.parametrize("client", PROTOCOLS)
def test_a_stream_collected_for_a_client_without_streams_is_the_same(client):
    exchange = opened(client, "openai-chat", request(), BOOK.mode("m"))

    collected = exchange.whole(streamed("openai-chat", text_answer()))

    one = opened(client, "openai-chat", request(), BOOK.mode("m")).response(whole("openai-chat", text_answer()))
    assert without_ids(meant(client, one)) == without_ids(meant(client, collected))


@pytest.mark.parametrize("client", PROTOCOLS)
def test_a_whole_answer_told_as_a_stream_is_the_same(client):
    asked = request(stream=True)

    told = opened(client, "openai-chat", asked, BOOK.mode("m")).pieces(whole("openai-chat", text_answer()))

    native = through(opened(client, "openai-chat", asked), streamed("openai-chat", native_answer()))
    assert without_ids(understood(client, native)) == without_ids(understood(client, told))


@pytest.mark.parametrize("client", PROTOCOLS)
def test_native_calls_pass(client):
    native = opened(client, "openai-chat", request()).response(whole("openai-chat", native_answer()))

    compat = opened(client, "openai-chat", request(), BOOK.mode("m")).response(whole("openai-chat", native_answer()))

    assert without_ids(native) == without_ids(compat)


@pytest.mark.parametrize("upstream", PROTOCOLS)
def test_native_calls_in_a_stream_pass(upstream):
    asked = request(stream=True)
    data = streamed(upstream, native_answer())

    native = through(opened("claude", upstream, asked), data)

    assert without_ids(understood("claude", native)) == without_ids(
        understood("claude", through(opened("claude", upstream, asked, BOOK.mode("m")), data))
    )


@pytest.mark.parametrize("client", PROTOCOLS)
def test_an_answer_without_calls_is_the_same_bytes(client):
    plain = answer([{"type": "text", "text": "Some `code` and a < b.\n\n```c\nx;\n```\n"}], "end")
    asked = request(stream=True)
    data = streamed("openai-chat", plain)

    ordinary = through(opened(client, "openai-chat", asked), data)
    compat = through(opened(client, "openai-chat", asked, BOOK.mode("m")), data)

    assert understood(client, ordinary) == understood(client, compat)


@pytest.mark.parametrize("upstream", PROTOCOLS)
def test_the_upstream_sees_no_tools(upstream):
    sent = opened("claude", upstream, request(), BOOK.mode("m")).upstream_request

    told = json.dumps(sent)
    assert not {"tools", "tool_choice", "toolConfig", "functions"} & sent.keys()
    assert "## Grep" in told
    assert "- after (integer)" in told


def test_arguments_that_an_upstream_refuses_keep_their_names():
    tool = {"name": "Grep", "input_schema": {"type": "object", "properties": {"-A": {"type": "integer"}}}}
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}], "tools": [tool]}
    exchange = ENGINE.open("claude", "gemini", body, compat=BOOK.mode("m"))
    text = '<call_tool name="Grep"><arg name="-A">3</arg></call_tool>'

    said = exchange.response(whole("gemini", answer([{"type": "text", "text": text}], "end")))

    assert "- -A (integer)" in json.dumps(exchange.upstream_request)
    assert {"-A": 3} == said["content"][0]["input"]


def test_a_thought_between_text_and_call_keeps_its_place():
    blocks = [
        {"type": "text", "text": 'One.\n<call_tool name="Now"></call_tool>'},
        {"type": "reasoning", "text": "Hm."},
        {"type": "text", "text": '<call_tool name="Now"/>'},
    ]
    said = through(
        opened("unified", "claude", request(stream=True), BOOK.mode("m")), streamed("claude", answer(blocks, "end"))
    )

    kinds = [block["type"] for block in understood("unified", said)["content"]]
    assert ["text", "tool_call", "reasoning", "tool_call"] == kinds


@pytest.mark.parametrize("client", PROTOCOLS)
def test_a_call_that_the_token_limit_cut_stays_incomplete(client):
    text = '<call_tool name="Grep"><arg name="pattern">half'
    asked = request(stream=True)
    data = streamed("openai-chat", answer([{"type": "text", "text": text}], "length"))

    said = understood(client, through(opened(client, "openai-chat", asked, BOOK.mode("m")), data))

    assert "length" == said["stop"]["reason"]
    assert ["tool_call"] == [block["type"] for block in said["content"]]
    assert {"pattern": "half"} != said["content"][0]["arguments"] or client in ("gemini", "ollama")
