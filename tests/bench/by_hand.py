"""The yardstick: the same conversions as a competent person would write them by hand, only what the payloads need."""

from __future__ import annotations

from typing import Any

from orjson import dumps, loads

JsonObject = dict[str, Any]
STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def chat_request(claude: JsonObject) -> JsonObject:
    """Claude request -> OpenAI chat request."""
    messages: list[JsonObject] = []
    if system := claude.get("system"):
        messages.append(
            {
                "role": "system",
                "content": system if isinstance(system, str) else "\n\n".join([b["text"] for b in system]),
            }
        )
    for message in claude["messages"]:
        _add_message(messages, message)
    chat: JsonObject = {"model": claude["model"], "messages": messages, "max_tokens": claude["max_tokens"]}
    if tools := claude.get("tools"):
        chat["tools"] = [
            {
                "type": "function",
                "function": {"name": t["name"], "description": t["description"], "parameters": t["input_schema"]},
            }
            for t in tools
        ]
    if claude.get("stream"):
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    return chat


def _add_message(messages: list[JsonObject], message: JsonObject) -> None:
    content, role = message["content"], message["role"]
    if isinstance(content, str):
        messages.append({"role": role, "content": content})
        return
    texts, calls = [], []
    for block in content:
        kind = block["type"]
        if kind == "text":
            texts.append(block["text"])
        elif kind == "tool_use":
            function = {"name": block["name"], "arguments": dumps(block["input"]).decode()}
            calls.append({"id": block["id"], "type": "function", "function": function})
        elif kind == "tool_result":
            result = block.get("content", "")
            text = result if isinstance(result, str) else "\n".join([b["text"] for b in result])
            messages.append({"role": "tool", "tool_call_id": block["tool_use_id"], "content": text})
    if role == "assistant":
        turn: JsonObject = {"role": "assistant", "content": "\n".join(texts) if texts else None}
        if calls:
            turn["tool_calls"] = calls
        messages.append(turn)
    elif texts:
        messages.append({"role": "user", "content": "\n".join(texts)})


class ClaudeStream:
    """OpenAI chat stream bytes -> Claude stream bytes, text only."""

    def __init__(self) -> None:
        self.rest, self.started, self.open, self.stop, self.usage = b"", False, False, "end_turn", {}

    def feed(self, data: bytes) -> bytes:
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        out: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._event(line[5:].strip(), out)
        return b"".join(out)

    def _event(self, payload: bytes, out: list[bytes]) -> None:
        if payload == b"[DONE]":
            return self._finish(out)
        chunk = loads(payload)
        if not self.started:
            self._start(chunk, out)
        if chunk.get("usage"):
            self.usage = chunk["usage"]
        for choice in chunk["choices"]:
            if text := choice["delta"].get("content"):
                if not self.open:
                    self.open = True
                    block = b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
                    out.append(b"event: content_block_start\ndata: %b\n\n" % block)
                out.append(
                    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":'
                    b'{"type":"text_delta","text":%b}}\n\n' % (0, dumps(text))
                )
            if choice.get("finish_reason"):
                self.stop = STOPS.get(choice["finish_reason"], "end_turn")

    def _start(self, chunk: JsonObject, out: list[bytes]) -> None:
        self.started = True
        message = {
            "id": "msg_" + chunk["id"][9:],
            "type": "message",
            "role": "assistant",
            "model": chunk["model"],
            "content": [],
        }
        message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 0, "output_tokens": 0}}
        out.append(b"event: message_start\ndata: %b\n\n" % dumps({"type": "message_start", "message": message}))

    def _finish(self, out: list[bytes]) -> None:
        cached = self.usage["prompt_tokens_details"]["cached_tokens"]
        usage = {"input_tokens": self.usage["prompt_tokens"] - cached, "cache_read_input_tokens": cached}
        usage["output_tokens"] = self.usage["completion_tokens"]
        delta = {"type": "message_delta", "delta": {"stop_reason": self.stop, "stop_sequence": None}, "usage": usage}
        out.append(b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n')
        out.append(b"event: message_delta\ndata: %b\n\n" % dumps(delta))
        out.append(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
