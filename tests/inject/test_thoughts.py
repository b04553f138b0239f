"""Thoughts go back to the model with their signature, and to the client only where they stay valid."""

from __future__ import annotations

import json

from ccproxy.jsontypes import JsonObject
from inject.clients import CLAUDE, events
from inject.house import Turn, chat_events, house, model
from inject.test_rounds import both_ways
from server.scripted_upstream import Asked, Script, pieces, whole

CALLED = ("call_9", "open", '{"path": "some/file"}')
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000}


def thought(text: str, signature: str) -> JsonObject:
    return {"type": "thinking", "thinking": text, "signature": signature}


def call(name: str) -> JsonObject:
    return {"type": "tool_use", "id": f"toolu_{name}", "name": name, "input": {"word": "x"}}


def messages(*content: JsonObject, stop: str) -> Script:
    """An answer of a provider of the client's own protocol, streamed when that is asked for."""
    usage: JsonObject = {"input_tokens": 10, "output_tokens": 3}
    head = {"id": "msg", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None, "usage": usage}

    def streamed() -> list[JsonObject]:
        told: list[JsonObject] = [
            {"type": "message_start", "message": {**head, "content": [], "stop_reason": None}}  # type: ignore[dict-item]
        ]
        for index, block in enumerate(content):
            deltas: list[JsonObject] = []
            empty = dict(block)
            if block["type"] == "thinking":
                empty |= {"thinking": "", "signature": ""}
                deltas = [
                    {"type": "thinking_delta", "thinking": block["thinking"]},
                    {"type": "signature_delta", "signature": block["signature"]},
                ]
            elif block["type"] == "text":
                empty["text"] = ""
                deltas = [{"type": "text_delta", "text": block["text"]}]
            else:
                empty["input"] = {}
                deltas = [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
            told.append({"type": "content_block_start", "index": index, "content_block": empty})
            told += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
            told.append({"type": "content_block_stop", "index": index})
        told.append({"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 3}})
        return [*told, {"type": "message_stop"}]

    async def script(asked: Asked, writer) -> None:  # type: ignore[no-untyped-def]
        if asked.json().get("stream"):
            told = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in streamed()]
            await pieces(*told)(asked, writer)
        else:
            await whole(json.dumps({**head, "content": content, "stop_reason": stop}).encode())(asked, writer)

    return script


def blocks_of(told: bytes, *, stream: bool) -> list[JsonObject]:
    if not stream:
        return json.loads(told)["content"]  # type: ignore[no-any-return]
    blocks: list[JsonObject] = []
    for event in events(told):
        if event["type"] == "content_block_start":
            blocks.append(dict(event["content_block"]))
        elif event["type"] == "content_block_delta":
            for name, text in event["delta"].items():
                if name in ("thinking", "signature", "text"):
                    blocks[-1][name] = blocks[-1].get(name, "") + text
    return blocks


@both_ways
async def test_thoughts_before_a_hidden_call_lose_their_signature(stream: bool) -> None:
    script = model(
        messages(thought("Look.", "sig1"), call("look"), stop="tool_use"),
        messages(thought("Found.", "sig2"), {"type": "text", "text": "It is 5."}, stop="end_turn"),
    )
    async with house(script, protocol="claude") as home:
        path, body = CLAUDE.ask(stream=stream)
        _, told = await home.ask(path, {**body, **THINKING})

    first, second, answer = blocks_of(told, stream=stream)
    assert ("Look.", "Found.", "It is 5.") == (first["thinking"], second["thinking"], answer["text"])
    assert ("", "sig2") == (first.get("signature", ""), second["signature"])
    turn = home.sent[1]["messages"][1]
    assert [thought("Look.", "sig1"), call("look")] == turn["content"]
    assert "enabled" == home.sent[1]["thinking"]["type"]
    assert (20, 6) == (home.facts[0].usage["input"], home.facts[0].usage["output"])


@both_ways
async def test_thoughts_before_the_clients_own_call_keep_it(stream: bool) -> None:
    mixed = messages(thought("Both.", "sig1"), call("look"), call("open"), stop="tool_use")
    async with house(model(mixed), protocol="claude") as home:
        path, body = CLAUDE.ask(stream=stream, tools=True)
        _, told = await home.ask(path, {**body, **THINKING})

    thoughts, own = blocks_of(told, stream=stream)
    assert ("Both.", "sig1") == (thoughts["thinking"], thoughts["signature"])
    assert ("tool_use", "open", "toolu_open") == (own["type"], own["name"], own["id"])


async def test_a_call_that_comes_in_pieces_arrives_whole() -> None:
    slowly = [step for piece in chat_events(Turn("", (CALLED,))) for step in (piece, 0.005)]
    async with house(pieces(*slowly)) as home:
        path, body = CLAUDE.ask(stream=True, tools=True)
        _, told = await home.ask(path, body)

    pieces_told = [event["delta"].get("partial_json") for event in events(told) if "delta" in event]
    assert {"path": "some/file"} == json.loads("".join(filter(None, pieces_told)))
    assert len([piece for piece in pieces_told if piece]) > 5


async def test_a_signed_call_of_the_client_keeps_its_signature() -> None:
    function = {"functionCall": {"name": "open", "args": {"path": "a"}}, "thoughtSignature": "c2ln"}
    candidate = {"content": {"role": "model", "parts": [function]}, "finishReason": "STOP", "index": 0}
    told_by_provider = pieces(b"data: " + json.dumps({"candidates": [candidate]}).encode() + b"\n\n")
    async with house(told_by_provider, protocol="gemini") as home:
        _, told = await home.ask(*CLAUDE.ask(stream=True, tools=True))

    thoughts, own = blocks_of(told, stream=True)
    assert "thinking" == thoughts["type"]
    assert "c2ln" in str(thoughts["signature"])
    assert "open" == own["name"]
