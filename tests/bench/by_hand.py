"""The yardstick: the same conversions as a competent person would write them by hand, only what the payloads need."""

from __future__ import annotations

import time
from typing import Any

from orjson import dumps, loads

JsonObject = dict[str, Any]
STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
FINISHES = {claude: chat for chat, claude in STOPS.items()}


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
    """OpenAI chat stream bytes -> Claude stream bytes, text and calls."""

    def __init__(self) -> None:
        self.rest, self.started, self.stop, self.usage = b"", False, "end_turn", {}
        self.index, self.open = -1, ""

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
            self._finish(out)
            return
        chunk = loads(payload)
        if not self.started:
            self._start(chunk, out)
        if chunk.get("usage"):
            self.usage = chunk["usage"]
        for choice in chunk["choices"]:
            if text := choice["delta"].get("content"):
                if self.open != "text":
                    self._open(out, "text", {"type": "text", "text": ""})
                out.append(
                    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":'
                    b'{"type":"text_delta","text":%b}}\n\n' % (self.index, dumps(text))
                )
            for call in choice["delta"].get("tool_calls") or ():
                self._call(call, out)
            if choice.get("finish_reason"):
                self.stop = STOPS.get(choice["finish_reason"], "end_turn")

    def _call(self, call: JsonObject, out: list[bytes]) -> None:
        function = call["function"]
        if "id" in call:
            block = {"type": "tool_use", "id": call["id"], "name": function["name"], "input": {}}
            self._open(out, f"call {call['index']}", block)
        if text := function.get("arguments"):
            out.append(
                b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":'
                b'{"type":"input_json_delta","partial_json":%b}}\n\n' % (self.index, dumps(text))
            )

    def _open(self, out: list[bytes], name: str, block: JsonObject) -> None:
        self._close(out)
        self.index += 1
        self.open = name
        start = dumps({"type": "content_block_start", "index": self.index, "content_block": block})
        out.append(b"event: content_block_start\ndata: %b\n\n" % start)

    def _close(self, out: list[bytes]) -> None:
        if self.open:
            stop = b'{"type":"content_block_stop","index":%d}' % self.index
            out.append(b"event: content_block_stop\ndata: %b\n\n" % stop)

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
        self._close(out)
        out.append(b"event: message_delta\ndata: %b\n\n" % dumps(delta))
        out.append(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')


def claude_request(chat: JsonObject) -> JsonObject:
    """OpenAI chat request -> Claude request."""
    system: list[str] = []
    messages: list[JsonObject] = []
    for message in chat["messages"]:
        role, content = message["role"], message["content"]
        if role == "system":
            system.append(content)
        elif role == "assistant":
            blocks: list[JsonObject] = [{"type": "text", "text": content}] if content else []
            for call in message.get("tool_calls", ()):
                function = call["function"]
                arguments = loads(function["arguments"])
                blocks.append({"type": "tool_use", "id": call["id"], "name": function["name"], "input": arguments})
            messages.append({"role": "assistant", "content": blocks})
        elif role == "tool":
            result = {"type": "text", "text": content}
            block = {"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": [result]}
            _add_for_user(messages, block)
        else:
            _add_for_user(messages, {"type": "text", "text": content})
    claude: JsonObject = {"model": chat["model"], "max_tokens": chat["max_tokens"], "messages": messages}
    if system:
        claude["system"] = [{"type": "text", "text": text} for text in system]
    if tools := chat.get("tools"):
        functions = [tool["function"] for tool in tools]
        claude["tools"] = [
            {"name": f["name"], "description": f["description"], "input_schema": f["parameters"]} for f in functions
        ]
    if chat.get("stream"):
        claude["stream"] = True
    return claude


def _add_for_user(messages: list[JsonObject], block: JsonObject) -> None:
    if messages and messages[-1]["role"] == "user":
        messages[-1]["content"].append(block)
    else:
        messages.append({"role": "user", "content": [block]})


def claude_answer(chat: JsonObject) -> JsonObject:
    """OpenAI chat answer -> Claude answer."""
    choice = chat["choices"][0]
    message = choice["message"]
    content: list[JsonObject] = [{"type": "text", "text": message["content"]}] if message.get("content") else []
    for call in message.get("tool_calls") or ():
        function = call["function"]
        content.append(
            {"type": "tool_use", "id": call["id"], "name": function["name"], "input": loads(function["arguments"])}
        )
    usage = chat["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    return {
        "id": "msg_" + chat["id"][9:],
        "type": "message",
        "role": "assistant",
        "model": chat["model"],
        "content": content,
        "stop_reason": STOPS.get(choice["finish_reason"], "end_turn"),
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage["prompt_tokens"] - cached,
            "cache_read_input_tokens": cached,
            "output_tokens": usage["completion_tokens"],
        },
    }


def chat_answer(claude: JsonObject) -> JsonObject:
    """Claude answer -> OpenAI chat answer."""
    texts, calls = [], []
    for block in claude["content"]:
        if block["type"] == "text":
            texts.append(block["text"])
        elif block["type"] == "tool_use":
            function = {"name": block["name"], "arguments": dumps(block["input"]).decode()}
            calls.append({"id": block["id"], "type": "function", "function": function})
    message: JsonObject = {"role": "assistant", "content": "".join(texts) if texts else None, "refusal": None}
    if calls:
        message["tool_calls"] = calls
    reason = FINISHES.get(claude["stop_reason"], "stop")
    return {
        "id": claude["id"],
        "object": "chat.completion",
        "created": int(time.time()),
        "model": claude["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        "usage": _chat_usage(claude["usage"]),
    }


def _chat_usage(usage: JsonObject) -> JsonObject:
    cached = usage.get("cache_read_input_tokens") or 0
    prompt = usage["input_tokens"] + cached + (usage.get("cache_creation_input_tokens") or 0)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": usage["output_tokens"],
        "total_tokens": prompt + usage["output_tokens"],
        "prompt_tokens_details": {"cached_tokens": cached},
    }


class ChatStream:
    """Claude stream bytes -> OpenAI chat stream bytes, text and calls."""

    def __init__(self) -> None:
        self.rest, self.head, self.calls, self.stop, self.usage = b"", b"", -1, "stop", {}

    def feed(self, data: bytes) -> bytes:
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        out: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._event(loads(line[5:]), out)
        return b"".join(out)

    def _event(self, event: JsonObject, out: list[bytes]) -> None:
        kind = event["type"]
        if kind == "content_block_delta":
            delta = event["delta"]
            if delta["type"] == "text_delta":
                self._delta(out, b'{"content":%b}' % dumps(delta["text"]))
            elif delta["type"] == "input_json_delta":
                text = dumps(delta["partial_json"])
                self._delta(out, b'{"tool_calls":[{"index":%d,"function":{"arguments":%b}}]}' % (self.calls, text))
        elif kind == "content_block_start":
            block = event["content_block"]
            if block["type"] == "tool_use":
                self.calls += 1
                function = {"name": block["name"], "arguments": ""}
                call = {"index": self.calls, "id": block["id"], "type": "function", "function": function}
                self._delta(out, dumps({"tool_calls": [call]}))
        elif kind == "message_start":
            self._start(event["message"], out)
        elif kind == "message_delta":
            self.stop = FINISHES.get(event["delta"]["stop_reason"], "stop")
            self.usage |= event["usage"]
        elif kind == "message_stop":
            self._finish(out)

    def _start(self, message: JsonObject, out: list[bytes]) -> None:
        self.usage = message["usage"]
        head = {"id": message["id"], "object": "chat.completion.chunk", "created": int(time.time())}
        self.head = dumps({**head, "model": message["model"]})[:-1]
        self._delta(out, b'{"role":"assistant","content":""}')

    def _delta(self, out: list[bytes], delta: bytes) -> None:
        out.append(b'data: %b,"choices":[{"index":0,"delta":%b,"finish_reason":null}]}\n\n' % (self.head, delta))

    def _finish(self, out: list[bytes]) -> None:
        last = b'data: %b,"choices":[{"index":0,"delta":{},"finish_reason":%b}]}\n\n' % (self.head, dumps(self.stop))
        usage = dumps(_chat_usage(self.usage))
        out += (last, b'data: %b,"choices":[],"usage":%b}\n\n' % (self.head, usage), b"data: [DONE]\n\n")
